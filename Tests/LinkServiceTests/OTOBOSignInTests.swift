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

/// What a real OTOBO 10.1.11 sent in recorded sign-ins of customers, byte for byte, and what it wants back.
@Suite("Signing in at OTOBO's customer interface")
struct OTOBOSignInTests {
    private static let redirectURI = "http://127.0.0.1:55001/otobo/customer.pl?Action=Login"
    private static let authorization = "Basic b3RvYm8tY2xpZW50OnMzY3IzdA=="
    private static let start = "scope=openid%20profile%20email&client_id=otobo-client&state="
    private static let end =
        "&redirect_uri=http%3A%2F%2F127.0.0.1%3A55001%2Fotobo%2Fcustomer.pl%3FAction%3DLogin"

    /// The state, which is a random text and the wanted page, escaped twice; and the nonce.
    static let requests: [(state: String, nonce: String?)] = [
        ("yXhXuW5UgNxAsLbC4LLVdOAction%253DCustomerTicketZoom%253BTicketNumber%253D2026112510000026", nil),
        (
            "Vz7a5QuKBQGX5PatVbwEzAAction%253DCustomerTicketSearch%253BSubaction%253DSearch%253BTitle%253DGr%2525C3%2525BC"
                + "%2525C3%25259Fe%252520%252526%252520mehr", nil
        ),
        (
            "FsWvmNfCzgjjP2ANGe7ZTaAction%253DCustomerTicketZoom%253BTicketNumber%253D2026112510000026",
            "X1zz28xcPJjupB08Wc4GeS"
        ),
    ]

    private func withDesk(
        _ body: @escaping @Sendable (ExampleClient, Replica, TestDatabase) async throws -> Void
    ) async throws {
        let desk = RegisteredClient(
            party: RelyingParty(
                id: "otobo-client", redirectURIs: [Self.redirectURI], mayOmitPKCE: true, mayUseIDToken: true),
            secretHash: Data(SHA256.hash(data: Data("s3cr3t".utf8))), postLogoutRedirectURIs: [])
        try await withClient(others: [desk]) { (client, replica, database) async throws in
            try await body(
                ExampleClient(
                    curl: client.curl, url: client.url, id: "otobo-client", secret: "s3cr3t",
                    redirectURI: Self.redirectURI),
                replica, database)
        }
    }

    @Test(
        "Code flow: the browser's request, the desk's exchange, and an ID token that the desk takes",
        arguments: requests)
    func code(row: (state: String, nonce: String?)) async throws {
        try await withDesk { (client, replica, _) async throws in
            let browser = try await replica.signedInBrowser(client)
            let nonce = row.nonce.map { "&nonce=\($0)" } ?? ""
            let answer = try await browser.get(
                "/oidc/authorize?response_type=code&" + Self.start + row.state + Self.end + nonce)
            let location = try #require(answer.header("Location"))
            // Appended to a query that is there already; the state in the very spelling that the desk sent.
            #expect(answer.status == 303 && location.hasPrefix(Self.redirectURI + "&code="))
            #expect(location.contains("&state=\(row.state)&iss="))
            let code = try #require(location.firstMatch(of: /code=([^&]+)/)?.1)
            let response = try await client.curl.send(
                HTTPRequest(
                    method: .post, url: client.url + "/oidc/token",
                    headers: [
                        // Its fields TE and Connection are about the connection, which is another one here.
                        ("Authorization", Self.authorization), ("User-Agent", "libwww-perl/6.26"),
                        ("Content-Type", "application/x-www-form-urlencoded"),
                    ],
                    body: Array("grant_type=authorization_code&code=\(code)\(Self.end)".utf8)))
            try await expectAccepted(client.tokens(response).idToken, by: client, nonce: row.nonce)
        }
    }

    @Test("ID token by form post, for a desk that is configured so", arguments: requests.prefix(2))
    func idToken(row: (state: String, nonce: String?)) async throws {
        try await withDesk { (client, replica, _) async throws in
            let browser = try await replica.signedInBrowser(client)
            let nonce = "VP7D78ic0rH9kryCtKlKri"
            let page = try await browser.get(
                "/oidc/authorize?response_type=id_token&" + Self.start + row.state + Self.end
                    + "&nonce=\(nonce)&response_mode=form_post")
            #expect(page.text.contains(#"<form method="post" action="\#(Self.redirectURI)">"#))
            let state = try #require(FormParameters(encoded: "s=\(row.state)")?["s"])
            #expect(page.text.contains(#"name="state" value="\#(state)""#))
            let token = try #require(page.text.firstMatch(of: /name="id_token" value="([^"]+)"/)?.1)
            try await expectAccepted(String(token), by: client, nonce: nonce)
        }
    }

    @Test("Logout: a bare redirect; the customer is asked, and every way ends at a page")
    func logout() async throws {
        try await withDesk { (client, replica, _) async throws in
            let browser = try await replica.signedInBrowser(client)
            let question = try await browser.get("/oidc/logout")
            #expect(try await browser.press(question).text.contains("You are signed out"))
        }
    }

    /// Everything that the recordings show the desk to look at.
    private func expectAccepted(_ token: String, by client: ExampleClient, nonce: String?) async throws {
        let claims = try await client.claims(token)
        #expect(claims.iss == ExampleClient.issuer && claims.aud == "otobo-client" && claims.nonce == nonce)
        #expect(claims.preferredUsername == "anna@example.org" && !claims.sub.isEmpty)
        let now = Int(Date().timeIntervalSince1970)
        // Database and desk may differ by two seconds, which the desk forgives.
        #expect(claims.iat <= now + 2 && claims.exp > now)
        let parts = try token.split(separator: ".").prefix(2).map { try #require(String($0).base64URL) }
        let header = String(decoding: parts[0], as: UTF8.self)
        #expect(header.contains(#""kid":""#) && header.contains(#""alg":"RS256""#))
        // No claim that the desk would judge otherwise than the others.
        let names = try JSONDecoder().decode([String: AnyClaim].self, from: parts[1]).keys
        #expect(!names.contains("nbf") && !names.contains("acr") && !names.contains("amr") && !names.contains("azp"))
    }
}

/// A claim of which only the name matters.
private struct AnyClaim: Decodable {
    init(from decoder: any Decoder) {}
}
