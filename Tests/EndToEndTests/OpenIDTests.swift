import CurlClient
import DemoDesk
import Foundation
import OneTimeLinks
import OpenIDProvider
import ReplicaSupport
import TestSupport
import Testing

@Suite("OpenID Connect over two replicas, as an operator sets it up", .timeLimit(.minutes(10)))
struct OpenIDTests {
    @Test("Fifty exchanges of one code, over both replicas: one gets tokens, and they are dead everywhere after it")
    func race() async throws {
        try await withProvider { (deployment, client) async throws in
            let code = try await client.code(try await deployment.signedIn())
            let answers = try await concurrently(50) { (index) async throws in
                try await client.on(deployment.replicas[index % 2]).exchange(code)
            }
            let winners = answers.filter { $0.status == 200 }
            #expect(winners.count == 1)
            #expect(answers.count { $0.status == 400 && $0.text.contains("invalid_grant") } == 49)
            let token = try client.tokens(try #require(winners.first)).accessToken
            for replica in deployment.replicas {
                #expect(try await client.on(replica).userInfo(token).status == 401)
            }
            let counts = try await deployment.database.psql(
                """
                SELECT count(*) FILTER (WHERE used_at IS NOT NULL), count(*) FILTER (WHERE revoked_at IS NOT NULL),
                       (SELECT count(*) FROM otalink.audit_event WHERE event = 'openid.revoked')
                  FROM otalink.oidc_code
                """)
            #expect(counts == "1|1|1")
        }
    }

    @Test("A session revoked in psql, or by signing out: its tokens are dead on both replicas")
    func revoked() async throws {
        try await withProvider { (deployment, client) async throws in
            for isByHand in [true, false] {
                let browser = try await deployment.signedIn()
                let token = try client.tokens(try await client.exchange(try await client.code(browser))).accessToken
                for replica in deployment.replicas {
                    #expect(try await client.on(replica).userInfo(token).status == 200)
                }
                if isByHand {
                    try await deployment.database.psql("UPDATE otalink.session SET revoked_at = now()")
                } else {
                    _ = try await browser.press(try await browser.get("/oidc/logout"))
                }
                for replica in deployment.replicas {
                    let start = ContinuousClock.now
                    while try await client.on(replica).userInfo(token).status != 401 {
                        try #require(ContinuousClock.now - start < .seconds(10))
                    }
                }
            }
        }
    }

    @Test(
        "A key rotated by hand: both replicas publish it, sign with it when its time has come, and know tokens of the old one"
    )
    func rotation() async throws {
        try await withProvider { (deployment, client) async throws in
            let browser = try await deployment.signedIn()
            let old = try client.tokens(try await client.exchange(try await client.code(browser))).idToken
            let rotated = try await deployment.oidc("key", "rotate")
            #expect(rotated.status == 0 && rotated.output.hasPrefix("1 keys published"))
            for replica in deployment.replicas {
                let there = client.on(replica)
                let token = try there.tokens(try await there.exchange(try await client.code(browser))).idToken
                // For an hour the old key signs on.
                #expect(Self.header(token) == Self.header(old))
                #expect(try await there.keySet().count == 2)
            }
            try await deployment.database.psql(
                "UPDATE otalink.oidc_signing_key SET first_use_at = now() WHERE first_use_at > now()")
            for replica in deployment.replicas {
                let there = client.on(replica)
                let token = try there.tokens(try await there.exchange(try await client.code(browser))).idToken
                #expect(Self.header(token) != Self.header(old))
                _ = try await there.claims(token)
                _ = try await there.claims(old)
            }
            let list = try await deployment.oidc("key", "list").output
            #expect(list.components(separatedBy: "  signs\n").count == 2 && list.contains("  kept\n"))
            #expect(try await deployment.otalink("keys", "list").output.contains("2 signing keys"))

            let compromised = try await deployment.oidc("key", "rotate", "--compromised")
            #expect(compromised.output.hasPrefix("1 keys published, 2 deleted"))
            for replica in deployment.replicas { #expect(try await client.on(replica).keySet().count == 1) }
            // A token that only the deleted key signed proves nothing any more.
            let stranger = Browser(client: deployment.client, base: client.url)
            _ = try await stranger.get("/oidc/logout?id_token_hint=\(old)")
            #expect(try await deployment.database.psql(Self.open) == "1")
        }
    }

    private static let open = "SELECT count(*) FROM otalink.session WHERE revoked_at IS NULL"

    private static func header(_ token: String) -> Substring? { token.split(separator: ".").first }

    @Test("Clients by command: added, listed, removed; what cannot be is refused with what to do")
    func command() async throws {
        try await withProvider { (deployment, client) async throws in
            let list = try await deployment.oidc("client", "list").output
            #expect(list.contains("app  secret,pkce\n  answers to     https://app.example.org/callback?x=1\n"))
            let added = try await deployment.oidc(
                "client", "add", "phone", "--public", "--redirect-uri", "https://phone.example.org/cb",
                "--post-logout-redirect-uri", "https://phone.example.org/bye", "--id-token")
            #expect(added.status == 0 && added.output == "phone is registered; it has no secret.\n")
            #expect(try await deployment.oidc("client", "list").output.contains("phone  public,pkce,id-token\n"))
            for (arguments, advice) in Self.wrong {
                let refused = try await deployment.oidc(["client", "add"] + arguments)
                #expect(refused.status != 0 && refused.errors.contains(advice), "\(refused.errors)")
            }
            #expect(try await deployment.oidc("client", "remove", "phone").output == "Removed.\n")
            let unknown = try await deployment.oidc("client", "remove", "phone")
            #expect(unknown.status != 0 && unknown.errors.contains("otalink oidc client list"))
            let told = try await deployment.database.psql(
                """
                SELECT event, reason, actor LIKE 'operator %' FROM otalink.audit_event
                 WHERE event LIKE 'openid.client%' ORDER BY id
                """)
            #expect(
                told == """
                    openid.client_added|app: https://app.example.org/callback?x=1|t
                    openid.client_added|phone: https://phone.example.org/cb|t
                    openid.client_removed|phone|t
                    """)
            // The desk of this deployment is no client.
            let doctor = try await deployment.finished(["doctor"]).output
            #expect(doctor.contains("otalink oidc client add --help") && doctor.contains("1 published"))
            #expect(doctor.contains("PlainURLWithPassword"))
        }
    }

    static let wrong: [(arguments: [String], advice: String)] = [
        (["app", "--redirect-uri", "https://app.example.org/"], "exists"),
        (["a b", "--redirect-uri", "https://app.example.org/"], "letters, digits"),
        (["x", "--redirect-uri", "http://app.example.org/"], "not https"),
        (["x", "--redirect-uri", "https://app.example.org/#a"], "fragment"), (["x"], "--redirect-uri"),
        (["x", "--redirect-uri", "https://app.example.org/", "--post-logout-redirect-uri", "bye"], "absolute"),
        (["x", "--redirect-uri", "https://app.example.org/", "--public", "--without-pkce"], "needs PKCE"),
    ]
}

/// A deployment whose customers land at the desk by OpenID Connect, with Anna as customer user and one client.
func withProvider(
    environment: [String: String] = [:], redirectURI: String = "https://app.example.org/callback?x=1",
    arguments: [String] = [],
    _ body: @escaping @Sendable (Deployment, ExampleClient) async throws -> Void
) async throws {
    try await withDeployment(environment: environment, settings: ["Landing": "openid-connect", "MailFirstLink": "0"]) {
        (deployment) async throws in
        try await deployment.database.psql(
            """
            INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
            VALUES ('anna@example.org', 'anna@example.org', 'acme', 'Anna', 'Example')
            """)
        let added = try await deployment.oidc(
            ["client", "add", "app", "--redirect-uri", redirectURI] + arguments)
        #expect(added.status == 0, "\(added.errors)")
        let secret = added.output.trimmingCharacters(in: .whitespacesAndNewlines)
        try await body(
            deployment,
            ExampleClient(
                curl: deployment.client, url: deployment.replicas[0].url, secret: secret, redirectURI: redirectURI))
    }
}

extension Deployment {
    /// Runs `otalink oidc`, and tells how it ended.
    func oidc(_ arguments: String...) async throws -> ChildProcess.Finished { try await oidc(arguments) }

    func oidc(_ arguments: [String]) async throws -> ChildProcess.Finished { try await finished(["oidc"] + arguments) }

    /// Runs a command that may fail.
    func finished(_ arguments: [String]) async throws -> ChildProcess.Finished {
        try await ChildProcess(Self.program, arguments, environment: environment).finished()
    }

    /// The path of a link of Anna's, on a ticket of its own.
    func newLink() async throws -> String {
        let ticket = await desk.create(
            NewDemoTicket(title: "Printer on fire", customerLogin: "anna@example.org", customerID: "acme"))
        return try await link(ticket: ticket.number)
    }

    /// A browser of Anna's that has clicked a link.
    func signedIn() async throws -> Browser {
        let browser = browser()
        let answer = try await browser.press(try await browser.get(try await newLink()))
        #expect(answer.status == 303)
        return browser
    }
}

extension ExampleClient {
    /// The same client, asking one of the replicas.
    func on(_ replica: RunningReplica) -> ExampleClient {
        ExampleClient(curl: curl, url: replica.url, id: id, secret: secret, redirectURI: redirectURI)
    }
}
