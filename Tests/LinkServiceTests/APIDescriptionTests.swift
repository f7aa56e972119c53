import CurlClient
import Foundation
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@testable import LinkService

@Suite("The description of the JSON interface", .timeLimit(.minutes(10)))
struct APIDescriptionTests {
    @Test("Every route of the interface is described, and nothing else is")
    func routes() async throws {
        try await withReplicas { replicas, desk, _ in
            let router = LinkService.router(
                try dependencies(replicas[0], desk, baseURL: "http://127.0.0.1:8080/prefix"))
            let prefix = "/prefix/api/v1"
            let served = router.routes.filter { $0.path.description.hasPrefix(prefix + "/") && $0.method != .head }
                .map { "\($0.method) \($0.path.description.dropFirst(prefix.count))" }
            #expect(served.sorted() == APIOperation.all.map { "\($0.method) \($0.path)" }.sorted())
        }
    }

    @Test("It is served to everybody, and names each operation once, with its scope")
    func served() async throws {
        try await withService { _, base, _ in
            let answer = try await base.client.send(
                HTTPRequest(method: .get, url: base.url + "/api/openapi.json"))
            #expect(answer.status == 200 && answer.header("Content-Type") == "application/json")
            let document = try JSONDecoder().decode(Document.self, from: Data(answer.body))
            #expect(document.openapi == "3.1.0")
            #expect(document.servers.map(\.url) == ["http://127.0.0.1:8080/api/v1"])
            let described = document.paths.flatMap { path, operations in
                operations.map { "\($0.key.uppercased()) \(path) \($0.value.security[0]["bearer"] ?? [])" }
            }
            #expect(
                described.sorted()
                    == APIOperation.all.map { "\($0.method) \($0.path) [\"\($0.scope.rawValue)\"]" }.sorted())
            #expect(Set(APIOperation.all.map(\.id)).count == APIOperation.all.count)
        }
    }

    private struct Document: Decodable {
        struct Server: Decodable { let url: String }
        struct Operation: Decodable { let security: [[String: [String]]] }
        let openapi: String
        let servers: [Server]
        let paths: [String: [String: Operation]]
    }

    @Test("A key does what its one scope says, and nothing else", arguments: APIScope.allCases)
    func scopes(scope: APIScope) async throws {
        try await withService { replica, base, _ in
            let caller = try await replica.caller(base, scopes: [scope])
            for operation in APIOperation.all {
                let path = operation.path.replacing(/\{\w+\}/, with: UUID().uuidString)
                let method = HTTPRequest.Method(rawValue: operation.method.rawValue)
                let answer = try await caller.call(method, path)
                #expect((answer.status != 403) == (operation.scope == scope), "\(operation.id): \(answer.status)")
                #expect(answer.status != 401 && answer.status < 500)
                let stranger = APICaller(service: base, key: nil)
                #expect(try await stranger.call(method, path).status == 401)
            }
        }
    }

    @Test("Each scope is needed somewhere")
    func allScopes() {
        #expect(Set(APIOperation.all.map(\.scope)) == Set(APIScope.allCases))
    }

    @Test(
        "Where no operation is, a program is told which there are",
        arguments: [
            (.get, "/api/v1/nothing", 404, nil), (.get, "/api/v2/links", 404, nil), (.get, "/api/", 404, nil),
            (.delete, "/api/v1/links", 405, "POST, GET, HEAD"), (.get, "/api/v1/links/x/revoke", 405, "POST"),
            (.put, "/api/v1/links/x", 405, "GET, HEAD"),
        ] as [(HTTPRequest.Method, String, Int, String?)])
    func missing(method: HTTPRequest.Method, path: String, status: Int, allowed: String?) async throws {
        try await withService { _, base, _ in
            let answer = try await base.client.send(HTTPRequest(method: method, url: base.url + path))
            #expect(answer.status == status && answer.header("Allow") == allowed)
            #expect(answer.header("Content-Type") == "application/problem+json")
        }
    }

    @Test("The links of a ticket can be listed and looked at, without their tokens")
    func reading() async throws {
        try await withAPI { replica, caller, _ in
            var tokens: [String] = []
            for _ in 0..<3 { tokens.append(try await replica.token()) }
            let list = try await caller.call(.get, "/links?ticket=2026112510000018&limit=2")
            #expect(list.status == 200 && list.text.contains("\"hasMore\":true"))
            #expect(list.text.matches(of: /"state":"(\w+)"/).map { String($0.1) } == ["active", "superseded"])
            let id = try #require(replica.keys.verify(tokens[0], as: .link))
            let link = try await caller.call(.get, "/links/\(id)")
            #expect(link.status == 200 && link.text.contains(id.text))
            #expect(!tokens.contains { list.text.contains($0) || link.text.contains($0) })
            for (path, status) in [
                ("/links?ticket=1", 200), ("/links", 400), ("/links?ticket=a%20b", 400),
                ("/links?ticket=1&limit=0", 400), ("/links?ticket=1&limit=1001", 400), ("/links?ticket=1&limit=x", 400),
                ("/links/\(UUID())", 404), ("/links/1", 400),
            ] { #expect(try await caller.call(.get, path).status == status, "\(path)") }
        }
    }

    // MARK: Answers against their schemas

    fileprivate struct SeenAnswer: Encodable {
        let operation: String
        let status: Int
        let contentType: String?
        let body: Data
    }

    @Test(
        "The answers of each operation are what the description says",
        .enabled(if: InstalledProgram.hasPython("jsonschema"), "needs Python's jsonschema"))
    func answers() async throws {
        try await withAPI { replica, caller, _ in
            let document = try await caller.service.client.send(
                HTTPRequest(method: .get, url: caller.service.url + "/api/openapi.json"))
            let link = try #require(replica.keys.verify(try await replica.token(), as: .link))
            let mail =
                "To: anna@example.org\r\nSubject: [Ticket#2026112510000018]\r\n\r\n<OTOBO_OTACustomerTicketLink>\r\n"
            let calls: [(APIOperation, String, String)] = [
                (.issueLink, "/links", APICaller.linkRequest), (.issueLink, "/links", "{"),
                (.issueLink, "/links", APICaller.linkRequest.replacing("anna", with: "nobody")),
                (.listLinks, "/links?ticket=2026112510000018", ""), (.listLinks, "/links", ""),
                (.readLink, "/links/\(link)", ""), (.readLink, "/links/\(UUID())", ""), (.readLink, "/links/x", ""),
                (.reportEvent, "/desk/events", #"{"Event":"TicketCreate","TicketID":"1"}"#),
                (.reportEvent, "/desk/events", "[]"), (.filterInbound, "/mail/inbound", mail),
                (.filterOutbound, "/mail/outbound", mail), (.filterOutbound, "/mail/outbound", "Subject: x\r\n\r\nx"),
                (.acceptOutbound, "/mail/outbound/\(UUID())/accepted", ""),
                (.acceptOutbound, "/mail/outbound/x/accepted", ""),
                (.revokeLink, "/links/\(link)/revoke", ""), (.revokeLink, "/links/\(link)/revoke", ""),
                (.revokeLink, "/links/x/revoke", ""),
            ]
            var seen: [SeenAnswer] = []
            for (operation, path, body) in calls {
                let method = HTTPRequest.Method(rawValue: operation.method.rawValue)
                for caller in [caller, APICaller(service: caller.service, key: nil)] {
                    seen.append(SeenAnswer(operation.id, try await caller.call(method, path, body: body)))
                }
            }
            caller.service.desk.change { $0.isReachable = false }
            let other = APICaller.linkRequest.replacing("2026112510000018", with: "2026112510000026")
            seen.append(SeenAnswer(APIOperation.issueLink.id, try await caller.issue(body: other)))
            #expect(seen.last?.status == 503)
            // Each operation was seen to succeed; acceptances are in the test of outbound mail.
            for operation in APIOperation.all where operation.id != APIOperation.acceptOutbound.id {
                #expect(seen.contains { $0.operation == operation.id && $0.status < 300 }, "\(operation.id)")
            }
            let script = RepositoryRoot.path + "/Tests/TestSupport/Peers/check_answers.py"
            let input = Input(document: document.text, answers: seen)
            let finished = try await ChildProcess("python3", [script], input: JSONEncoder().encode(input)).finished()
            #expect(finished.status == 0, "\(finished.errors)\(finished.output)")
            #expect(finished.output == "\(seen.count) answers are as described\n")
        }
    }

    private struct Input: Encodable {
        let document: String
        let answers: [SeenAnswer]
    }

    // MARK: The documentation

    @Test("docs/api.md has each operation with its scope, and no other")
    func document() throws {
        let text = try String(contentsOfFile: RepositoryRoot.path + "/docs/api.md", encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") && $0.contains(" /api/") }.map(String.init)
        #expect(
            rows
                == APIOperation.all.map {
                    "| `\($0.method) /api/v1\($0.path)` | `\($0.scope.rawValue)` | \($0.summary) |"
                })
    }
}

extension APIDescriptionTests.SeenAnswer {
    fileprivate init(_ operation: String, _ answer: HTTPResponse) {
        self.init(
            operation: operation, status: answer.status, contentType: answer.header("Content-Type"),
            body: Data(answer.body))
    }
}
