import CurlClient
import DemoDesk
import Foundation
import ReplicaSupport
import TestSupport
import Testing

/// A deployment behind a proxy, under one host with its desk.
struct ProxiedDeployment: Sendable {
    let deployment: Deployment
    /// What the proxy listens on.
    let port: UInt16
    /// The number of a ticket of Anna's.
    let ticket: String
    let client: CurlClient
    let authority: String

    /// The proxy's own address; browsers may know it by another name.
    var url: String { "https://127.0.0.1:\(port)" }

    func browser() -> Browser { Browser(client: client, base: url) }

    /// The path of a new link.
    func link(ticket number: String? = nil, customer: String = "anna@example.org") async throws -> String {
        "/otalink" + (try await deployment.link(ticket: number ?? ticket, customer: customer))
    }

    /// The number of a new ticket at the desk.
    func newTicket(_ title: String = "Printer on fire", customer: String = "anna@example.org") async -> String {
        await deployment.desk.create(NewDemoTicket(title: title, customerLogin: customer, customerID: "acme")).number
    }

    /// The head and body that curl gets for a request with these header fields.
    func curl(_ path: String, headers: [String]) async throws -> String {
        try await ChildProcess.run(
            "curl",
            ["--silent", "--include", "--http1.1", "--path-as-is", "--cacert", authority]
                + headers.flatMap { ["--header", $0] } + [url + path]
        ).output
    }

    /// The answer to a request with a header line as it is.
    func raw(_ path: String, header: String) async throws -> String {
        try await raw("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(header)\r\nConnection: close\r\n\r\n")
    }

    /// The answer to a request with a body and a header field after it.
    func raw(_ path: String, trailer: String) async throws -> String {
        let name = trailer.prefix { $0 != ":" }
        return try await raw(
            "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\nTrailer: \(name)\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n3\r\nx=1\r\n0\r\n\(trailer)\r\n\r\n")
    }

    private func raw(_ request: String) async throws -> String {
        try await ChildProcess(
            "openssl", ["s_client", "-quiet", "-connect", "127.0.0.1:\(port)"], input: Data(request.utf8)
        ).finished().output
    }

    /// The `Cookie` header of a browser that has clicked a link.
    func signedInCookies() async throws -> String {
        let browser = browser()
        _ = try await browser.press(try await browser.get(try await link()))
        return browser.cookies
    }
}

/// Two replicas and a desk behind a proxy, with Anna and Bert as customer users, and the landing `forward-auth`.
///
/// The desk redirects what did not come by https, so each request that reaches it shows that the proxy says so.
///
/// - Parameters:
///   - publicURL: where browsers come to, if they know the proxy by a name; nil: by its address.
///   - proxySecret: what the desk asks for beside the header.
func withProxy(
    _ kind: ProxyServer.Kind, publicURL: String? = nil, proxySecret: String? = nil,
    _ body: @escaping @Sendable (ProxiedDeployment) async throws -> Void
) async throws {
    let authority = try await TestAuthority()
    defer { authority.remove() }
    let identity = try await authority.identity(for: "IP:127.0.0.1")
    let port = try FreePort.find()
    let url = publicURL ?? "https://127.0.0.1:\(port)"
    let environment = [
        "OTALINK_BASE_URL": url + "/otalink", "OTALINK_TRUSTED_PROXIES": "127.0.0.1",
        "OTALINK_DESK_TICKET_URL": url + "/otobo/customer.pl?Action=CustomerTicketZoom;TicketNumber=",
    ]
    try await withDeployment(
        environment: environment, settings: ["Landing": "forward-auth", "MailFirstLink": "0"],
        configureDesk: { desk in
            desk.forcesHTTPS = true
            desk.proxySecret = proxySecret
            desk.customers = [.init(login: "paul@example.org", customerID: "acme", password: "password-of-paul")]
        }
    ) { (deployment) async throws in
        try await deployment.database.psql(
            """
            INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
            VALUES ('anna@example.org', 'anna@example.org', 'acme', 'Anna', 'Example'),
                   ('bert@example.org', 'bert@example.org', 'acme', 'Bert', 'Example')
            """)
        let proxy = try await ProxyServer(
            kind, port: port, replicas: deployment.replicas.map { $0.url.replacing("http://", with: "") },
            desk: "127.0.0.1:\(deployment.deskPort)", identity: identity)
        let client = CurlClient(CurlConfiguration(certificateAuthorityFile: authority.certificate), logger: .quiet)
        let ticket = await deployment.desk.create(
            NewDemoTicket(title: "Printer on fire", customerLogin: "anna@example.org", customerID: "acme"))
        let proxied = ProxiedDeployment(
            deployment: deployment, port: port, ticket: ticket.number, client: client, authority: authority.certificate)
        let result = await Result(catching: { try await body(proxied) })
        await client.close()
        let logs = try await proxy.stop()
        // Whatever the test did: a log of the proxy's signs nobody in.
        #expect(logs.firstMatch(of: /[0-9A-Za-z_-]{43}/)?.output.description == nil)
        #expect(!logs.contains(ProxyServer.secret))
        // Tokens of the add-on are shorter: as long as one address of the tests, and shorter than the names of requests, which are
        // 32 hexadecimal digits, or a few less where the library has named them.
        let others = logs.replacing("%3DCustomerTicketOverview", with: "").replacing(/\b[0-9a-f]{25,32}\b/, with: "")
        #expect(!others.contains("OTAToken"))
        #expect(others.firstMatch(of: /.{0,20}[0-9A-Za-z]{24}.{0,20}/)?.output.description == nil)
        #expect(logs.contains("POST"))
        try result.get()
    }
}
