import CurlClient
import Foundation
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@Suite("Relying parties that others wrote", .timeLimit(.minutes(10)))
struct RelyingPartyTests {
    @Test(
        "Apache's mod_auth_openidc: sign-in through a mailed link, reload, a rotated key, logout",
        .enabled(if: ApacheServer.isHere, "needs Debian's apache2 and libapache2-mod-auth-openidc"))
    func apache() async throws {
        let port = try FreePort.find()
        let site = "http://127.0.0.1:\(port)"
        try await withProvider(
            redirectURI: ApacheServer.redirectURI(port: port),
            arguments: ["--post-logout-redirect-uri", site + "/bye"]
        ) { (deployment, client) async throws in
            let apache = try await ApacheServer(port: port, client: client)
            let result = await Result(catching: {
                let traveller = Traveller(curl: client.curl)
                // Nobody is signed in: Apache leads to us, and the way ends at the page for a link.
                let asked = try await traveller.open(site + "/")
                #expect(asked.status == 200 && asked.text.contains("wants to know who you are"))
                let link = try await traveller.open(client.url + (try await deployment.newLink()))
                let arrived = try await traveller.press(link, at: client.url)
                #expect(arrived.text.contains("Members only") && arrived.header("X-User") == "anna@example.org")
                // Reload: Apache has a session of its own.
                #expect(try await traveller.browser(site).get("/").header("X-User") == "anna@example.org")

                let first = try await Self.kids(client)
                _ = try await deployment.oidc("key", "rotate")
                try await deployment.database.psql(
                    "UPDATE otalink.oidc_signing_key SET first_use_at = now() WHERE first_use_at > now()")
                // Another browser profile at the site, signed in here already: no page at all, and a key that Apache has not seen.
                await traveller.forget(site)
                let again = try await traveller.open(site + "/")
                #expect(again.header("X-User") == "anna@example.org")
                #expect(try await Self.kids(client) != first)

                let bye = "http%3A%2F%2F127.0.0.1%3A\(port)%2Fbye"
                let left = try await traveller.open(site + "/oidc/callback?logout=\(bye)")
                #expect(left.status == 200 && left.text.contains("Good bye"))
                let open = try await deployment.database.psql(
                    "SELECT count(*) FROM otalink.session WHERE revoked_at IS NULL")
                #expect(open == "0")
                #expect(try await traveller.open(site + "/").text.contains("wants to know who you are"))
            })
            let log = try await apache.stop()
            do { try result.get() } catch { throw Failed(error: error, log: log) }
        }
    }

    private static let hasChromium =
        ApacheServer.isHere
        && ["/usr/bin/chromium", "/usr/bin/chromedriver", "/usr/lib/python3/dist-packages/selenium"]
            .allSatisfy(FileManager.default.fileExists)

    /// What the policies of our pages must let Chromium do: it applies them to every redirect after a form.
    static let ways: [(name: String, arguments: [String], settings: String, isDesk: Bool)] = [
        ("the site is the desk", [], "", true), ("the site is another program", [], "", false),
        (
            "the ID token comes by form post", ["--id-token", "--without-pkce"],
            "OIDCResponseType id_token\nOIDCResponseMode form_post", false
        ),
    ]

    @Test(
        "A real browser at Apache: from the link, from the site, and out again",
        .enabled(
            if: hasChromium,
            "needs Debian's apache2, libapache2-mod-auth-openidc, chromium, chromium-driver and python3-selenium"),
        arguments: ways)
    func chromium(way: (name: String, arguments: [String], settings: String, isDesk: Bool)) async throws {
        let port = try FreePort.find()
        let site = "http://127.0.0.1:\(port)"
        try await withProvider(
            environment: ["OTALINK_DESK_TICKET_URL": way.isDesk ? site + "/?" : "http://desk.example.org/?"],
            redirectURI: ApacheServer.redirectURI(port: port),
            arguments: ["--post-logout-redirect-uri", site + "/bye"] + way.arguments
        ) { (deployment, client) async throws in
            let apache = try await ApacheServer(port: port, client: client, added: way.settings)
            let tour = Tour(
                site: site, service: client.url,
                links: [try await deployment.newLink(), try await deployment.newLink()],
                handOver: way.settings.contains("form_post"), isDesk: way.isDesk)
            let finished = try await ChildProcess(
                "/usr/bin/python3", [RepositoryRoot.path + "/Tests/EndToEndTests/Peers/openid_browser.py"],
                input: try JSONEncoder().encode(tour)
            ).finished()
            let log = try await apache.stop()
            #expect(finished.status == 0, "\(way.name): \(finished.output)\(finished.errors)\(log)")
        }
    }

    /// What the browser is told.
    private struct Tour: Encodable {
        let site: String
        let service: String
        /// Anna's.
        let links: [String]
        /// A button lies between us and the site.
        let handOver: Bool
        /// Links lead to the site.
        let isDesk: Bool
    }

    private static let hasAuthlib =
        ["/usr/bin/python3", "/usr/lib/python3/dist-packages/authlib", "/usr/lib/python3/dist-packages/requests"]
        .allSatisfy(FileManager.default.fileExists)

    @Test(
        "Authlib: sign-in through a mailed link, again without a page, a rotated key, logout, by both client authentications",
        .enabled(if: hasAuthlib, "needs Debian's python3-authlib and python3-requests"))
    func authlib() async throws {
        let bye = "https://app.example.org/bye"
        try await withProvider(arguments: ["--post-logout-redirect-uri", bye]) { (deployment, client) async throws in
            let question = Question(
                issuer: client.url,
                client: .init(
                    id: client.id, secret: try #require(client.secret), redirectURI: client.redirectURI,
                    postLogoutRedirectURI: bye),
                links: [try await deployment.newLink(), try await deployment.newLink()],
                rotate: [Deployment.program, "oidc", "key", "rotate", "--compromised"])
            let finished = try await ChildProcess(
                "/usr/bin/python3", [RepositoryRoot.path + "/Tests/EndToEndTests/Peers/relying_party.py"],
                environment: deployment.environment, input: try JSONEncoder().encode(question)
            ).finished()
            #expect(finished.status == 0, "\(finished.output)\(finished.errors)")
        }
    }

    /// What the relying party is told.
    private struct Question: Encodable {
        let issuer: String
        let client: Client
        /// Anna's.
        let links: [String]
        /// The command that rotates the signing keys.
        let rotate: [String]

        struct Client: Encodable {
            let id: String
            let secret: String
            let redirectURI: String
            let postLogoutRedirectURI: String
        }
    }

    private static func kids(_ client: ExampleClient) async throws -> [String] {
        try await client.keySet().map(\.kid)
    }

    struct Failed: Error {
        let error: any Error
        let log: String
    }
}

/// A browser that goes wherever it is led, with the cookies of each place apart.
actor Traveller {
    private let curl: CurlClient
    private var browsers: [String: Browser] = [:]

    init(curl: CurlClient) {
        self.curl = curl
    }

    /// The browser as it is at one place, such as `http://127.0.0.1:8080`.
    func browser(_ base: String) -> Browser {
        if let known = browsers[base] { return known }
        let new = Browser(client: curl, base: base)
        browsers[base] = new
        return new
    }

    /// Loses the cookies of a place.
    func forget(_ base: String) { browsers[base] = nil }

    /// Opens an address and follows redirects.
    func open(_ url: String) async throws -> HTTPResponse {
        let (base, path) = try Self.parts(url)
        return try await follow(try await browser(base).get(path), from: base)
    }

    /// Presses the only button of a page, and follows redirects.
    func press(_ page: HTTPResponse, at base: String) async throws -> HTTPResponse {
        try await follow(try await browser(base).press(page), from: base)
    }

    private func follow(_ response: HTTPResponse, from base: String) async throws -> HTTPResponse {
        var (response, base) = (response, base)
        for _ in 0..<12 {
            let refresh = response.header("Refresh")?.wholeMatch(of: /0; url=(.+)/).map { String($0.1) }
            guard let location = response.header("Location") ?? refresh else { return response }
            let url = location.hasPrefix("/") ? base + location : location
            let path: String
            (base, path) = try Self.parts(url)
            response = try await browser(base).get(path)
        }
        Issue.record("the browser is sent round in circles; last to \(response.header("Location") ?? "nowhere")")
        return response
    }

    private static func parts(_ url: String) throws -> (base: String, path: String) {
        let match = try #require(url.wholeMatch(of: /(https?:\/\/[^\/?]+)(.*)/), "\(url)")
        return (String(match.1), match.2.isEmpty ? "/" : String(match.2))
    }
}
