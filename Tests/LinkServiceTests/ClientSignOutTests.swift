import CurlClient
import Foundation
import OneTimeLinks
import OpenIDProvider
import ReplicaSupport
import TestSupport
import Testing

@Suite("Signing out at a client")
struct ClientSignOutTests {
    private static let bye = "https://app.example.org/bye"

    private func path(_ pairs: KeyValuePairs<String, String>) -> String {
        "/oidc/logout?" + FormParameters(pairs.map { .init(name: $0.key, value: $0.value) }).encoded
    }

    private func openSessions(_ database: TestDatabase) async throws -> String {
        try await database.psql("SELECT count(*) FROM otalink.session WHERE revoked_at IS NULL")
    }

    @Test("With its ID token: signed out at once, back to the registered address with state, tokens dead")
    func withHint() async throws {
        try await withClient { (client, replica, database) async throws in
            let browser = try await replica.signedInBrowser(client)
            let tokens = try client.tokens(try await client.exchange(try await client.code(browser)))
            let answer = try await browser.get(
                path(["id_token_hint": tokens.idToken, "post_logout_redirect_uri": Self.bye, "state": "a&b c"]))
            #expect(answer.status == 303 && answer.header("Location") == Self.bye + "?state=a%26b%20c")
            #expect(try await openSessions(database) == "0" && !browser.cookies.contains("otalink="))
            #expect(try await client.userInfo(tokens.accessToken).status == 401)
            #expect(try await browser.get(client.path()).text.contains("wants to know who you are"))
        }
    }

    @Test("Without one, as OTOBO does: asked first, since it could be anybody's page")
    func withoutHint() async throws {
        try await withClient { (client, replica, database) async throws in
            let browser = try await replica.signedInBrowser(client)
            let question = try await browser.get("/oidc/logout")
            #expect(question.status == 200 && question.text.contains("Sign out here too?"))
            #expect(question.text.contains("Anna Example"))
            #expect(try await openSessions(database) == "1")
            // A form without the page's value signs nobody out.
            #expect(try await browser.post("/oidc/logout/confirm", form: "form=00").status == 403)
            #expect(try await openSessions(database) == "1")
            let answer = try await browser.press(question)
            #expect(answer.status == 200 && answer.text.contains("You are signed out"))
            #expect(try await openSessions(database) == "0" && !browser.cookies.contains("otalink="))
            // Nobody is signed in any more: nothing to ask.
            #expect(try await browser.get("/oidc/logout").text.contains("You are signed out"))
        }
    }

    @Test("The client named, the address registered: asked, and led there afterwards")
    func named() async throws {
        try await withClient { (client, replica, database) async throws in
            let browser = try await replica.signedInBrowser(client)
            let question = try await browser.get(
                path(["client_id": "app", "post_logout_redirect_uri": Self.bye, "state": "s"]))
            #expect(question.header("Content-Security-Policy")?.contains("https://app.example.org;") == true)
            let action = try #require(question.text.firstMatch(of: /action="([^"]+)"/)?.1)
            let proof = try #require(question.text.firstMatch(of: /name="form" value="([^"]+)"/)?.1)
            let answer = try await browser.post(String(action.replacing("&amp;", with: "&")), form: "form=\(proof)")
            #expect(answer.header("Location") == Self.bye + "?state=s")
            #expect(try await openSessions(database) == "0")
        }
    }

    static let elsewhere: [(name: String, uri: String, client: String?)] = [
        ("not registered", "https://app.example.org/other", "app"), ("another host", "https://evil.example/", "app"),
        ("an unknown client's", bye, "other"), ("nobody's", bye, nil),
        ("a redirect URI", "https://app.example.org/callback?x=1", "app"),
        ("other case", "https://APP.example.org/bye", "app"),
    ]

    @Test("No address but a registered one is followed", arguments: elsewhere)
    func refused(row: (name: String, uri: String, client: String?)) async throws {
        try await withClient { (client, _, _) async throws in
            let browser = client.browser()
            let pairs: [FormParameters.Pair] =
                [.init(name: "post_logout_redirect_uri", value: row.uri)]
                + (row.client.map { [.init(name: "client_id", value: $0)] } ?? [])
            let answer = try await browser.get("/oidc/logout?" + FormParameters(pairs).encoded)
            #expect(answer.status == 200 && answer.header("Location") == nil, "\(row.name)")
        }
    }

    @Test("A token for another client than the one named, or a forged one, signs nobody out")
    func forged() async throws {
        try await withClient { (client, replica, database) async throws in
            let browser = try await replica.signedInBrowser(client)
            let token = try client.tokens(try await client.exchange(try await client.code(browser))).idToken
            for query in [
                path(["id_token_hint": token, "client_id": "other"]), path(["id_token_hint": token + "x"]),
                path(["id_token_hint": "eyJhbGciOiJub25lIn0.e30."]),
            ] {
                #expect(try await browser.get(query).text.contains("Sign out here too?"))
            }
            #expect(try await browser.get("/oidc/logout?client_id=a&client_id=b").status == 400)
            #expect(try await openSessions(database) == "1")
        }
    }

    @Test(
        "By POST from another site, without a cookie: what the token names ends, and the rest goes on by GET without it"
    )
    func byForm() async throws {
        try await withClient { (client, replica, database) async throws in
            let browser = try await replica.signedInBrowser(client)
            let token = try client.tokens(try await client.exchange(try await client.code(browser))).idToken
            let stranger = client.browser()
            let form = FormParameters([
                .init(name: "id_token_hint", value: token), .init(name: "post_logout_redirect_uri", value: Self.bye),
            ]).encoded
            let answer = try await stranger.post("/oidc/logout", form: form)
            let onward = try #require(answer.header("Location"))
            #expect(answer.status == 303 && onward.hasPrefix("/oidc/logout?client_id=app&") && !onward.contains(token))
            #expect(try await openSessions(database) == "0")
            #expect(try await stranger.get(onward).header("Location") == Self.bye)
        }
    }

    @Test(
        "The person clicked another link since: their token ends the session in place of its own, and its tokens follow"
    )
    func replacedSession() async throws {
        try await withClient { (client, replica, database) async throws in
            let browser = try await replica.signedInBrowser(client)
            let waiting = try await client.code(browser)
            let tokens = try client.tokens(try await client.exchange(try await client.code(browser)))
            _ = try await browser.press(try await browser.get("/l/\(try await replica.token())"))
            #expect(try await openSessions(database) == "1")
            // A code and a token of before go on.
            #expect(try await client.exchange(waiting).status == 200)
            #expect(try await client.userInfo(tokens.accessToken).status == 200)
            let bye = try await browser.get(path(["id_token_hint": tokens.idToken]))
            #expect(bye.text.contains("You are signed out"))
            #expect(try await openSessions(database) == "0")
            #expect(try await client.userInfo(tokens.accessToken).status == 401)
        }
    }

    @Test("The person signed in elsewhere too: their token ends that session as well; somebody else's asks first")
    func otherSession() async throws {
        try await withClient { (client, replica, database) async throws in
            let first = try await replica.signedInBrowser(client)
            let token = try client.tokens(try await client.exchange(try await client.code(first))).idToken
            let browser = try await replica.signedInBrowser(client)
            #expect(try await openSessions(database) == "2")
            try await database.psql("UPDATE otalink.oidc_subject SET customer_login = 'bert@example.org'")
            #expect(try await browser.get(path(["id_token_hint": token])).text.contains("Sign out here too?"))
            #expect(try await openSessions(database) == "1")
            try await database.psql("UPDATE otalink.oidc_subject SET customer_login = 'anna@example.org'")
            #expect(try await browser.get(path(["id_token_hint": token])).text.contains("You are signed out"))
            #expect(try await openSessions(database) == "0")
        }
    }
}
