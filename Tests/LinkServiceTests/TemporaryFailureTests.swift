import CurlClient
import LinkActs
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing
import TicketSystem

@testable import LinkService

@Suite("Requests that cannot be answered now")
struct TemporaryFailureTests {
    /// What a browser with a session sends.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let method: HTTPRequest.Method
        let path: String
    }

    static let rows: [Row] = [
        Row(testDescription: "the list of sessions", method: .get, path: "/sessions"),
        Row(testDescription: "signing out of one session", method: .post, path: "/sessions/SESSION/sign-out"),
        Row(testDescription: "signing out everywhere", method: .post, path: "/sessions/sign-out-everywhere"),
        Row(testDescription: "a proxy's question", method: .get, path: "/auth/verify"),
        Row(testDescription: "a proxy's question, head only", method: .head, path: "/auth/verify"),
        Row(testDescription: "a proxy's question about a path", method: .post, path: "/auth/verify/otobo/customer.pl"),
        Row(testDescription: "the ticket page", method: .get, path: "/t/2026112510000018"),
    ]

    @Test("While the desk is away and the facts are stale, every route says 503 and when to try again", arguments: rows)
    func deskAway(row: Row) async throws {
        try await withService { (replica, service, database) async throws in
            let browser = Browser(client: service.client, base: service.url)
            let clicked = try await browser.press(try await browser.get("/l/\(try await replica.token())"))
            #expect(clicked.status == 303)
            let list = try await browser.get("/sessions")
            let session = try await database.psql("SELECT id FROM otalink.session")
            let path = row.path.replacing("SESSION", with: session)
            let form = list.text.matches(of: /action="([^"]+)"><input type="hidden" name="form" value="([^"]+)"/)
                .first { $0.output.1 == path }.map { "form=\($0.output.2)" }
            service.desk.change { $0.isReachable = false }
            try await database.psql("UPDATE otalink.ticket SET read_at = now() - interval '1 hour'")
            func send() async throws -> HTTPResponse {
                if let form { return try await browser.post(path, form: form) }
                return try await browser.get(path, method: row.method)
            }
            let answer = try await send()
            #expect(answer.status == 503 && answer.header("Retry-After") == "10", "\(answer.status)")
            #expect(row.method == .head || answer.text.contains("try again"))
            #expect(try await database.psql("SELECT count(*) FROM otalink.session WHERE revoked_at IS NULL") == "1")
            service.desk.change { $0.isReachable = true }
            // A session of one ticket is not told to proxies.
            let later = row.path.hasPrefix("/auth/verify") ? [401] : [200, 303]
            #expect(later.contains(try await send().status))
        }
    }

    @Test("A link that works in a moment costs nothing meanwhile", arguments: ["", "/fresh"])
    func click(step: String) async throws {
        try await withService { (replica, service, database) async throws in
            let browser = Browser(client: service.client, base: service.url)
            let path = "/l/\(try await replica.token())"
            let page = try await browser.get(path)
            let proof = try #require(page.text.firstMatch(of: /name="form" value="([^"]+)"/)?.1)
            service.desk.change { $0.isReachable = false }
            try await database.psql("UPDATE otalink.ticket SET read_at = now() - interval '1 hour'")
            let answer = try await browser.post(path + step, form: "form=\(proof)")
            #expect(answer.status == 503 && answer.header("Retry-After") == "10")
            #expect(try await database.psql("SELECT state FROM otalink.link") == "active")
        }
    }

    @Test("What trying again mends, and what it does not")
    func table() {
        #expect(TemporaryFailure(DeskUnavailable()) == .desk)
        for (kind, failure) in [
            (.unreachable, .desk), (.timedOut, .desk), (.refused(errorCode: "TicketGet.AccessDenied"), .deskRefuses),
            (.loginRefused(retryAfter: .seconds(30)), .deskRefuses), (.serviceMissing, .deskRefuses),
        ] as [(TicketSystemError.Kind, TemporaryFailure)] {
            let error = TicketSystemError(kind, operation: "TicketGet")
            let unavailable = DeskUnavailable(cause: error)
            #expect(TemporaryFailure(error) == failure && TemporaryFailure(unavailable) == failure)
            #expect(TemporaryFailure(LinkUnspent(cause: unavailable)) == failure)
            #expect(unavailable.description.contains("\(error)"))
            #expect(unavailable.description.contains("does not answer") == false)
        }
        #expect(TemporaryFailure(CustomerTableUnreadable(cause: OwnError())) == .customerTable)
        #expect(TemporaryFailure(LostEveryRace()) == .conflict)
        #expect(TemporaryFailure(SigningKeyMissing()) == nil)
    }
}

private struct OwnError: Error {}
