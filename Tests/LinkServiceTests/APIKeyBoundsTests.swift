import Crypto
import CurlClient
import Foundation
import LinkStore
import Logging
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@testable import LinkService

@Suite("What an API key is bound to")
struct APIKeyBoundsTests {
    @Test(
        "A key counts from its networks only, by the address that trusted proxies tell",
        arguments: [
            ([], "203.0.113.9", 200), (["192.0.2.0/24"], "192.0.2.25", 200), (["192.0.2.0/24"], "192.0.3.25", 403),
            (["192.0.2.0/24", "2001:db8::/32"], "2001:db8::9", 200), (["192.0.2.25"], "192.0.2.26", 403),
            (["nonsense"], "192.0.2.25", 403),
        ] as [([String], String, Int)])
    func networks(networks: [String], client: String, status: Int) async throws {
        let loopback = try #require(AddressRange("127.0.0.0/8"))
        let lines = LogLines()
        try await withService(trustedProxies: [loopback], logger: Logger(label: "test") { _ in lines }) {
            (replica, service, _) async throws in
            let hash = Array(SHA256.hash(data: Data("ota_bound".utf8)))
            #expect(
                try await replica.store.apiKeys.create(name: "bound", hash: hash, scopes: [.read], networks: networks))
            let caller = APICaller(service: service, key: "ota_bound")
            let answer = try await caller.call(.get, "/links?ticket=1", headers: [("X-Forwarded-For", client)])
            #expect(answer.status == status)
            #expect(answer.text.contains("foreign-network") == (status == 403))
            #expect(
                lines.all.contains { $0.contains("where it does not count") && $0.contains("bound") } == (status == 403)
            )
        }
    }

    @Test("So many links an hour are made with a key, over all replicas; the next is refused, and so is its repeat")
    func issued() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let settings = [SettingName.linksPerAPIKeyAndHour: "3"]
            try await serving(dependencies(replicas[0], desk, settings)) { (first) async throws in
                try await serving(dependencies(replicas[1], desk, settings)) { (second) async throws in
                    let caller = try await replicas[0].caller(first)
                    try await Self.openHour(of: "test", database)
                    let callers = [caller, APICaller(service: second, key: caller.key)]
                    var statuses: [Int] = []
                    for index in 0..<5 {
                        let answer = try await callers[index % 2].issue()
                        statuses.append(answer.status)
                        guard answer.status == 429 else { continue }
                        #expect(answer.text.contains("too-many-links"))
                        #expect(answer.header("Retry-After").flatMap { Int($0) }.map { $0 > 0 } == true)
                    }
                    #expect(statuses == [201, 201, 201, 429, 429])
                    // A call with a name of its own is not answered, and goes through when there is room again.
                    let named = [(name: "Idempotency-Key", value: "once")]
                    #expect(try await caller.issue(named).status == 429)
                    try await database.psql("UPDATE otalink.api_token_use SET tokens = 2")
                    #expect(try await caller.issue(named).status == 201)
                    #expect(try await caller.issue(named).status == 201)
                    #expect(try await database.psql("SELECT count(*) FROM otalink.link") == "4")
                    // Refusals count for nothing, and other keys have their own.
                    let other = try await replicas[0].caller(second, name: "other")
                    #expect(try await other.issue().status == 201)
                }
            }
        }
    }

    @Test("At the limit a mail of the desk goes out with the plain address, once more with the link that it had")
    func offered() async throws {
        try await withService([SettingName.linksPerAPIKeyAndHour: "1"]) { (replica, service, database) async throws in
            let caller = try await replica.caller(service)
            try await Self.openHour(of: "test", database)
            func filtered(_ id: String) async throws -> String {
                let mail =
                    "From: support@example.org\r\nTo: anna@example.org\r\nMessage-ID: <\(id)@desk.example>\r\n"
                    + "Subject: [Ticket#2026112510000018] x\r\n\r\n<OTOBO_OTACustomerTicketLink>\r\n"
                let answer = try await caller.call(.post, "/mail/outbound", body: mail)
                #expect(answer.status == 200)
                return answer.text
            }
            #expect(try await filtered("one").contains("\"linked\""))
            let second = try await filtered("two")
            #expect(second.contains("\"limited\""))
            #expect(try await filtered("one").contains("\"linked\""))
            #expect(try await database.psql("SELECT count(*) FROM otalink.link") == "1")
        }
    }

    /// An hour that does not end while the test runs.
    private static func openHour(of key: String, _ database: TestDatabase) async throws {
        try await database.psql(
            "INSERT INTO otalink.api_token_use VALUES ('\(key)', date_trunc('hour', now()) + interval '9 hours', 0)")
    }
}
