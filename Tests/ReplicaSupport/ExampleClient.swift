import CurlClient
import Foundation
import OneTimeLinks
import OpenIDProvider
import Testing

/// A client of the OpenID Connect provider, as the tests play it.
package struct ExampleClient: Sendable {
    package static let openIDConnect = [SettingName.landing: "openid-connect"]
    /// The verifier of RFC 7636, appendix B, and its challenge.
    package static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    package static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    package let curl: CurlClient
    /// Where the service, or one of its replicas, is asked.
    package var url: String
    package var id: String
    package var secret: String?
    package var redirectURI: String

    package init(
        curl: CurlClient, url: String, id: String = "app", secret: String? = "app-secret",
        redirectURI: String = "https://app.example.org/callback?x=1"
    ) {
        self.curl = curl
        self.url = url
        self.id = id
        self.secret = secret
        self.redirectURI = redirectURI
    }

    /// A browser that nobody has signed in with.
    package func browser() -> Browser { Browser(client: curl, base: url) }

    /// The path of a sign-in; parameters given here come in place of the usual ones, nil takes one out.
    package func path(_ changes: [String: String?] = [:]) -> String {
        "/oidc/authorize?" + query(changes)
    }

    package func query(_ changes: [String: String?] = [:]) -> String {
        var parameters: [String: String?] = [
            "response_type": "code", "client_id": id, "redirect_uri": redirectURI,
            "scope": "openid profile email otalink_ticket", "state": "st", "nonce": "no",
            "code_challenge": Self.challenge, "code_challenge_method": "S256",
        ]
        for (name, value) in changes { parameters[name] = .some(value) }
        return FormParameters(
            parameters.sorted { $0.key < $1.key }.compactMap { name, value in
                value.map { FormParameters.Pair(name: name, value: $0) }
            }
        ).encoded
    }

    /// The parameters of an answer that was sent to the redirect URI.
    package func answer(_ response: HTTPResponse) throws -> [String: String] {
        let location = try #require(response.header("Location"), "\(response.status) \(response.text)")
        #expect(response.status == 303)
        let query = try #require(
            location.hasPrefix(redirectURI + "&") ? location.dropFirst(redirectURI.count + 1) : nil)
        let pairs = try #require(FormParameters(encoded: String(query))).pairs
        return Dictionary(uniqueKeysWithValues: pairs.map { ($0.name, $0.value) })
    }

    /// The code that a signed-in browser gets.
    package func code(_ browser: Browser, _ changes: [String: String?] = [:]) async throws -> String {
        let answer = try answer(try await browser.get(path(changes)))
        return try #require(answer["code"], "\(answer)")
    }

    /// An answer of the token endpoint.
    package func exchange(
        _ code: String, _ changes: [String: String?] = [:], authorization: String? = nil
    ) async throws -> HTTPResponse {
        var parameters: [String: String?] = [
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirectURI,
            "code_verifier": Self.verifier, "client_id": id, "client_secret": secret,
        ]
        for (name, value) in changes { parameters[name] = .some(value) }
        let form = FormParameters(
            parameters.compactMap { name, value in value.map { FormParameters.Pair(name: name, value: $0) } })
        var headers = [("Content-Type", "application/x-www-form-urlencoded")]
        if let authorization { headers.append(("Authorization", authorization)) }
        return try await curl.send(
            HTTPRequest(
                method: .post, url: url + "/oidc/token", headers: headers, body: Array(form.encoded.utf8)))
    }

    /// What an exchange gave.
    package func tokens(_ response: HTTPResponse) throws -> Tokens {
        #expect(response.status == 200, "\(response.text)")
        return try Self.decoder.decode(Tokens.self, from: Data(response.text.utf8))
    }

    /// An answer of the userinfo endpoint.
    package func userInfo(_ token: String) async throws -> HTTPResponse {
        try await curl.send(
            HTTPRequest(
                method: .get, url: url + "/oidc/userinfo", headers: [("Authorization", "Bearer \(token)")]))
    }

    /// The claims of an ID token, its signature verified with the key set as it stands.
    package func claims(_ token: String) async throws -> IDClaims {
        try Self.decoder.decode(IDClaims.self, from: JSONWebToken.verify(token, keys: try await keySet()))
    }

    /// The key set as it stands.
    package func keySet() async throws -> [JSONWebKey] {
        let answer = try await curl.send(HTTPRequest(method: .get, url: url + "/oidc/jwks"))
        return try JSONDecoder().decode(KeySet.self, from: Data(answer.text.utf8)).keys.map { key in
            try JSONWebKey(modulus: #require(key.n.base64URL), exponent: #require(key.e.base64URL))
        }
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }

    package struct Tokens: Decodable {
        package let accessToken: String
        package let tokenType: String
        package let expiresIn: Int
        package let idToken: String
        package let scope: String
    }

    package struct IDClaims: Decodable, Equatable {
        package let iss: String
        package let aud: String
        package let sub: String
        package let sid: String?
        package let nonce: String?
        package let authTime: Int
        package let iat: Int
        package let exp: Int
        package let atHash: String?
        package let email: String?
        package let emailVerified: Bool?
        package let name: String?
        package let preferredUsername: String?
        package let otalinkTicket: String?
    }

    private struct KeySet: Decodable {
        struct Key: Decodable {
            let n: String
            let e: String
        }
        let keys: [Key]
    }
}

extension String {
    /// The bytes of base64url without padding.
    package var base64URL: Data? {
        let standard = replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: standard + String(repeating: "=", count: (4 - count % 4) % 4))
    }
}
