import CurlClient
import Customers
import Foundation
import LinkActs
import LinkService
import LinkStore
import Logging
import Measurements
import OneTimeLinks
import ReplicaSupport
import ServiceLifecycle
import TestSupport
import Testing

@Suite("Link pages over HTTP", .timeLimit(.minutes(10)))
struct LinkPagesOverHTTPTests {
    @Test("Opening a link changes nothing, its button signs in to the ticket, and signing out ends that")
    func wholeWay() async throws {
        try await withService { replica, base, database in
            let browser = Browser(client: base.client, base: base.url)
            let token = try await replica.token()
            let page = try await browser.get("/l/\(token)")
            #expect(page.status == 200)
            #expect(!page.text.contains("Printer") && !page.text.contains("anna@example.org"))
            #expect(try await database.psql("SELECT state FROM otalink.link") == "active")
            let signedIn = try await browser.press(
                page, headers: [("Origin", "null"), ("Sec-Fetch-Site", "same-origin")])
            #expect(signedIn.status == 303)
            #expect(signedIn.header("Location") == "/t/2026112510000018")
            let cookie = try #require(signedIn.header("Set-Cookie"))
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"))
            let ticket = try await browser.get("/t/2026112510000018")
            #expect(ticket.status == 200)
            #expect(ticket.text.contains("Printer on fire") && ticket.text.contains("It burns."))
            #expect(try await browser.get("/t/2026112510000026").status == 404)
            // A session of one ticket is nobody at the desk.
            #expect(try await browser.get("/auth/verify").status == 401)
            // A double click lands on the ticket, another browser does not.
            #expect(try await browser.press(page).status == 303)
            let other = Browser(client: base.client, base: base.url)
            let late = try await other.press(try await other.get("/l/\(token)"))
            #expect(late.status == 200)
            #expect(late.text.contains("new link") && !late.text.contains("anna@example.org"))
            #expect(try await browser.press(ticket).status == 200)
            #expect(try await browser.get("/t/2026112510000018").status == 401)
        }
    }

    @Test(
        "What mail programs glue to a link is forgiven",
        arguments: [".", ">", ")", "]", "\"", "'", "%3E", "&gt;", "%22."])
    func glue(tail: String) async throws {
        try await withService { replica, base, _ in
            let browser = Browser(client: base.client, base: base.url)
            let encoded =
                tail.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(["%", "&", ";"])) ?? tail
            let page = try await browser.get("/l/\(try await replica.token())\(encoded)")
            #expect(page.status == 200)
        }
    }

    @Test("A POST without the page's cookie and form value, or from elsewhere, is refused and spends nothing")
    func forged() async throws {
        try await withService { replica, base, database in
            let token = try await replica.token()
            let stranger = Browser(client: base.client, base: base.url)
            #expect(try await stranger.post("/l/\(token)", form: "").status == 403)
            let browser = Browser(client: base.client, base: base.url)
            let page = try await browser.get("/l/\(token)")
            for headers in [
                [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")], [("Sec-Fetch-Site", "none")],
                [("Origin", "https://evil.example")],
            ] as [[(name: String, value: String)]] {
                #expect(try await browser.press(page, headers: headers).status == 403)
            }
            #expect(try await browser.post("/l/\(token)", form: "form=00").status == 403)
            // The value of one link is none for another.
            let other = try await browser.get("/l/\(try await replica.token())")
            let proof = try #require(other.text.firstMatch(of: /name="form" value="([^"]+)"/)?.1)
            #expect(try await browser.post("/l/\(token)", form: "form=\(proof)").status == 403)
            #expect(try await database.psql("SELECT count(*) FROM otalink.session") == "0")
        }
    }

    @Test("Other methods change nothing", arguments: [HTTPRequest.Method.put, .patch, .delete, .options])
    func methods(method: HTTPRequest.Method) async throws {
        try await withService { replica, base, database in
            let browser = Browser(client: base.client, base: base.url)
            let response = try await browser.get("/l/\(try await replica.token())", method: method)
            #expect(response.status == 405)
            #expect(response.header("Allow") == "GET, HEAD, POST")
            #expect(try await database.psql("SELECT state FROM otalink.link") == "active")
        }
    }

    @Test("Pages are neither cached nor indexed nor framed, and name no address of ours to others")
    func headers() async throws {
        try await withService { replica, base, _ in
            let browser = Browser(client: base.client, base: base.url)
            for path in ["/l/\(try await replica.token())", "/l/forged", "/nowhere"] {
                let page = try await browser.get(path)
                #expect(page.header("Cache-Control") == "no-store")
                #expect(page.header("Referrer-Policy") == "no-referrer")
                #expect(page.header("X-Robots-Tag") == "noindex, nofollow")
                #expect(
                    page.header("Content-Security-Policy")?.hasPrefix("default-src 'none'; style-src 'sha256-") == true)
            }
        }
    }

    @Test("With the desk away and stale facts the answer is 503, and the link still works later")
    func deskAway() async throws {
        try await withService { replica, base, database in
            let browser = Browser(client: base.client, base: base.url)
            let page = try await browser.get("/l/\(try await replica.token())")
            base.desk.change { $0.isReachable = false }
            _ = try await database.psql("UPDATE otalink.ticket SET read_at = now() - interval '1 hour'")
            #expect(try await browser.press(page).status == 503)
            base.desk.change { $0.isReachable = true }
            #expect(try await browser.press(page).status == 303)
        }
    }

    @Test(
        "A base URL is https, or http on loopback",
        arguments: [
            ("https://tickets.example.org", "https://tickets.example.org/l/x"),
            ("https://desk.example.org/otalink/", "https://desk.example.org/otalink/l/x"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/l/x"),
            ("http://localhost:8080/", "http://localhost:8080/l/x"),
            ("http://tickets.example.org", nil), ("ftp://example.org", nil), ("tickets.example.org", nil), ("", nil),
            ("https://example.org/?a=b", nil), ("https://u@example.org/", nil),
        ] as [(String, String?)])
    func baseURLs(text: String, link: String?) {
        #expect((try? BaseURL(text))?.link(token: "x") == link)
    }
}

/// A running service: its address, the desk behind it, and a client to ask it with.
struct ServiceUnderTest: Sendable {
    let url: String
    let desk: ExampleDesk
    let client: CurlClient
}

/// What a service over a replica's acts works with.
func dependencies(
    _ replica: Replica, _ desk: ExampleDesk, _ stored: [String: String] = [:],
    deskTicketURL: String = "http://127.0.0.1:8090/ticket/", baseURL: String = "http://127.0.0.1:8080",
    hasAddOnLinks: Bool = false, trustedProxies: [AddressRange] = [],
    measurements: ServiceMeasurements = ServiceMeasurements(), logger: Logger = .quiet,
    noteVisit: @escaping @Sendable (LinkVisit) -> Void = { _ in }
) throws -> LinkServiceDependencies {
    LinkServiceDependencies(
        baseURL: try BaseURL(baseURL), deskTicketURL: deskTicketURL,
        timeZone: .gmt,
        keys: replica.keys, store: replica.store, desk: desk, redeem: replica.redeem, issue: replica.issue,
        offer: OfferLink(store: replica.store, keys: replica.keys, keeper: replica.keeper),
        findAddOnLink: FindAddOnLink(links: replica.store.addOnLinks) { hasAddOnLinks },
        checkSession: replica.check, noteVisit: noteVisit,
        customers: { CustomerDirectory(store: replica.store, table: nil, declared: $0.customerBackends) },
        settings: { Settings(stored: stored) },
        isReady: { true }, trustedProxies: trustedProxies, measurements: measurements, logger: logger)
}

func withService(
    _ stored: [String: String] = [:], deskTicketURL: String = "http://127.0.0.1:8090/ticket/",
    baseURL: String = "http://127.0.0.1:8080", hasAddOnLinks: Bool = false, trustedProxies: [AddressRange] = [],
    measurements: ServiceMeasurements = ServiceMeasurements(), logger: Logger = .quiet,
    noteVisit: @escaping @Sendable (LinkVisit) -> Void = { _ in },
    _ body: @escaping @Sendable (Replica, ServiceUnderTest, TestDatabase) async throws -> Void
) async throws {
    try await withReplicas { replicas, desk, database in
        let replica = replicas[0]
        let dependencies = try dependencies(
            replica, desk, stored, deskTicketURL: deskTicketURL, baseURL: baseURL, hasAddOnLinks: hasAddOnLinks,
            trustedProxies: trustedProxies, measurements: measurements, logger: logger, noteVisit: noteVisit)
        try await serving(dependencies) { service in try await body(replica, service, database) }
    }
}

/// Runs a service while the body does.
func serving(
    _ dependencies: LinkServiceDependencies, limits: ConnectionLimits = ConnectionLimits(),
    _ body: @escaping @Sendable (ServiceUnderTest) async throws -> Void
) async throws {
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let application = LinkService.application(dependencies, host: "127.0.0.1", port: 0, limits: limits) {
        continuation.yield($0)
    }
    let group = ServiceGroup(configuration: .init(services: [application], logger: .quiet))
    let desk = try #require(dependencies.desk as? ExampleDesk)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        let client = CurlClient(logger: .quiet)
        let service = ServiceUnderTest(url: "http://127.0.0.1:\(port)", desk: desk, client: client)
        do {
            try await body(service)
        } catch {
            await client.close()
            await group.triggerGracefulShutdown()
            throw error
        }
        await client.close()
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}
