import CurlClient
import Foundation
import LinkStore
import Logging
import OneTimeLinks
import PostgresClient
import ReplicaSupport
import Synchronization
import TestSupport
import Testing

@testable import LinkService

@Suite("Requests under a host that is not ours")
struct ForeignHostTests {
    private static let base = "https://tickets.example.org/otalink"

    private final class Notes: Sendable {
        private let hosts = Mutex([ForeignHost]())

        var all: [ForeignHost] { hosts.withLock { $0 } }

        func add(_ host: ForeignHost) { hosts.withLock { $0.append(host) } }
    }

    /// A service at `base`, which is asked by its address.
    private func withForeignHosts(
        _ stored: [String: String] = [:], trustedProxies: [String] = [], others: [String] = [],
        _ body: @escaping @Sendable (Replica, ServiceUnderTest, Notes) async throws -> Void
    ) async throws {
        try await withReplicas { replicas, desk, _ in
            let notes = Notes()
            var dependencies = try dependencies(
                replicas[0], desk, stored, deskTicketURL: "https://desk.example.org/otobo/customer.pl?TicketNumber=",
                baseURL: Self.base, hasAddOnLinks: true, trustedProxies: trustedProxies.compactMap(AddressRange.init))
            for other in others { dependencies.hosts.add(try #require(HostName(other))) }
            dependencies.noteForeignHost = { notes.add($0) }
            try await serving(dependencies) { service in try await body(replicas[0], service, notes) }
        }
    }

    private func get(
        _ service: ServiceUnderTest, _ path: String, host: String, forwarded: String? = nil,
        method: HTTPRequest.Method = .get
    ) async throws -> HTTPResponse {
        var headers = [("Host", host)]
        if let forwarded { headers.append(("X-Forwarded-Host", forwarded)) }
        return try await service.client.send(
            HTTPRequest(method: method, url: service.url + path, headers: headers.map { (name: $0.0, value: $0.1) }))
    }

    @Test(
        "A page is shown and noted, or refused if the setting says so",
        arguments: [
            ("tickets.example.org", nil, [], 200, nil), ("Tickets.Example.org:8443", nil, [], 200, nil),
            ("www.example.org", nil, [], 200, nil),
            ("app-1:8080", nil, [], 421, ForeignHost(name: "app-1", peer: "127.0.0.1", isOursElsewhere: false)),
            (
                "app-1", "tickets.example.org", [], 421,
                ForeignHost(name: "app-1", peer: "127.0.0.1", isOursElsewhere: true)
            ),
            ("app-1", "tickets.example.org", ["127.0.0.0/8"], 200, nil),
            (
                "tickets.example.org", "evil.example", ["127.0.0.0/8"], 421,
                ForeignHost(name: "evil.example", peer: "127.0.0.1", isOursElsewhere: false)
            ),
            ("a,b", nil, [], 421, ForeignHost(name: "(no name)", peer: "127.0.0.1", isOursElsewhere: false)),
        ] as [(String, String?, [String], Int, ForeignHost?)])
    func pages(host: String, forwarded: String?, trusted: [String], status: Int, note: ForeignHost?) async throws {
        for refuses in [false, true] {
            try await withForeignHosts(
                ["ForeignHosts": refuses ? "refuse" : "log"], trustedProxies: trusted, others: ["www.example.org"]
            ) { replica, service, notes in
                let path = "/otalink/l/\(try await replica.token())"
                let page = try await get(service, path, host: host, forwarded: forwarded)
                #expect(page.status == (refuses ? status : 200))
                #expect(notes.all == (note.map { [$0] } ?? []))
                if refuses, status == 421 {
                    #expect(page.text.contains("not our address") && !page.text.contains("<form"))
                    #expect(try await get(service, "/otalink/new-link", host: host, forwarded: forwarded).status == 421)
                }
            }
        }
    }

    @Test("What programs call takes any host, and what is nowhere is not noted")
    func anyHost() async throws {
        try await withForeignHosts(["ForeignHosts": "refuse"]) { _, service, notes in
            for (path, status) in [
                ("/health/live", 200), ("/health/ready", 200), ("/otalink/auth/verify", 401),
                ("/otalink/auth/verify/t/1", 401), ("/otalink/api/openapi.json", 200),
                ("/otalink/api/v1/nowhere", 404), ("/otalink/oidc/jwks", 200),
                ("/otalink/.well-known/openid-configuration", 200), ("/otalink/oidc/userinfo", 401),
            ] {
                let answer = try await get(service, path, host: "app-1:8080")
                #expect(answer.status == status, "\(path)")
            }
            for path in ["/", "/otalink/wp-login.php", "/apix", "/health"] {
                #expect(try await get(service, path, host: "192.0.2.7").status == 421, "\(path)")
            }
            #expect(notes.all.isEmpty)
            #expect(try await get(service, "/otalink/oidc/authorize?client_id=a", host: "app-1").status == 421)
        }
    }

    @Test(
        "A program that leaves out the path of the base URL is told the right address, and a report of the desk is noted"
    )
    func outsideThePath() async throws {
        for setting in ["log", "refuse"] {
            try await withForeignHosts(["ForeignHosts": setting]) { replica, service, notes in
                let report = try await get(service, "/api/v1/desk/events", host: "10.0.0.1:8080", method: .post)
                #expect(report.status == 404)
                #expect(report.header("Content-Type") == "application/problem+json")
                #expect(report.text.contains("https://tickets.example.org/otalink/api/v1/"))
                #expect(report.text.contains("\"code\":\"outside-base-url\""))
                let other = try await get(service, "/api/openapi.json", host: "tickets.example.org")
                #expect(other.status == 404 && other.text.contains("OTALINK_BASE_URL"))
                let standing = try await replica.store.deskEvents.standing()
                #expect(standing.lastRefusal?.reason == "outside-base-url" && standing.lastRefusal != nil)
                #expect(notes.all.isEmpty)
                // Within the path it is as ever, and what only looks like it is a page.
                #expect(try await get(service, "/otalink/api/v1/links", host: "10.0.0.1").status == 401)
                #expect(
                    try await get(service, "/apis/v1", host: "tickets.example.org").header("Content-Type")?
                        .hasPrefix("text/html") == true)
            }
        }
    }

    @Test(
        "A link of the add-on below the desk's host leads to the base URL, and under ours it is answered",
        arguments: [HTTPRequest.Method.get, .head, .post])
    func addOn(method: HTTPRequest.Method) async throws {
        try await withForeignHosts(["ForeignHosts": "refuse"]) { _, service, notes in
            let query = "?Action=CustomerTicketZoom;TicketNumber=2026112510000018;OTAToken=AAAAAAAAAAAAAAAAAAAAAAA1"
            for path in ["/otobo/customer.pl", "/otalink/otobo/customer.pl"] {
                let answer = try await get(service, path + query, host: "desk.example.org", method: method)
                #expect(answer.status == 302)
                #expect(answer.header("Location") == Self.base + "/otobo/customer.pl" + query)
                #expect(answer.header("Set-Cookie") == nil)
                let ours = try await get(service, path + query, host: "tickets.example.org", method: method)
                #expect(ours.status != 302 && ours.status != 421)
            }
            let withoutToken = try await get(
                service, "/otobo/customer.pl?Action=CustomerTicketZoom;TicketNumber=2026112510000018",
                host: "desk.example.org")
            #expect(withoutToken.status == 303)
            #expect(withoutToken.header("Location")?.hasPrefix("https://desk.example.org/") == true)
            #expect(notes.all.isEmpty)
        }
    }

    @Test(
        "A request of HTTP/1.1 names one host in one field; one of HTTP/1.0 needs none",
        arguments: [
            ("GET /health/live HTTP/1.1\r\n\r\n", 400),
            ("GET /health/live HTTP/1.1\r\nHost: tickets.example.org\r\n\r\n", 200),
            ("GET /health/live HTTP/1.1\r\nHost:\r\n\r\n", 200),
            ("GET /health/live HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
            ("GET /health/live HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", 400),
            ("GET /health/live HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
            ("GET /health/live HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
            ("GET /health/live HTTP/1.1\r\nHost: a, b\r\n\r\n", 400),
            ("GET /health/live HTTP/1.0\r\n\r\n", 200),
            ("GET /health/live HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400),
            ("GET /otalink/new-link HTTP/1.0\r\n\r\n", 421),
            ("GET /otalink/new-link HTTP/1.1\r\nHost:\r\n\r\n", 421),
            ("GET /otalink/new-link HTTP/1.1\r\nHost: tickets.example.org\r\n\r\n", 200),
            // The target's authority counts, not the field.
            ("GET http://evil.example/otalink/new-link HTTP/1.1\r\nHost: tickets.example.org\r\n\r\n", 421),
            ("GET https://tickets.example.org/otalink/new-link HTTP/1.1\r\nHost: evil.example\r\n\r\n", 200),
        ])
    func oneHost(request: String, status: Int) async throws {
        try await withForeignHosts(["ForeignHosts": "refuse"]) { _, service, _ in
            let connection = try RawConnection(url: service.url)
            connection.send(request)
            #expect(await connection.readStatus() == status)
        }
    }

    @Test("Ten hosts that a client invents hide neither the one that is much asked for nor the one that comes last")
    func frequent() {
        func host(_ name: String) -> ForeignHost { ForeignHost(name: name, peer: "192.0.2.1", isOursElsewhere: false) }
        var hosts = FrequentHosts(capacity: 8)
        for round in 0..<100 {
            hosts.add(host("inner.example"))
            hosts.add(host("fake\(round).example"))
        }
        for index in 0..<10 { hosts.add(host("fake\(index).example")) }
        hosts.add(host("late.example"))
        #expect(hosts.counts.count == 8 && hosts.requests == 211)
        #expect(hosts.counts[host("inner.example")] == 100)
        #expect(hosts.counts[host("late.example")] == 1)
    }

    @Test("What many ask for stays written down beside what a client invents day by day")
    func keptRow() async throws {
        try await withReplicas { replicas, _, database in
            let store = replicas[0].store.foreignHosts
            func host(_ name: String) -> ForeignHost {
                ForeignHost(name: name, peer: "10.0.0.5", isOursElsewhere: false)
            }
            try await store.note([host("inner.example"): 40])
            for minute in 0..<60 {
                try await store.note([host("fake\(minute).example"): 1])
                _ = try await database.psql(
                    "UPDATE otalink.foreign_host SET last_seen_at = last_seen_at - interval '1 minute'")
            }
            #expect(try await store.read().first?.host == host("inner.example"))
            // What was seen weeks ago does not stand before what is seen today.
            _ = try await database.psql(
                "UPDATE otalink.foreign_host SET last_seen_at = now() - interval '20 days' WHERE requests = 40")
            #expect(try await store.read().last?.host == host("inner.example"))
        }
    }

    @Test("Replicas write them down once a minute, and twenty stay")
    func written() async throws {
        try await withReplicas { replicas, _, database in
            let store = replicas[0].store.foreignHosts
            let lines = LogLines()
            let log = ForeignHostLog(store: store, logger: Logger(label: "test") { _ in lines })
            func seen(_ name: String, _ peer: String = "10.0.0.5", elsewhere: Bool = false) -> ForeignHost {
                ForeignHost(name: name, peer: peer, isOursElsewhere: elsewhere)
            }
            // A client that invents hosts fills nothing; each of these has its place for one request.
            for index in 0..<100 { log.note(seen("a\(index % 30).example")) }
            log.note(seen("a1.example", elsewhere: true))
            await log.report()
            #expect(lines.all.count == 1)
            #expect(try await database.psql("SELECT count(*), sum(requests) FROM otalink.foreign_host") == "8|8")
            #expect(lines.all.first?.contains("101") == true)
            await log.report()
            #expect(lines.all.count == 1)
            for index in 0..<30 {
                try await store.note([seen("b\(index).example"): 1])
                _ = try await database.psql(
                    "UPDATE otalink.foreign_host SET last_seen_at = last_seen_at - interval '1 minute'")
            }
            #expect(try await store.read().count <= 21)
            try await store.note([seen("b29.example"): 2, seen("b29.example", elsewhere: true): 3])
            let latest = try #require(try await store.read().first)
            #expect(latest.host == seen("b29.example", elsewhere: true) && latest.requests == 6)
            #expect(latest.secondsAgo < 60)
            try await store.note([seen("b29.example", "10.0.0.6"): 1])
            _ = try await database.psql(
                "UPDATE otalink.foreign_host SET last_seen_at = now() - interval '31 days' WHERE host <> 'b29.example'")
            try await store.note([seen("c.example"): 1])
            #expect(Set(try await store.read().map(\.host.name)) == ["b29.example", "c.example"])
        }
    }
}
