import CurlClient
import Foundation
import OneTimeLinks
import Testing

@testable import TicketSystem

@Suite("Odd fields in the desk's answers")
struct OddFieldTests {
    /// What no field should be.
    static let odd = [#"{"a":1}"#, "[1]", "[]", "true", "1.5", #""x""#, "null", "1e400", #"" 1""#]

    private static let ticket: [(name: String, value: String)] = [
        ("TicketID", "3"), ("TicketNumber", #""2026112510000026""#), ("StateType", #""open""#), ("State", #""open""#),
        ("Title", #""T""#), ("Queue", #""Raw""#), ("CustomerUserID", #""anna""#), ("CustomerID", #""ACME""#),
        ("Changed", #""2026-11-25 01:47:35""#), ("Closed", #""2026-11-25 01:47:35""#),
    ]
    private static let article: [(name: String, value: String)] = [
        ("ArticleID", "5"), ("IsVisibleForCustomer", "1"), ("SenderType", #""agent""#), ("From", #""A""#),
        ("Subject", #""S""#), ("Body", #""B""#), ("MimeType", #""text/plain""#),
        ("CreateTime", #""2026-11-25 01:47:35""#),
        ("IncomingTime", "1795571255"),
    ]

    private static func object(
        _ fields: [(name: String, value: String)], _ changes: [String: String] = [:]
    ) -> String {
        "{" + fields.map { #""\#($0.name)":\#(changes[$0.name] ?? $0.value)"# }.joined(separator: ",") + "}"
    }

    private static func articles(_ list: String) async throws -> [TicketArticle] {
        let answer = #"{"Ticket":[\#(object(ticket + [("Article", list)]))]}"#
        return try await ReplayedDesk([.login, .once("/Ticket/3?", Fixture.json(answer))]).connector().articles(
            ofTicket: 3)
    }

    @Test(
        "In an article costs that article at the most, and what may not be shown is hidden",
        arguments: article.map(\.name))
    func articleField(_ name: String) async throws {
        let good = Self.object(Self.article, ["ArticleID": "6", "Body": #""good""#])
        for value in Self.odd where value != "1e400" {
            let list = "[\(Self.object(Self.article, [name: value])),\(good)]"
            let shown = try await Self.articles(list)
            #expect(shown.last?.text == "good", "\(name): \(value)")
            if name == "IsVisibleForCustomer", value != #"" 1""# { #expect(shown.count == 1, "\(value)") }
        }
        #expect(try await Self.articles("[7,null,[],\"x\",\(good)]").map(\.text) == ["good"])
        await #expect(throws: TicketSystemError(.badAnswer(.unexpectedShape), operation: "TicketGet")) {
            try await Self.articles("7")
        }
    }

    private static func list(_ tickets: [String]) -> HTTPResponse {
        Fixture.json(#"{"Ticket":[\#(tickets.joined(separator: ","))]}"#)
    }

    @Test("In a ticket costs that field, or that ticket, and none of the others", arguments: ticket.map(\.name))
    func ticketField(_ name: String) async throws {
        let good = Self.object(Self.ticket, ["TicketID": "4", "TicketNumber": #""4""#])
        for value in Self.odd where value != "1e400" {
            let odd = Self.object(Self.ticket, [name: value])
            let desk = ReplayedDesk([.login, .once("/Ticket/3,4?", Self.list([odd, good]))])
            let readings = try await desk.connector().tickets(ids: [3, 4])
            #expect(readings[4]?.ticket?.number.text == "4", "\(name): \(value)")
            // It is there: that it is invisible would let its links be deleted one day.
            #expect(readings[3] != .invisible, "\(name): \(value)")
            if name == "TicketID" { #expect(readings[3] == .unreadable) }
            if name == "Title" { #expect(readings[3]?.ticket?.stateType == .open) }
        }
    }

    @Test("One ticket alone that cannot be read is no answer, by its id and by its number")
    func alone() async throws {
        let odd = Self.object(Self.ticket, ["StateType": "{}"])
        let number = try #require(TicketNumber("2026112510000026"))
        let error = TicketSystemError(.badAnswer(.unexpectedShape), operation: "TicketGet")
        let desk = ReplayedDesk([
            .login, .always("/Ticket/3?", Self.list([odd])),
            .once("/Ticket?", Fixture.json(#"{"TicketID":["3"]}"#)),
        ])
        let connector = try desk.connector()
        await #expect(throws: error) { try await connector.ticket(id: 3) }
        await #expect(throws: error) { try await connector.ticket(number: number) }
    }

    @Test("Of numbers that were searched, those that may be the unreadable ticket's are left open")
    func numbers() async throws {
        let good = Self.object(Self.ticket, ["TicketID": "4", "TicketNumber": #""4""#])
        let odd = Self.object(Self.ticket, ["TicketNumber": "{}"])
        let numbers = try ["4", "5", "6"].map { try #require(TicketNumber($0)) }
        let desk = ReplayedDesk([
            .login, .once("/Ticket?", Fixture.json(#"{"TicketID":["3","4"]}"#)),
            .once("/Ticket/3,4?", Self.list([odd, good])),
        ])
        let readings = try await desk.connector().tickets(numbers: numbers)
        #expect(readings[numbers[0]]?.ticket?.ticketID == 4)
        #expect(readings[numbers[1]] == .unreadable && readings[numbers[2]] == .unreadable)
    }

    @Test("U+0000 is taken out of every text, but a login with one is nobody's")
    func noNUL() async throws {
        let nul = #"\u0000"#
        let odd = Self.object(
            Self.ticket,
            [
                "Title": #""Prin\#(nul)ter\#(nul)""#, "State": #""op\#(nul)en""#, "Queue": #""R\#(nul)aw""#,
                "CustomerID": #""AC\#(nul)ME""#, "CustomerUserID": #""an\#(nul)na""#,
            ])
        let desk = ReplayedDesk([.login, .once("/Ticket/3?", Self.list([odd]))])
        let ticket = try #require(try await desk.connector().ticket(id: 3).ticket)
        #expect((ticket.title, ticket.state, ticket.queue, ticket.customerID) == ("Printer", "open", "Raw", "ACME"))
        #expect(ticket.customerLogin == nil)
        let shown = try await Self.articles(
            "[\(Self.object(Self.article, ["Body": #""a\#(nul)b""#, "Subject": #""\#(nul)""#, "From": #""x\#(nul)""#]))]"
        )
        #expect(shown.map(\.text) == ["ab"] && shown.map(\.subject) == [""] && shown.map(\.from) == ["x"])
    }

    @Test("One odd entry of a history, or history of a list, costs only itself")
    func history() throws {
        let json =
            #"{"TicketHistory":[7,{"TicketID":"7","History":[1,{"HistoryType":{},"Name":"x"},"#
            + #"{"HistoryType":"Merged","Name":"%%1%%7%%2%%8"},null]},{"TicketID":"8"}]}"#
        let history = try JSONDecoder().decode(OTOBOHistory.self, from: Data(json.utf8))
        #expect(history.tickets.map(\.ticketID.value) == [7])
        #expect(history.tickets.first?.mergedInto?.text == "2")
    }
}
