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

@Suite("What is kept of a request")
struct RequestTraceTests {
    /// The visits that a service was told of.
    private final class Visits: Sendable {
        let all = Mutex<[LinkVisit]>([])

        var words: [String] { all.withLock { $0.map(\.visitor.word) } }
    }

    private func get(
        _ base: ServiceUnderTest, _ path: String, _ headers: [(String, String)] = [], method: HTTPRequest.Method = .get
    ) async throws -> HTTPResponse {
        try await base.client.send(HTTPRequest(method: method, url: base.url + path, headers: headers))
    }

    @Test(
        "Each visit of a link is told of, a scanner's apart from a person's; a forged token and the button are no visits"
    )
    func visits() async throws {
        let visits = Visits()
        try await withService(noteVisit: { visit in visits.all.withLock { $0.append(visit) } }) {
            replica, base, database in
            let path = "/l/\(try await replica.token())"
            let person = [("User-Agent", "Mozilla/5.0 (X11) Firefox/145.0"), ("Accept-Language", "de")]
            #expect(try await get(base, path, person).status == 200)
            #expect(try await get(base, path, person, method: .head).status == 200)
            #expect(try await get(base, path, [("User-Agent", "SafeLinks-Scanner/1.0")]).status == 200)
            #expect(try await get(base, path, person + [("Sec-Purpose", "prefetch")]).status == 200)
            #expect(try await get(base, path, person + [("Sec-Fetch-Mode", "cors")]).status == 200)
            _ = try await get(base, "/l/" + String(repeating: "A", count: 43), person)
            let browser = Browser(client: base.client, base: base.url)
            #expect(try await browser.press(try await browser.get(path)).status == 303)
            #expect(
                visits.words == [
                    "browser-agent", "head", "known-agent", "prefetch", "no-navigation", "no-language",
                ])
            let kept = try #require(visits.all.withLock { $0.first })
            #expect(kept.context.clientAddress == "127.0.0.1" && kept.context.userAgent == person[0].1)
            #expect(try await database.psql("SELECT state FROM otalink.link") == "used")
        }
    }

    @Test("A request has one id in the answer, in the log and in the audit trail, the proxy's if one of ours gave it")
    func requestID() async throws {
        let log = LogLines()
        let logger = Logger(label: "test") { _ in log }
        let loopback = try #require(AddressRange("127.0.0.1"))
        try await withService(trustedProxies: [loopback], logger: logger) { replica, base, database in
            let browser = Browser(client: base.client, base: base.url)
            let page = try await browser.get("/l/\(try await replica.token())")
            let own = try #require(page.header("X-Request-Id"))
            #expect(own.utf8.count >= 16)
            let clicked = try await browser.press(page, headers: [("X-Request-Id", "edge-7f3a:12")])
            #expect(clicked.status == 303 && clicked.header("X-Request-Id") == "edge-7f3a:12")
            #expect(log.all.contains { $0.contains("A link was clicked") && $0.contains("edge-7f3a:12") })
            let written = try await database.psql(
                "SELECT request_id FROM otalink.audit_event WHERE event = 'link.redeemed'")
            #expect(written == "edge-7f3a:12")
        }
    }

    @Test("An id that others wrote, or that is no plain word, counts for nothing")
    func foreignID() async throws {
        try await withService { _, base, _ in
            let answer = try await get(base, "/l/x", [("X-Request-Id", "mine")])
            let name = try #require(answer.header("X-Request-Id"))
            #expect(!name.isEmpty && name != "mine")
        }
        for name in ["", "a b", "a\"b", "<b>", "ä", String(repeating: "x", count: 129)] {
            #expect(!RequestNames.isAcceptable(name), "\(name)")
        }
        #expect(RequestNames.isAcceptable(String(repeating: "x", count: 128)))
    }

    @Test("Problem details and the page of an error name the id under which the log has the error")
    func errors() async throws {
        let log = LogLines()
        let logger = Logger(label: "test") { _ in log }
        try await withService(logger: logger) { replica, base, database in
            try await database.psql(
                "ALTER TABLE otalink.api_key RENAME TO away; ALTER TABLE otalink.link RENAME TO gone")
            let call = try await base.client.send(
                HTTPRequest(
                    method: .post, url: base.url + "/api/v1/links", headers: [("Authorization", "Bearer ota_key")],
                    body: Array("{}".utf8)))
            #expect(call.status == 500)
            let id = try #require(call.text.firstMatch(of: /"requestID":"([^"]+)"/)?.1)
            #expect(call.header("X-Request-Id") == String(id))
            #expect(log.all.contains { $0.contains("A call failed") && $0.contains(id) })
            let browser = Browser(client: base.client, base: base.url)
            let token = try #require(replica.keys.sign(.version7(), as: .link))
            let page = try await browser.press(try await browser.get("/l/\(token)"))
            #expect(page.status == 500)
            let shown = try #require(page.header("X-Request-Id"))
            #expect(page.text.contains("<code>\(shown)</code>"))
            #expect(log.all.contains { $0.contains("A request failed") && $0.contains(shown) })
        }
    }
}
