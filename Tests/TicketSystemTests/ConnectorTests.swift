import CurlClient
import Foundation
import Logging
import OneTimeLinks
import Synchronization
import Testing

@testable import TicketSystem

@Suite("The connector, on recorded and made-up answers")
struct ConnectorTests {
    private let number = TicketNumber("2026112510000053")

    @Test("A ticket is searched by its number and read with its close time")
    func byNumber() async throws {
        let number = try #require(number)
        let desk = ReplayedDesk([
            .login, .once("/Ticket?", Fixture.json(#"{"TicketID":["6"]}"#)),
            .once("/Ticket/6?", try Fixture.response("TicketGet.state_closed_extended")),
        ])
        let ticket = try #require(try await desk.connector().ticket(number: number).ticket)
        #expect(ticket.closedAt?.ISO8601Format() == "2026-11-25T01:47:35Z")
        #expect(
            desk.requests == [
                "POST /Session", "GET /Ticket?TicketNumber=2026112510000053&SearchInArchive=AllTickets&Limit=2",
                "GET /Ticket/6?Extended=1",
            ])
    }

    @Test("How a ticket began is told by its first article, whoever may see it")
    func origin() async throws {
        let desk = ReplayedDesk([.login, .once("/Ticket/3?", try Fixture.response("TicketGet.ok_allarticles"))])
        let origin = try await desk.connector().origin(ofTicket: 3)
        #expect(
            origin
                == TicketOrigin(
                    sender: .customer, isMail: true, from: "\"Jörg Müller\" <kunde1@kunde.example>",
                    to: "Raw <support@otobo.example>",
                    subject: "Offenes Ticket mit Umlauten: äöüß ÄÖÜ € – “Grüße”"))
        #expect(
            desk.requests.last == "GET /Ticket/3?AllArticles=1&ArticleOrder=ASC&ArticleLimit=1")
    }

    @Test(
        "A call is no mail; a desk without channels has mails only; no article, or one that makes no sense, is none",
        arguments: [
            (#"[{"SenderType":"customer","CommunicationChannelID":2,"MessageID":""}]"#, false),
            (#"[{"SenderType":"agent","CommunicationChannelID":"3"}]"#, false),
            (#"[{"SenderType":"customer","CommunicationChannelID":1}]"#, true),
            (#"[{"SenderType":"customer","CommunicationChannelID":2,"MessageID":"<a@x>"}]"#, true),
            (#"[{"SenderType":"customer"}]"#, true), ("[]", nil), (#""""#, nil), (#"[{"From":{}}]"#, nil),
            ("null", nil),
        ] as [(String, Bool?)])
    func channels(articles: String, isMail: Bool?) async throws {
        let answer = Fixture.json(#"{"Ticket":[{"TicketID":3,"Article":\#(articles)}]}"#)
        let desk = ReplayedDesk([.login, .once("/Ticket/3?", answer)])
        #expect(try await desk.connector().origin(ofTicket: 3)?.isMail == isMail)
    }

    @Test("A number that nobody has is invisible")
    func unknownNumber() async throws {
        let number = try #require(number)
        let desk = ReplayedDesk([.login, .once("/Ticket?", Fixture.json("{}"))])
        #expect(try await desk.connector().ticket(number: number) == .invisible)
    }

    @Test(
        "What was not asked for is not taken for an answer",
        arguments: [
            // The search ignored its filter and found more than there can be.
            (#"{"TicketID":["6","3"]}"#, nil, .badAnswer(.unfiltered), "TicketSearch"),
            // The search found another ticket, or the desk sent another one.
            (#"{"TicketID":["3"]}"#, "TicketGet.ok_extended", .badAnswer(.otherTicket), "TicketGet"),
            (#"{"TicketID":["6"]}"#, "TicketGet.ok_extended", .badAnswer(.otherTicket), "TicketGet"),
            (#"{"TicketID":["6"]}"#, "TicketGet.list_path", .badAnswer(.otherTicket), "TicketGet"),
        ] as [(String, String?, TicketSystemError.Kind, String)])
    func verification(_ found: String, _ get: String?, _ kind: TicketSystemError.Kind, _ operation: String) async throws
    {
        let number = try #require(number)
        var answers: [ReplayedDesk.Answer] = [.login, .once("/Ticket?", Fixture.json(found))]
        if let get { answers.append(.once("/Ticket/", try Fixture.response(get))) }
        let connector = try ReplayedDesk(answers).connector()
        await #expect(throws: TicketSystemError(kind, operation: operation)) {
            try await connector.ticket(number: number)
        }
    }

    @Test("A list that lacks a ticket, or has another one, is not believed", arguments: [[5], [6, 5], [5, 2, 4]])
    func listVerification(_ ids: [Int64]) async throws {
        let desk = ReplayedDesk([.login, .once("/Ticket/", try Fixture.response("TicketGet.list_order"))])
        let connector = try desk.connector()
        await #expect(throws: TicketSystemError(.badAnswer(.otherTicket), operation: "TicketGet")) {
            try await connector.tickets(ids: ids)
        }
    }

    @Test("Where the search does not tell who is invisible, halving the list does")
    func halving() async throws {
        func tickets(_ ids: [Int]) -> HTTPResponse {
            let tickets = ids.map { #"{"TicketID":\#($0),"TicketNumber":"\#($0)","State":"open","StateType":"open"}"# }
            return Fixture.json(#"{"Ticket":[\#(tickets.joined(separator: ","))]}"#)
        }
        let denied = Fixture.error("TicketGet.AccessDenied")
        let desk = ReplayedDesk([
            .login, .once("/Ticket/1,2,3,4,5?", denied), .once("/Ticket?", Fixture.json(#"{"TicketID":[1,2,3,4,5]}"#)),
            .once("/Ticket/1,2?", tickets([1, 2])), .once("/Ticket/3,4,5?", denied), .once("/Ticket/3?", tickets([3])),
            .once("/Ticket/4,5?", denied), .once("/Ticket/4?", denied), .once("/Ticket/5?", tickets([5])),
        ])
        let readings = try await desk.connector().tickets(ids: [1, 2, 3, 4, 5])
        #expect(readings.filter { $0.value == .invisible }.map(\.key) == [4])
        #expect(readings.count == 5)
    }

    @Test("Ids that cannot be are invisible without a question", arguments: [0, -1, Int64.min])
    func impossibleID(_ id: Int64) async throws {
        let desk = ReplayedDesk([])
        #expect(try await desk.connector().ticket(id: id) == .invisible)
    }

    @Test("A merged ticket leads to the other one, found in its history")
    func merged() async throws {
        let desk = ReplayedDesk([
            .login, .once("/Ticket/11?", try Fixture.response("TicketGet.state_merged_real_extended")),
            .once("/TicketHistory/11?", try Fixture.response("TicketHistoryGet.merged")),
        ])
        #expect(try await desk.connector().ticket(id: 11).ticket?.mergedInto?.text == "2026112510000099")
    }

    @Test(
        "A merged ticket without a readable history leads nowhere",
        arguments: [
            Fixture.error("TicketHistoryGet.AccessDenied"), Fixture.json("{}"),
            HTTPResponse(
                status: 500, headers: [("Content-Type", "text/plain")],
                body: Array("HTTP::REST Error while determine Operation for request URI '/TicketHistory/11'.".utf8)),
        ])
    func mergedWithoutHistory(_ history: HTTPResponse) async throws {
        let desk = ReplayedDesk([
            .login, .once("/Ticket/11?", try Fixture.response("TicketGet.state_merged_real_extended")),
            .once("/TicketHistory/11?", history),
        ])
        let ticket = try #require(try await desk.connector().ticket(id: 11).ticket)
        #expect(ticket.stateType == .merged)
        #expect(ticket.mergedInto == nil)
    }

    @Test("A history out of reach is an error, not a merge into nothing")
    func mergedWhileDown() async throws {
        let desk = ReplayedDesk([
            .login, .once("/Ticket/11?", try Fixture.response("TicketGet.state_merged_real_extended")),
            .failing("/TicketHistory/11?", .timedOut),
        ])
        let connector = try desk.connector()
        await #expect(throws: TicketSystemError(.timedOut, operation: "TicketHistoryGet")) {
            try await connector.ticket(id: 11)
        }
    }

    @Test("The customer sees the visible articles; an invisible ticket has none to show")
    func articles() async throws {
        let desk = ReplayedDesk([
            .login, .once("/Ticket/3?", try Fixture.response("TicketGet.ok_allarticles")),
            .once("/Ticket/4?", try Fixture.response("TicketGet.unknown")),
        ])
        let connector = try desk.connector()
        #expect(try await connector.articles(ofTicket: 3).map(\.articleID) == [4])
        await #expect(throws: TicketSystemError(.invisible, operation: "TicketGet")) {
            try await connector.articles(ofTicket: 4)
        }
    }

    @Test("A search narrows by kind of state, in calls whose URLs web servers accept")
    func narrowing() async throws {
        let desk = ReplayedDesk([.login, .always("/Ticket?", Fixture.json("{}"))])
        let connector = try desk.connector()
        let ids = (1...2_000).map { Int64($0 + 100_000) }
        #expect(try await connector.search(ids: ids, stateTypes: [.closed, .pendingAuto]) == [])
        #expect(desk.rawRequests.allSatisfy { $0.url.utf8.count < 8_000 })
        #expect(desk.requests.count - 1 == 6)
        #expect(desk.requests.dropFirst().allSatisfy { $0.contains("&StateType=closed&StateType=pending%20auto&") })
    }

    @Test("A kind of state without a name matches nothing, rather than everything")
    func emptyStateType() async throws {
        let connector = try ReplayedDesk([]).connector()
        #expect(try await connector.search(ids: [3], stateTypes: [.other("")]) == [])
    }

    @Test("A search that finds ids that were not asked for is not believed")
    func unfiltered() async throws {
        let desk = ReplayedDesk([.login, .once("/Ticket?", Fixture.json(#"{"TicketID":["7"]}"#))])
        let connector = try desk.connector()
        await #expect(throws: TicketSystemError(.badAnswer(.unfiltered), operation: "TicketSearch")) {
            try await connector.search(ids: [3], stateTypes: [])
        }
    }

    @Test("Neither log nor error has the session, the password or the address")
    func secrets() async throws {
        let log = LogCollector()
        let desk = ReplayedDesk([.login, .failing("/Ticket/3?", .couldNotConnect)])
        let connector = try desk.connector(logger: Logger(label: "test") { _ in log })
        let error = await #expect(throws: TicketSystemError.self) { try await connector.ticket(id: 3) }
        let text = log.text + "\(try #require(error))" + String(reflecting: error) + String(reflecting: connector)
        #expect(!log.text.isEmpty)
        for secret in ["abc", "secret", "desk.example", "SessionID"] { #expect(!text.contains(secret), "\(secret)") }
    }
}
