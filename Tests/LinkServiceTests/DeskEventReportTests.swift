import CurlClient
import Foundation
import LinkStore
import Logging
import OneTimeLinks
import ReplicaSupport
import Synchronization
import TestSupport
import Testing

@testable import LinkService

@Suite("Reports of the desk", .timeLimit(.minutes(10)))
struct DeskEventReportTests {
    private static let path = "/desk/events"

    private static func rows(_ database: TestDatabase) async throws -> String {
        try await database.psql(
            "SELECT event, count(*), sum(reports) FROM otalink.desk_event GROUP BY event ORDER BY 1")
    }

    @Test("A report is answered when it is written down, also while the desk is away, and asks the desk nothing")
    func written() async throws {
        try await withAPI { (replica, caller, database) async throws in
            caller.service.desk.change { $0.isReachable = false }
            for _ in 0..<3 {
                let answer = try await caller.call(
                    .post, Self.path, body: #"{"Event":"ArticleCreate","TicketID":1,"ArticleID":7}"#)
                #expect(answer.status == 200 && answer.text == #"{"Success":1}"#)
            }
            #expect(caller.service.desk.state.withLock { $0.questions + $0.articleReads } == 0)
            #expect(try await Self.rows(database) == "ArticleCreate|1|3")
            #expect(try await database.psql("SELECT request_id <> '' FROM otalink.desk_event") == "t")
        }
    }

    @Test("From the report on, a click and an open page ask the desk, before anything was worked off")
    func asked() async throws {
        try await withAPI { (replica, caller, database) async throws in
            let service = caller.service
            let browser = Browser(client: service.client, base: service.url)
            #expect(try await browser.press(try await browser.get("/l/\(try await replica.token())")).status == 303)
            let token = try await replica.token()
            let ticket = try exampleTicket().number
            service.desk.change { state in
                state.tickets[ticket]?.customerLogin = "bert@example.org"
                state.questions = 0
            }
            #expect(try await browser.get("/t/\(ticket)").status == 200)
            #expect(
                try await caller.call(.post, Self.path, body: #"{"Event":"TicketCustomerUpdate","TicketID":1}"#).status
                    == 200)
            #expect(try await browser.get("/t/\(ticket)").status != 200)
            let other = Browser(client: service.client, base: service.url)
            let refused = try await other.press(try await other.get("/l/\(token)"))
            #expect(refused.status == 410)
            #expect(try await database.psql("SELECT state FROM otalink.desk_event") == "queued")
        }
    }

    @Test(
        "What is large, nested, unknown or has U+0000 is bounded",
        arguments: [
            (#"{"Event":"TicketFrobnicate","TicketID":"1"}"#, 200, "other|1|1"),
            (#"{"Event":"Ticket\u0000Create","TicketID":"1"}"#, 200, "other|1|1"),
            (#"{"Event":"TicketCreate","TicketID":1,"Title":"a\u0000b"}"#, 200, "TicketCreate|1|1"),
            (#"{"Event":"TicketCreate","TicketID":1,"ArticleID":7}"#, 200, "TicketCreate|1|1"),
            (#"{"TicketID":"1\u0000"}"#, 400, ""), (#"{"TicketID":0}"#, 400, ""), (#"{"TicketID":1e30}"#, 400, ""),
            (#"{"TicketID":1,"x":"# + String(repeating: "[", count: 20_000), 400, ""),
            (
                #"{"TicketID":1,"x":"# + String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
                    + "}",
                400, ""
            ),
            (#"{"TicketID":1,"x":""# + String(repeating: "a", count: 1 << 20) + #""}"#, 413, ""),
        ])
    func bounded(body: String, status: Int, rows: String) async throws {
        try await withAPI { (_, caller, database) async throws in
            #expect(try await caller.call(.post, Self.path, body: body).status == status)
            #expect(try await Self.rows(database) == rows)
        }
    }

    @Test("A hundred reports at once of the same and of different events are a row each")
    func many() async throws {
        try await withAPI { (_, caller, database) async throws in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let body =
                            #"{"Event":"ArticleCreate","TicketID":\#(number % 5 + 1),"ArticleID":\#(number % 5)}"#
                        return try await caller.call(.post, Self.path, body: body).status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await Self.rows(database) == "ArticleCreate|5|100")
        }
    }

    @Test(
        "Refused reports are one line of the log a minute with their number, and the trail has the reason, not the key")
    func refused() async throws {
        let lines = LogLines()
        try await withService(logger: Logger(label: "test") { _ in lines }) { replica, service, database in
            let good = try await replica.caller(service, name: "links", scopes: [.issueLinks])
            let wrong = APICaller(service: service, key: "ota_wrong-key-of-the-desk")
            let body = #"{"Event":"TicketCreate","TicketID":1}"#
            for _ in 0..<4 { #expect(try await wrong.call(.post, Self.path, body: body).status == 401) }
            #expect(try await good.call(.post, Self.path, body: body).status == 403)
            // Another operation has its own line.
            #expect(try await wrong.call(.post, "/links", body: body).status == 401)
            let told = lines.all.filter { $0.contains("call was refused") }
            #expect(told.count == 2 && told.allSatisfy { !$0.contains("wrong-key") })
            #expect(told.first?.contains("no-valid-key") == true && told.first?.contains("reportEvent") == true)
            let trail = "SELECT event, reason, client_address FROM otalink.audit_event WHERE event LIKE 'desk%'"
            #expect(try await database.psql(trail) == "desk_event.refused|no-valid-key|127.0.0.1")
            #expect(try await Self.rows(database) == "")
        }
    }

    @Test("A refused key of a mail filter is in the trail too; what a good key is told is not")
    func refusedMails() async throws {
        try await withService { replica, service, database in
            let links = try await replica.caller(service, name: "links", scopes: [.issueLinks])
            #expect(try await links.call(.post, "/mail/outbound", body: "x").status == 403)
            let wrong = APICaller(service: service, key: "ota_wrong")
            #expect(try await wrong.call(.post, "/mail/inbound", body: "x").status == 401)
            let good = try await replica.caller(service, name: "mail", scopes: [.outboundMail])
            #expect(try await good.call(.post, "/mail/outbound", body: "").status == 400)
            let trail =
                "SELECT event, reason, client_address FROM otalink.audit_event WHERE event LIKE '%.refused' ORDER BY at"
            #expect(
                try await database.psql(trail)
                    == "mail_outbound.refused|missing-scope|127.0.0.1\nmail_inbound.refused|no-valid-key|127.0.0.1")
        }
    }

    @Test("What was refused without a line is counted on the next one, a minute later")
    func counted() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let now = Mutex(ContinuousClock.now)
            let refused = RefusedCalls(audit: replicas[0].store.audit) { now.withLock(\.self) }
            let lines = LogLines()
            for seconds in [0, 1, 58, 2, 61] {
                now.withLock { $0 += .seconds(seconds) }
                await refused.note(
                    .reportEvent, .badRequest, code: nil, facts: .none, logger: Logger(label: "test") { _ in lines })
            }
            let told = lines.all.compactMap { $0.firstMatch(of: /since-last-line": (\d+)/)?.1 }
            #expect(told == ["0", "2", "0"], "\(lines.all)")
            let trail = "SELECT reason FROM otalink.audit_event WHERE event = 'desk_event.refused'"
            #expect(
                try await database.psql(trail) == Array(repeating: "not-understood", count: 3).joined(separator: "\n"))
        }
    }
}
