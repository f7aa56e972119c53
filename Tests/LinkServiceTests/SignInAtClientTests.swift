import Crypto
import CurlClient
import Foundation
import LinkStore
import OneTimeLinks
import OpenIDProvider
import OpenIDStore
import ReplicaSupport
import TestSupport
import Testing

@Suite("Signing in at a client by OpenID Connect")
struct SignInAtClientTests {
    @Test("Signed in by a link: code, tokens, claims; the same person is the same subject, and never an address")
    func wholeWay() async throws {
        try await withClient { (client, replica, database) async throws in
            let browser = try await replica.signedInBrowser(client)
            let answer = try client.answer(try await browser.get(client.path()))
            #expect(answer["state"] == "st" && answer["iss"] == ExampleClient.issuer)
            let response = try await client.exchange(try #require(answer["code"]))
            #expect(response.header("Cache-Control") == "no-store" && response.header("Pragma") == "no-cache")
            let tokens = try client.tokens(response)
            #expect(tokens.tokenType == "Bearer" && tokens.expiresIn == 3_600)
            #expect(tokens.scope == "email openid otalink_ticket profile")
            let claims = try await client.claims(tokens.idToken)
            #expect(claims.iss == ExampleClient.issuer && claims.aud == "app" && claims.nonce == "no")
            #expect(claims.preferredUsername == "anna@example.org" && claims.email == "anna@example.org")
            // The link was handed over by a program: nobody has seen that Anna reads this mailbox.
            #expect(claims.emailVerified == false)
            #expect(claims.name == "Anna Example" && claims.otalinkTicket == "2026112510000018")
            #expect(!claims.sub.contains("@") && claims.exp - claims.iat == 605)
            let info = try await client.userInfo(tokens.accessToken)
            #expect(info.status == 200 && info.text.contains(#""sub":"\#(claims.sub)""#))
            #expect(info.text.contains(#""otalink_ticket":"2026112510000018""#))

            let again = try client.tokens(try await client.exchange(try await client.code(browser)))
            #expect(try await client.claims(again.idToken).sub == claims.sub)
            let events = try await database.psql(
                "SELECT count(*) FROM otalink.audit_event WHERE event = 'openid.signed_in' AND customer_login = 'anna@example.org'"
            )
            #expect(events == "2")
        }
    }

    @Test("The address counts as verified if the link was mailed to it")
    func verifiedAddress() async throws {
        try await withClient { (client, replica, database) async throws in
            let browser = try await replica.signedInBrowser(client)
            try await database.psql("UPDATE otalink.link SET origin = 'notification'")
            let tokens = try client.tokens(try await client.exchange(try await client.code(browser)))
            #expect(try await client.claims(tokens.idToken).emailVerified == true)
            try await database.psql("UPDATE otalink.link SET recipient = 'other@example.org'")
            let later = try client.tokens(try await client.exchange(try await client.code(browser)))
            #expect(try await client.claims(later.idToken).emailVerified == false)
        }
    }

    @Test("Nobody signed in: a page that says why, and after the click the flow goes on")
    func flow() async throws {
        try await withClient { (client, replica, _) async throws in
            let browser = client.browser()
            let page = try await browser.get(client.path(["login_hint": "anna@example.org"]))
            #expect(page.status == 200 && page.text.contains("wants to know who you are"))
            #expect(page.text.contains(#"value="anna@example.org""#))
            // However often it is asked for: a page, and no redirect.
            #expect(try await browser.get(client.path()).status == 200)
            let link = try await browser.get("/l/\(try await replica.token())")
            let clicked = try await browser.press(link)
            let onward = try Self.onward(clicked)
            #expect(onward == client.path())
            // For browsers that do not go on by themselves.
            #expect(clicked.text.contains("href=\"\(onward.replacing("&", with: "&amp;"))\""))
            let answer = try client.answer(try await browser.get(onward))
            #expect(answer["code"] != nil && answer["state"] == "st")
            // The request was answered: the next link leads to the desk.
            let next = try await browser.press(try await browser.get("/l/\(try await replica.token())"))
            #expect(next.header("Location") == "http://127.0.0.1:8090/ticket/2026112510000018")
        }
    }

    @Test(
        "A request that waited for too long, was tampered with, or would lead to a session of one ticket does not go on"
    )
    func noFlow() async throws {
        try await withClient { (client, replica, _) async throws in
            let browser = client.browser()
            _ = try await browser.get(client.path())
            let cookie = try #require(browser.cookies.firstMatch(of: /otalink-flow=([^;]+)/)?.1)
            for wrong in [
                cookie.replacing("app", with: "apx"), Substring(cookie.spoiled()), cookie.dropLast(1),
                Self.cookie(replica, secondsAgo: 241, client.query()),
            ] {
                let other = client.browser()
                let page = try await other.get("/l/\(try await replica.token())")
                let form = try #require(page.text.firstMatch(of: /action="([^"]+)".*name="form" value="([^"]+)"/))
                let answer = try await client.curl.send(
                    HTTPRequest(
                        method: .post, url: client.url + String(form.1),
                        headers: [
                            ("Cookie", other.cookies + "; otalink-flow=\(wrong)"),
                            ("Content-Type", "application/x-www-form-urlencoded"),
                        ], body: Array("form=\(form.2)".utf8)))
                #expect(answer.header("Location") == "http://127.0.0.1:8090/ticket/2026112510000018", "\(wrong)")
            }
        }
        try await withClient([:]) { (client, replica, _) async throws in
            let browser = client.browser()
            _ = try await browser.get(client.path())
            let clicked = try await browser.press(try await browser.get("/l/\(try await replica.token())"))
            #expect(clicked.header("Location") == "/t/2026112510000018")
            // A session of one ticket is nobody at a client; a page says so, and nothing goes round in circles.
            #expect(try await browser.get(client.path()).text.contains("wants to know who you are"))
            #expect(
                try client.answer(try await browser.get(client.path(["prompt": "none"])))["error"] == "login_required")
        }
    }

    private static func cookie(_ replica: Replica, secondsAgo: Int, _ query: String) -> Substring {
        let milliseconds = (Int(Date().timeIntervalSince1970) - secondsAgo) * 1000
        let digest = SHA256.hash(data: Data(query.utf8)).prefix(16).map { String(format: "%02x", $0) }.joined()
        let kept = "\(milliseconds).\(digest).\(query)"
        let code = replica.keys.code(over: Array(kept.utf8), as: .flow).map { String(format: "%02x", $0) }.joined()
        return Substring("\(code).\(kept)")
    }

    @Test("A fresh waiting request of the same making goes on, so the tampered ones fail for their reason")
    func goodCookie() async throws {
        try await withClient { (client, replica, _) async throws in
            let browser = client.browser()
            let page = try await browser.get("/l/\(try await replica.token())")
            let form = try #require(page.text.firstMatch(of: /action="([^"]+)".*name="form" value="([^"]+)"/))
            let answer = try await client.curl.send(
                HTTPRequest(
                    method: .post, url: client.url + String(form.1),
                    headers: [
                        (
                            "Cookie",
                            browser.cookies + "; otalink-flow=\(Self.cookie(replica, secondsAgo: 200, client.query()))"
                        ),
                        ("Content-Type", "application/x-www-form-urlencoded"),
                    ], body: Array("form=\(form.2)".utf8)))
            #expect(try Self.onward(answer) == client.path())
        }
    }

    /// Where the page after a click leads on to.
    private static func onward(_ clicked: HTTPResponse) throws -> String {
        #expect(clicked.status == 200)
        return String(try #require(clicked.header("Refresh")?.wholeMatch(of: /0; url=(.+)/)).output.1)
    }

    @Test(
        "prompt=login and max_age=0 want a new sign-in, once; prompt=none wants no page",
        arguments: ["prompt", "max_age"])
    func prompts(parameter: String) async throws {
        try await withClient { (client, replica, _) async throws in
            let browser = try await replica.signedInBrowser(client)
            #expect(try client.answer(try await browser.get(client.path(["prompt": "none"])))["code"] != nil)
            let asked = client.path([parameter: parameter == "prompt" ? "login" : "0"])
            let page = try await browser.get(asked)
            #expect(page.status == 200 && page.text.contains("wants to be sure that it is you"))
            #expect(try await browser.get(asked).status == 200)
            let clicked = try await browser.press(try await browser.get("/l/\(try await replica.token())"))
            let onward = try Self.onward(clicked)
            #expect(onward == asked)
            #expect(try client.answer(try await browser.get(onward))["code"] != nil)
            // Another request wants another sign-in.
            #expect(try await browser.get(asked).status == 200)
        }
    }

    @Test("An ID token as hint: the person it names, or nobody; one that is not ours is refused")
    func hints() async throws {
        try await withClient { (client, replica, database) async throws in
            let browser = try await replica.signedInBrowser(client)
            let token = try client.tokens(try await client.exchange(try await client.code(browser))).idToken
            let quietly: [String: String?] = ["prompt": "none", "id_token_hint": token]
            #expect(try client.answer(try await browser.get(client.path(quietly)))["code"] != nil)
            let forged: [String: String?] = ["id_token_hint": token + "x"]
            #expect(try client.answer(try await browser.get(client.path(forged)))["error"] == "invalid_request")
            // Somebody else's subject.
            try await database.psql(
                "DELETE FROM otalink.oidc_subject; INSERT INTO otalink.oidc_subject VALUES ('anna@example.org', 'other')"
            )
            #expect(try client.answer(try await browser.get(client.path(quietly)))["error"] == "login_required")
        }
    }

    @Test("state goes back byte for byte", arguments: ["plain", "a%2Bb c+d", "ä€😀", "x&y=z;w#?/", "22chars%253DTwice"])
    func state(state: String) async throws {
        try await withClient { (client, replica, _) async throws in
            let browser = try await replica.signedInBrowser(client)
            #expect(try client.answer(try await browser.get(client.path(["state": state])))["state"] == state)
        }
        try await withClient(mayUseIDToken: true) { (client, replica, _) async throws in
            let browser = try await replica.signedInBrowser(client)
            let page = try await browser.get(client.path(Self.formPost.merging(["state": state]) { $1 }))
            let shown = try #require(page.text.firstMatch(of: /name="state" value="([^"]*)"/)?.1)
            #expect(shown.replacing("&amp;", with: "&") == state)
        }
    }

    private static let formPost: [String: String?] = [
        "response_type": "id_token", "response_mode": "form_post", "code_challenge": nil, "code_challenge_method": nil,
    ]

    @Test("An ID token by form post, for a client that was marked so: a form to its redirect URI alone")
    func idToken() async throws {
        try await withClient(mayUseIDToken: true) { (client, replica, database) async throws in
            let browser = try await replica.signedInBrowser(client)
            let page = try await browser.get(client.path(Self.formPost))
            #expect(page.status == 200 && page.text.contains(#"action="https://app.example.org/callback?x=1""#))
            #expect(page.header("Content-Security-Policy")?.contains("https://app.example.org;") == true)
            let token = try #require(page.text.firstMatch(of: /name="id_token" value="([^"]+)"/)?.1)
            let claims = try await client.claims(String(token))
            #expect(claims.nonce == "no" && claims.atHash == nil && claims.aud == "app")
            #expect(page.text.contains(#"name="iss" value="http://127.0.0.1:8080""#))
            #expect(try await database.psql("SELECT count(*) FROM otalink.oidc_code") == "0")
        }
    }

    @Test("A request by POST is led to the same by GET, so that the browser sends its cookie along")
    func byForm() async throws {
        try await withClient { (client, replica, _) async throws in
            let browser = try await replica.signedInBrowser(client)
            let answer = try await browser.post("/oidc/authorize", form: client.query())
            #expect(answer.status == 303 && answer.header("Location") == client.path())
            #expect(try await browser.post("/oidc/authorize", form: "x=%").status == 400)
            #expect(
                try await browser.post("/oidc/authorize", form: String(repeating: "x", count: 20_000)).status == 400)
            #expect(try await browser.get(client.path(), method: .head).status == 405)
        }
    }

    @Test("A client that asks again and again gets a page, not an endless chain of codes")
    func endless() async throws {
        try await withClient { (client, replica, _) async throws in
            let browser = try await replica.signedInBrowser(client)
            for _ in 0..<AuthorizationCodes.mostWithinHalfAMinute { _ = try await client.code(browser) }
            let page = try await browser.get(client.path())
            #expect(page.status == 409 && page.text.contains("round in circles"))
        }
    }

    @Test("What anybody may read: endpoints below the base URL, keys, both to be kept for less than an hour")
    func documents() async throws {
        try await withClient { (client, replica, _) async throws in
            let browser = client.browser()
            let discovery = try await browser.get("/.well-known/openid-configuration")
            #expect(discovery.header("Cache-Control") == "public, max-age=900")
            #expect(discovery.text.contains(#""issuer":"http://127.0.0.1:8080""#))
            #expect(discovery.text.contains(#""end_session_endpoint":"http://127.0.0.1:8080/oidc/logout""#))
            #expect(try await browser.get("/oidc/jwks").text == #"{"keys":[]}"#)
            _ = try await client.exchange(try await client.code(try await replica.signedInBrowser(client)))
            let keys = try await browser.get("/oidc/jwks")
            #expect(keys.header("Cache-Control") == "public, max-age=900")
            #expect(keys.text.matches(of: /"kid"/).count == 1 && !keys.text.contains(#""d""#))
        }
        try await withService(baseURL: "https://desk.example.org/otalink") { (_, service, _) async throws in
            let browser = Browser(client: service.client, base: service.url)
            let discovery = try await browser.get("/otalink/.well-known/openid-configuration")
            #expect(discovery.text.contains(#""issuer":"https://desk.example.org/otalink""#))
            #expect(discovery.text.contains(#""jwks_uri":"https://desk.example.org/otalink/oidc/jwks""#))
        }
    }
}
