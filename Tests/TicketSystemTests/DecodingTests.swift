import CurlClient
import Foundation
import OneTimeLinks
import Testing

@testable import TicketSystem

@Suite("What the desk's recorded answers mean")
struct DecodingTests {
    struct Row: CustomTestStringConvertible {
        var recording: String
        var id: Int64
        var number: String
        var stateType: TicketStateType
        var state: String
        var customer = "kunde1"
        var closedAt: String?
        var testDescription: String { recording }
    }

    static let tickets = [
        Row(
            recording: "TicketGet.state_new_extended", id: 2, number: "2026112510000017", stateType: .new, state: "new"),
        Row(recording: "TicketGet.ok_extended", id: 3, number: "2026112510000026", stateType: .open, state: "open"),
        Row(
            recording: "TicketGet.state_pending_reminder_extended", id: 4, number: "2026112510000035",
            stateType: .pendingReminder, state: "pending reminder"),
        Row(
            recording: "TicketGet.state_pending_auto_extended", id: 5, number: "2026112510000044",
            stateType: .pendingAuto, state: "pending auto close+"),
        Row(
            recording: "TicketGet.state_closed_extended", id: 6, number: "2026112510000053", stateType: .closed,
            state: "closed successful", closedAt: "2026-11-25T01:47:35Z"),
        Row(
            recording: "TicketGet.state_closed_unsuccessful_extended", id: 7, number: "2026112510000062",
            stateType: .closed, state: "closed unsuccessful", closedAt: "2026-11-25T01:47:36Z"),
        Row(
            recording: "TicketGet.state_merged_stateset_extended", id: 8, number: "2026112510000071",
            stateType: .merged, state: "merged"),
        Row(
            recording: "TicketGet.state_removed_extended", id: 9, number: "2026112510000081", stateType: .removed,
            state: "removed"),
        Row(
            recording: "TicketGet.after_close_extended", id: 14, number: "2026112510000133", stateType: .closed,
            state: "closed successful", customer: "kunde2", closedAt: "2026-11-25T01:50:00Z"),
        // The desk still sends the time of the close; it must not count.
        Row(
            recording: "TicketGet.after_reopen_extended", id: 14, number: "2026112510000133", stateType: .open,
            state: "open", customer: "kunde2"),
        // Without Extended there is no close time.
        Row(
            recording: "TicketGet.state_closed", id: 6, number: "2026112510000053", stateType: .closed,
            state: "closed successful"),
    ]

    @Test("A ticket is read with its state and the last close that counts", arguments: tickets)
    func ticket(_ row: Row) throws {
        let list = try decode(OTOBOTicketList.self, row.recording, .ticketGet)
        let ticket = try #require(list.tickets.first?.ticket(times: DeskTimeFormat(timeZone: .gmt)))
        #expect(ticket.ticketID == row.id)
        #expect(ticket.number.text == row.number)
        #expect(ticket.stateType == row.stateType)
        #expect(ticket.state == row.state)
        #expect(ticket.customerLogin == row.customer)
        #expect(ticket.customerID == "ACME")
        #expect(ticket.queue == "Raw")
        #expect(ticket.closedAt?.ISO8601Format() == row.closedAt)
    }

    @Test("A close time of a desk in Berlin is read in its zone")
    func zone() throws {
        let list = try decode(OTOBOTicketList.self, "TimeZone.TicketGet", .ticketGet)
        let berlin = DeskTimeFormat(timeZone: try #require(TimeZone(identifier: "Europe/Berlin")))
        let ticket = try #require(list.tickets.first?.ticket(times: berlin))
        #expect(ticket.closedAt?.ISO8601Format() == "2026-11-25T01:51:55Z")
    }

    @Test("A list of fifty tickets is read in full")
    func list() throws {
        let list = try decode(OTOBOTicketList.self, "TicketGet.list_50", .ticketGet)
        #expect(list.tickets.map(\.ticketID.value) == Array(19...68))
    }

    @Test(
        "Found ids are read from texts, and an empty object is none",
        arguments: [
            ("TicketSearch.by_number_list", [6, 3]), ("TicketSearch.by_number_unknown", []),
            ("TicketSearch.statetype_multi", [11, 9, 8, 7, 6]), ("TicketSearch.deleted", []),
        ])
    func search(_ recording: String, _ ids: [Int64]) throws {
        #expect(try decode(OTOBOSearchResult.self, recording, .ticketSearch).ids == ids)
    }

    @Test("A merge is found in the history of the ticket that went into the other")
    func merge() throws {
        let history = try #require(
            decode(OTOBOHistory.self, "TicketHistoryGet.merged", .ticketHistoryGet).tickets.first)
        #expect(history.ticketID.value == 11)
        #expect(history.mergedInto?.text == "2026112510000099")
    }

    @Test(
        "Only the newest merge of the ticket itself counts",
        arguments: [
            (["%%1%%7%%2%%8"], "2"), (["%%1%%7%%2%%8", "%%1%%7%%3%%9"], "3"), (["%%5%%6%%1%%7"], nil),
            (["%%1%%7%%2%%8", "%%5%%6%%1%%7"], "2"), (["%%1%%7"], nil), (["merged"], nil), ([], nil),
            (["%%1%%7%%1%%7"], nil),
            (["%%1%%7%%not a number!%%8"], nil),
        ])
    func newestMerge(_ names: [String], _ target: String?) throws {
        let entries =
            names.map { #"{"HistoryType":"Merged","Name":"\#($0)"}"# }
            + [#"{"HistoryType":"Misc","Name":"%%1%%7%%4%%4"}"#]
        let json = #"{"TicketHistory":[{"TicketID":"7","History":[\#(entries.joined(separator: ","))]}]}"#
        let history = try JSONDecoder().decode(OTOBOHistory.self, from: Data(json.utf8))
        #expect(history.tickets.first?.mergedInto?.text == target)
    }

    @Test("Internal articles stay out")
    func articles() throws {
        let list = try decode(OTOBOTicketList.self, "TicketGet.ok_allarticles", .ticketGet)
        let wire = try #require(list.tickets.first?.articles?.value?.elements)
        #expect(wire.count == 2)
        let articles = wire.compactMap { $0.article(times: DeskTimeFormat(timeZone: .gmt)) }
        let article = try #require(articles.first)
        #expect(articles.count == 1)
        #expect(article.sender == .customer)
        #expect(article.from == #""Jörg Müller" <kunde1@kunde.example>"#)
        #expect(article.text.hasSuffix("Ärger mit 日本語 🦦\n"))
        #expect(article.createdAt?.ISO8601Format() == "2026-11-25T01:47:35Z")
    }

    @Test(
        "An article is visible only if the desk says so, and HTML becomes text",
        arguments: [
            (#""IsVisibleForCustomer":1,"MimeType":"text/plain","Body":"<b>a</b>""#, "<b>a</b>"),
            (#""IsVisibleForCustomer":"1","MimeType":"text/html","Body":"<b>a</b>""#, "a"),
            (#""IsVisibleForCustomer":0,"Body":"a""#, nil), (#""IsVisibleForCustomer":"","Body":"a""#, nil),
            (#""Body":"a""#, nil),
        ])
    func visibility(_ fields: String, _ text: String?) throws {
        let article = try? JSONDecoder().decode(
            OTOBOArticle.self, from: Data(#"{"ArticleID":"5",\#(fields)}"#.utf8))
        #expect(article?.article(times: DeskTimeFormat(timeZone: .gmt))?.text == text)
    }

    @Test("Numbers may come as texts and texts as numbers")
    func mixedTypes() throws {
        let json = """
            {"Ticket":[{"TicketID":"12","TicketNumber":2026112510000026,"Title":7,"State":"open","StateType":"open",
            "CustomerUserID":null,"CustomerID":0,"Queue":"Raw"}]}
            """
        let list = try JSONDecoder().decode(OTOBOTicketList.self, from: Data(json.utf8))
        let ticket = try #require(list.tickets.first?.ticket(times: DeskTimeFormat(timeZone: .gmt)))
        #expect(ticket.ticketID == 12)
        #expect(ticket.number.text == "2026112510000026")
        #expect(ticket.title == "7")
        #expect(ticket.customerLogin == nil)
        #expect(ticket.customerID == "0")
    }

    static let failures: [(name: String, response: HTTPResponse, kind: TicketSystemError.Kind)] = {
        func text(_ status: Int, _ type: String?, _ body: String) -> HTTPResponse {
            HTTPResponse(status: status, headers: type.map { [("Content-Type", $0)] } ?? [], body: Array(body.utf8))
        }
        let html = "<html><h1>Sorry</h1></html>"
        return [
            ("operation error", Fixture.error("TicketGet.AccessDenied"), .refused(errorCode: "TicketGet.AccessDenied")),
            ("unknown service", text(500, nil, ""), .serviceMissing),
            (
                "unknown route", text(500, "text/plain", "HTTP::REST Error while determine Operation for '/x'."),
                .operationMissing("TicketGet")
            ),
            (
                "bad JSON sent", text(500, "text/plain", "Error while decoding request content."),
                .badAnswer(.requestRejected)
            ),
            ("gateway page 500", text(500, "text/html", html), .gateway(status: 500)),
            ("gateway page 502", text(502, "text/html", html), .gateway(status: 502)),
            ("gateway 503 in plain text", text(503, "text/plain", "busy"), .gateway(status: 503)),
            ("gateway page 200", text(200, "text/html", html), .gateway(status: 200)),
            ("gateway page 200 without a type", text(200, nil, "\n <!DOCTYPE html>"), .gateway(status: 200)),
            ("login page 302", text(302, nil, ""), .badAnswer(.httpStatus)),
            ("not found page", text(404, "text/html", html), .gateway(status: 404)),
            ("too large", text(413, "text/plain", "Payload Too Large"), .badAnswer(.httpStatus)),
            ("empty", text(200, "application/json", ""), .badAnswer(.empty)),
            ("cut off", Fixture.json(#"{"Ticket":[{"TicketID":3,"#), .badAnswer(.unreadable)),
            ("a number", Fixture.json("3"), .badAnswer(.unreadable)),
            ("no tickets", Fixture.json("{}"), .badAnswer(.unexpectedShape)),
            (
                "no state", Fixture.json(#"{"Ticket":[{"TicketID":3,"TicketNumber":"1"}]}"#),
                .badAnswer(.unexpectedShape)
            ),
        ]
    }()

    @Test("What is no result says what it is", arguments: failures)
    func failure(_ row: (name: String, response: HTTPResponse, kind: TicketSystemError.Kind)) {
        #expect(throws: TicketSystemError(row.kind, operation: "TicketGet"), "\(row.name)") {
            try OTOBOAnswer.decode(OTOBOTicketList.self, from: row.response, operation: .ticketGet)
        }
    }

    @Test(
        "Recorded errors say what they are",
        arguments: [
            ("Service.unknown", .serviceMissing), ("Service.disabled", .serviceMissing),
            ("Service.no_route", .operationMissing("TicketGet")), ("Service.too_large", .badAnswer(.httpStatus)),
            ("TicketGet.unknown", .refused(errorCode: "TicketGet.AccessDenied")),
            ("TicketGet.session_idle_expired", .refused(errorCode: "TicketGet.AuthFail")),
            ("TicketCreate.bad_json", .badAnswer(.requestRejected)),
        ] as [(String, TicketSystemError.Kind)])
    func recordedFailure(_ recording: String, _ kind: TicketSystemError.Kind) throws {
        let response = try Fixture.response(recording)
        #expect(throws: TicketSystemError(kind, operation: "TicketGet")) {
            try OTOBOAnswer.decode(OTOBOTicketList.self, from: response, operation: .ticketGet)
        }
    }

    private func decode<Result: Decodable>(
        _ type: Result.Type, _ recording: String, _ operation: OTOBOOperation
    ) throws -> Result {
        try OTOBOAnswer.decode(type, from: Fixture.response(recording), operation: operation)
    }
}
