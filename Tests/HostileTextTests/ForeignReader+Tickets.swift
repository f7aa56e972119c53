import CurlClient
import Foundation
import OneTimeLinks

@testable import LinkService
@testable import TicketSystem

extension ForeignReader {
    /// Answers of other servers.
    static let tickets: [ForeignReader] = [
        ForeignReader(
            "tickets in an answer of the desk", pieces: jsonPieces + [articlePiece],
            frames: [
                ("", ""),
                (#"{"Ticket":[{"TicketID":1,"TicketNumber":"1","State":"a","StateType":"a","Article":["#, "]}]}"),
                (#"{"Ticket":[{"TicketID":1,"TicketNumber":"1","State":"a","StateType":"a","Title":""#, #""}]}"#),
            ]
        ) { text in
            let answer = HTTPResponse(status: 200, headers: [], body: text)
            let tickets = try? OTOBOAnswer.decode(OTOBOTicketList.self, from: answer, operation: .ticketGet).tickets
            let times = DeskTimeFormat(timeZone: .gmt)
            for ticket in tickets ?? [] {
                _ = (ticket.ticket(times: times), ticket.articles?.value?.elements.map { $0.article(times: times) })
            }
        },
        ForeignReader(
            "histories in an answer of the desk",
            pieces: jsonPieces + [#"{"HistoryType":"Merged","Name":"%%1%%2%%3%%4"},"#, "%%1"],
            frames: [
                (#"{"TicketHistory":[{"TicketID":1,"History":["#, #"{"HistoryType":"a","Name":"a"}]}]}"#),
                (#"{"TicketHistory":[{"TicketID":1,"History":[{"HistoryType":"Merged","Name":"%%"#, #""}]}]}"#),
            ]
        ) { text in
            let answer = HTTPResponse(status: 200, headers: [], body: text)
            let histories = try? OTOBOAnswer.decode(OTOBOHistory.self, from: answer, operation: .ticketHistoryGet)
            _ = histories?.tickets.map(\.mergedInto)
        },
        ForeignReader(
            "found tickets in an answer of the desk", pieces: ["1,", #""1","#], frames: [(#"{"TicketID":["#, "1]}")]
        ) { text in
            let answer = HTTPResponse(status: 200, headers: [], body: text)
            _ = try? OTOBOAnswer.decode(OTOBOSearchResult.self, from: answer, operation: .ticketSearch)
        },
        ForeignReader("failures of the desk") { text in
            for status in [200, 500, 502, 418] {
                let answer = HTTPResponse(status: status, headers: [], body: text)
                _ = try? OTOBOAnswer.decode(OTOBOSearchResult.self, from: answer, operation: .ticketSearch)
            }
        },
        ForeignReader(
            "lines of the desk's editor",
            pieces: [
                "[1] https://ckeditor.com/a\n", "[2] https://otrs.com/\n", "[3] https://otobo.io/\n", "> ", footnotes,
            ],
            frames: [("", ""), ("", "a")]
        ) { (text: String) in
            _ = EditorFootnotes.removed(from: text)
        },
        ForeignReader("date of the desk", pieces: ["2026-11-25 10:00:00", "2026-"]) { (text: String) in
            _ = DeskTimeFormat(timeZone: .gmt).date(from: text)
        },
        ForeignReader(
            "event of the desk", pieces: jsonPieces + [#"{"ArticleID":1},"#, #""TicketID":1,"#],
            frames: [("", ""), (#"{"Event":"TicketCreate","Article":["#, #"{}],"TicketID":1}"#)]
        ) { text in
            _ = try? JSONDecoder().decode(DeskEvent.self, from: Data(text))
        },
    ]

    private static let jsonPieces = [
        "[", "{\"a\":", "\"a\",", "1,", "null,", "\\u00e4", "\\ud83d\\ude00", "1e", "0.1", "-", "true,", "\"a\":1,",
        "{\"Article\":[",
        "\"Ticket\":", "]", "}",
    ]
    private static let footnotes = "[1] https://ckeditor.com/a\n[2] https://otrs.com/\n[3] https://otobo.io/\n"
    private static let articlePiece =
        #"{"ArticleID":1,"IsVisibleForCustomer":1,"Body":"<a<a<a","MimeType":"text/html"},"#
}
