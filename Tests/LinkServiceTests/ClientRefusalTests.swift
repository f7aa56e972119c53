import Crypto
import CurlClient
import Foundation
import LinkActs
import LinkStore
import OneTimeLinks
import OpenIDProvider
import OpenIDStore
import PostgresClient
import ReplicaSupport
import TestSupport
import Testing

/// What RFC 6749, RFC 9700 and OpenID Connect Core say that a provider must refuse, over HTTP.
@Suite("What the OpenID Connect provider refuses", .timeLimit(.minutes(10)))
struct ClientRefusalTests {
    /// Parameters of a request; nil takes the usual one out.
    typealias Changes = [String: String?]

    /// A page, since client or redirect URI cannot be trusted: nothing leads anywhere (RFC 9700, 4.1 and 4.11: no open redirector).
    static let pages: [(name: String, changes: Changes)] = [
        ("no client", ["client_id": nil]), ("an unknown client", ["client_id": "other"]),
        ("a client in other case", ["client_id": "APP"]), ("a client's name that is none", ["client_id": "a\u{0}b"]),
        ("no redirect URI", ["redirect_uri": nil]),
        ("a longer path", ["redirect_uri": "https://app.example.org/callback/more?x=1"]),
        ("another query", ["redirect_uri": "https://app.example.org/callback?x=2"]),
        ("without its query", ["redirect_uri": "https://app.example.org/callback"]),
        ("another host", ["redirect_uri": "https://app.example.org.evil.example/callback?x=1"]),
        ("a host in upper case", ["redirect_uri": "https://APP.example.org/callback?x=1"]),
        ("a user before the host", ["redirect_uri": "https://app.example.org@evil.example/callback?x=1"]),
        ("plain http", ["redirect_uri": "http://app.example.org/callback?x=1"]),
        ("a script", ["redirect_uri": "javascript:alert(1)"]),
    ]

    @Test("Not to be trusted: a page", arguments: pages)
    func page(row: (name: String, changes: Changes)) async throws {
        try await withClient { (client, replica, _) async throws in
            let answer = try await replica.signedInBrowser(client).get(client.path(row.changes))
            #expect(answer.status == 400 && answer.header("Location") == nil, "\(row.name)")
            #expect(answer.text.contains("This sign-in cannot go on"))
        }
    }

    @Test(
        "A state that no form gives back as it came: a page, by form post only", arguments: ["a\nb", "a\rb", "a\u{7F}"])
    func state(state: String) async throws {
        try await withClient(mayUseIDToken: true) { (client, replica, _) async throws in
            let browser = try await replica.signedInBrowser(client)
            let posted: Changes = ["response_type": "id_token", "response_mode": "form_post", "state": state]
            #expect(try await browser.get(client.path(posted)).status == 400)
            #expect(try client.answer(try await browser.get(client.path(["state": state])))["state"] == state)
        }
    }

    /// The client is told.
    static let redirects: [(error: String, changes: Changes)] = [
        ("invalid_request", ["code_challenge": nil, "code_challenge_method": nil]),
        ("invalid_request", ["code_challenge_method": "plain"]), ("invalid_request", ["code_challenge_method": nil]),
        ("unauthorized_client", ["response_type": "id_token", "response_mode": "form_post"]),
        ("unauthorized_client", ["response_mode": "form_post"]),
        ("unsupported_response_type", ["response_type": "token"]),
        ("unsupported_response_type", ["response_type": "code id_token"]), ("invalid_scope", ["scope": "profile"]),
        ("request_not_supported", ["request": "x.y.z"]),
        ("request_uri_not_supported", ["request_uri": "https://app.example.org/r"]),
        ("invalid_request", ["prompt": "none login"]), ("invalid_request", ["max_age": "-1"]),
        ("invalid_request", ["nonce": "a\u{0}b"]), ("invalid_request", ["nonce": String(repeating: "n", count: 1_001)]),
        ("invalid_request", ["id_token_hint": "eyJhbGciOiJub25lIn0.e30."]),
    ]

    @Test("Wrong, but the client is known: an error goes back to it, with state and issuer", arguments: redirects)
    func redirect(row: (error: String, changes: Changes)) async throws {
        try await withClient { (client, replica, _) async throws in
            let browser = try await replica.signedInBrowser(client)
            let answer = try client.answer(try await browser.get(client.path(row.changes)))
            #expect(answer["error"] == row.error && answer["code"] == nil && answer["id_token"] == nil)
            #expect(answer["state"] == "st" && answer["iss"] == ExampleClient.issuer)
            #expect(answer["error_description"]?.isEmpty == false)
        }
    }

    /// Each with a good code of the client `app`.
    static let exchanges: [(error: String, status: Int, changes: Changes)] = [
        ("invalid_grant", 400, ["code": String(repeating: "0", count: 43)]), ("invalid_grant", 400, ["code": "x"]),
        ("invalid_grant", 400, ["redirect_uri": "https://app.example.org/callback"]),
        ("invalid_request", 400, ["redirect_uri": nil]), ("invalid_request", 400, ["code": nil]),
        ("invalid_grant", 400, ["code_verifier": nil]),
        ("invalid_grant", 400, ["code_verifier": String(repeating: "v", count: 43)]),
        ("invalid_grant", 400, ["code_verifier": ExampleClient.challenge]),
        ("unsupported_grant_type", 400, ["grant_type": "password"]), ("invalid_request", 400, ["grant_type": nil]),
        ("unsupported_grant_type", 400, ["grant_type": "refresh_token"]),
        ("invalid_client", 401, ["client_secret": "wrong"]), ("invalid_client", 401, ["client_secret": nil]),
        ("invalid_client", 401, ["client_id": nil]), ("invalid_client", 401, ["client_id": "unknown"]),
        ("invalid_client", 401, ["client_id": "a\u{0}b"]),
        // Another client's secret, and that client with this one's code (RFC 9700, 4.5).
        ("invalid_client", 401, ["client_id": "other"]),
        ("invalid_grant", 400, ["client_id": "other", "client_secret": "other-secret"]),
        ("invalid_grant", 400, ["client_id": "open", "client_secret": nil]),
    ]

    @Test(
        "An exchange that does not fit, and the code stays good for the client that it was made for",
        arguments: exchanges)
    func exchange(row: (error: String, status: Int, changes: Changes)) async throws {
        try await withClient(others: Self.others) { (client, replica, _) async throws in
            let code = try await client.code(try await replica.signedInBrowser(client))
            let answer = try await client.exchange(code, row.changes)
            #expect(answer.status == row.status && answer.text.contains(#""error":"\#(row.error)""#), "\(answer.text)")
            #expect(answer.header("Cache-Control") == "no-store" && !answer.text.contains("token\""))
            #expect((answer.header("WWW-Authenticate") == "Basic realm=\"otalink\"") == (row.status == 401))
            #expect(try await client.exchange(code).status == 200)
        }
    }

    private static let others = [
        RegisteredClient(
            party: RelyingParty(id: "other", redirectURIs: ["https://app.example.org/callback?x=1"]),
            secretHash: Data(SHA256.hash(data: Data("other-secret".utf8))), postLogoutRedirectURIs: []),
        RegisteredClient(
            party: RelyingParty(id: "open", redirectURIs: ["https://app.example.org/callback?x=1"], isPublic: true),
            secretHash: nil, postLogoutRedirectURIs: []),
    ]

    /// The secret of `app` as a header field, raw and urlencoded, and wrong ones.
    static let headers: [(authorization: String, changes: Changes, status: Int)] = [
        ("app:app-secret", ["client_secret": nil, "client_id": nil], 200),
        ("app:app%2Dsecret", ["client_secret": nil], 200),
        ("app:app-secret", ["client_id": nil], 401), ("app:wrong", ["client_secret": nil], 401),
        ("app:app-secret", ["client_secret": nil, "client_id": "other"], 401), ("app", ["client_secret": nil], 401),
    ]

    @Test("The secret in a Basic header, in both spellings; two ways at once are refused", arguments: headers)
    func basic(row: (authorization: String, changes: Changes, status: Int)) async throws {
        try await withClient { (client, replica, _) async throws in
            let code = try await client.code(try await replica.signedInBrowser(client))
            let field = "Basic " + Data(row.authorization.utf8).base64EncodedString()
            #expect(try await client.exchange(code, row.changes, authorization: field).status == row.status)
        }
    }

    @Test("Forms that are none")
    func forms() async throws {
        try await withClient { (client, _, _) async throws in
            let bodies: [(type: String, body: String)] = [
                ("application/json", "{}"), ("application/x-www-form-urlencoded", "code=%"),
                ("application/x-www-form-urlencoded", "client_id=app&client_id=app"),
                ("application/x-www-form-urlencoded", String(repeating: "x", count: 20_000)),
            ]
            for (type, body) in bodies {
                let answer = try await client.curl.send(
                    HTTPRequest(
                        method: .post, url: client.url + "/oidc/token", headers: [("Content-Type", type)],
                        body: Array(body.utf8)))
                #expect(answer.status == 400 && answer.text.contains("invalid_request"), "\(answer.text)")
            }
        }
    }

    @Test("Guessing a secret is stopped, for that client at that address")
    func limit() async throws {
        try await withClient(others: Self.others) { (client, replica, _) async throws in
            let code = try await client.code(try await replica.signedInBrowser(client))
            for _ in 0..<30 { #expect(try await client.exchange(code, ["client_secret": "guess"]).status == 401) }
            let answer = try await client.exchange(code)
            #expect(answer.status == 429 && answer.header("Retry-After") != nil)
            #expect(
                try await client.exchange(code, ["client_id": "other", "client_secret": "other-secret"]).status == 400)
        }
    }

    @Test("A code shown twice: refused, and the tokens of the first time are dead")
    func replay() async throws {
        try await withClient { (client, replica, database) async throws in
            let code = try await client.code(try await replica.signedInBrowser(client))
            let tokens = try client.tokens(try await client.exchange(code))
            #expect(try await client.userInfo(tokens.accessToken).status == 200)
            // However wrong the rest is: somebody else has the code.
            let again = try await client.exchange(code, ["code_verifier": nil])
            #expect(again.status == 400 && again.text.contains("invalid_grant"))
            let answer = try await client.userInfo(tokens.accessToken)
            #expect(answer.status == 401)
            #expect(answer.header("WWW-Authenticate")?.contains(#"error="invalid_token""#) == true)
            #expect(try await client.exchange(code).status == 400)
            let events = "SELECT count(*) FROM otalink.audit_event WHERE event = 'openid.revoked'"
            #expect(try await database.psql(events) == "1")
        }
    }

    @Test("The connection to the database lost in the middle of an exchange: the client is told to try again, and may")
    func lostConnection() async throws {
        try await withClient { (client, replica, database) async throws in
            let code = try await client.code(try await replica.signedInBrowser(client))
            let lock = Statement("test.lock", "SELECT FROM otalink.oidc_code FOR UPDATE")
            let waiting = """
                FROM pg_stat_activity
                 WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%UPDATE otalink.oidc_code%'
                """
            let answer = try await database.withClient { (holder) async throws in
                try await holder.transaction("test") { (transaction) async throws in
                    _ = try await transaction.query(lock)
                    async let exchanged = client.exchange(code)
                    let start = ContinuousClock.now
                    while try await database.psql("SELECT count(*) \(waiting)") != "1" {
                        try #require(ContinuousClock.now - start < .seconds(30))
                    }
                    try await database.psql("SELECT pg_terminate_backend(pid) \(waiting)")
                    return try await exchanged
                }
            }
            #expect(answer.status == 503 && answer.header("Retry-After") != nil, "\(answer.text)")
            #expect(answer.text.contains("temporarily_unavailable"))
            #expect(try await client.exchange(code).status == 200)
        }
    }

    /// What takes a code, or a token, its worth. Each is typed into the database.
    static let ends: [(statement: String, code: Bool, token: Bool)] = [
        ("UPDATE otalink.oidc_code SET issued_at = issued_at - interval '61 seconds'", false, true),
        ("UPDATE otalink.oidc_code SET used_at = used_at - interval '3601 seconds'", true, false),
        ("UPDATE otalink.oidc_code SET revoked_at = now()", false, false),
        ("UPDATE otalink.session SET revoked_at = now()", false, false),
        ("UPDATE otalink.session_grant SET created_at = created_at - interval '2 days'", false, false),
        ("UPDATE otalink.session SET last_seen_at = last_seen_at - interval '9 hours'", false, false),
        ("UPDATE otalink.session_grant SET counts_at_desk = false", false, false),
        ("UPDATE otalink.customer_user SET valid_id = 2", false, false),
        ("DELETE FROM otalink.session", false, false), ("DELETE FROM otalink.customer_user", false, false),
        ("DELETE FROM otalink.oidc_code", false, false),
    ]

    @Test("Codes last a minute, tokens an hour, and neither longer than session and customer user", arguments: ends)
    func ended(row: (statement: String, code: Bool, token: Bool)) async throws {
        try await withClient { (client, replica, database) async throws in
            let browser = try await replica.signedInBrowser(client)
            let tokens = try client.tokens(try await client.exchange(try await client.code(browser)))
            let code = try await client.code(browser)
            try await database.psql(row.statement)
            #expect(try await client.exchange(code).status == (row.code ? 200 : 400))
            #expect(try await client.userInfo(tokens.accessToken).status == (row.token ? 200 : 401))
        }
    }

    @Test("A client that was removed has no codes and no tokens")
    func removed() async throws {
        try await withClient { (client, replica, _) async throws in
            let browser = try await replica.signedInBrowser(client)
            let tokens = try client.tokens(try await client.exchange(try await client.code(browser)))
            #expect(try await replica.store.relyingParties.remove(id: "app"))
            #expect(try await client.userInfo(tokens.accessToken).status == 401)
            #expect(try await browser.get(client.path()).status == 400)
        }
    }

    @Test("No text of another kind passes for an access token or a code")
    func kinds() async throws {
        try await withClient { (client, replica, _) async throws in
            let browser = try await replica.signedInBrowser(client)
            let code = try await client.code(browser)
            let cookie = try #require(browser.cookies.firstMatch(of: /otalink=([^;]+)/)?.1)
            let tokens = try client.tokens(try await client.exchange(code))
            for wrong in [code, String(cookie), tokens.idToken, try await replica.token(), "x"] {
                #expect(try await client.userInfo(wrong).status == 401)
            }
            #expect(try await client.exchange(tokens.accessToken).status == 400)
            // Without a token there is nothing to complain about (RFC 6750, 3).
            let none = try await client.browser().get("/oidc/userinfo")
            #expect(none.status == 401 && none.header("WWW-Authenticate") == #"Bearer realm="otalink""#)
        }
    }

    @Test("A client may be let off PKCE; a verifier without a challenge is refused all the same (RFC 9700, 4.8)")
    func withoutPKCE() async throws {
        let desk = RegisteredClient(
            party: RelyingParty(id: "desk", redirectURIs: ["https://app.example.org/callback?x=1"], mayOmitPKCE: true),
            secretHash: Data(SHA256.hash(data: Data("s".utf8))), postLogoutRedirectURIs: [])
        try await withClient(others: [desk]) { (app, replica, _) async throws in
            let client = ExampleClient(curl: app.curl, url: app.url, id: "desk", secret: "s")
            let browser = try await replica.signedInBrowser(client)
            let without: Changes = ["code_challenge": nil, "code_challenge_method": nil]
            let first = try await client.code(browser, without)
            #expect(try await client.exchange(first).status == 400)
            #expect(try await client.exchange(first, ["code_verifier": nil]).status == 200)
            // With a challenge the verifier counts.
            let second = try await client.code(browser)
            #expect(try await client.exchange(second, ["code_verifier": nil]).status == 400)
            #expect(try await client.exchange(second).status == 200)
        }
    }

    @Test("A public client proves itself by its verifier alone, and shows no secret")
    func publicClient() async throws {
        try await withClient(others: Self.others) { (app, replica, _) async throws in
            let client = ExampleClient(curl: app.curl, url: app.url, id: "open", secret: nil)
            let code = try await client.code(try await replica.signedInBrowser(client))
            #expect(try await client.exchange(code, ["client_secret": "x"]).status == 401)
            #expect(try await client.exchange(code).status == 200)
        }
    }

    static let registrations: [(uri: String, isGood: Bool)] = [
        ("https://app.example.org/cb", true), ("https://app.example.org:8443/cb?x=1", true),
        ("http://127.0.0.1:8000/cb", true), ("http://localhost/cb", true), ("http://app.example.org/cb", false),
        ("https://app.example.org/cb#x", false), ("https://*.example.org/cb", false), ("/cb", false), ("", false),
        ("https://user@app.example.org/cb", false), ("https://app.example.org/ä", false),
        ("https://app.example.org/a b", false), ("javascript:alert(1)", false), ("https:///cb", false),
    ]

    @Test("Which addresses can be registered", arguments: registrations)
    func registration(row: (uri: String, isGood: Bool)) {
        #expect((RedirectTarget.objection(to: row.uri) == nil) == row.isGood)
    }
}
