import Crypto
import CurlClient
import Foundation
import LinkStore
import OneTimeLinks
import OpenIDProvider
import ReplicaSupport
import TestSupport
import Testing

/// A client of the OpenID Connect provider, as the tests play it.
struct ExampleClient: Sendable {
    static let issuer = "http://127.0.0.1:8080"
    static let openIDConnect = [SettingName.landing: "openid-connect"]
    /// The verifier of RFC 7636, appendix B, and its challenge.
    static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    let service: ServiceUnderTest
    var id = "app"
    var secret: String? = "app-secret"
    var redirectURI = "https://app.example.org/callback?x=1"

    /// The path of a sign-in; parameters given here come in place of the usual ones, nil takes one out.
    func path(_ changes: [String: String?] = [:]) -> String {
        "/oidc/authorize?" + query(changes)
    }

    func query(_ changes: [String: String?] = [:]) -> String {
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
    func answer(_ response: HTTPResponse) throws -> [String: String] {
        let location = try #require(response.header("Location"), "\(response.status) \(response.text)")
        #expect(response.status == 303)
        let query = try #require(
            location.hasPrefix(redirectURI + "&") ? location.dropFirst(redirectURI.count + 1) : nil)
        let pairs = try #require(FormParameters(encoded: String(query))).pairs
        return Dictionary(uniqueKeysWithValues: pairs.map { ($0.name, $0.value) })
    }

    /// The code that a signed-in browser gets.
    func code(_ browser: Browser, _ changes: [String: String?] = [:]) async throws -> String {
        let answer = try answer(try await browser.get(path(changes)))
        return try #require(answer["code"], "\(answer)")
    }

    /// An answer of the token endpoint.
    func exchange(
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
        return try await service.client.send(
            HTTPRequest(
                method: .post, url: service.url + "/oidc/token", headers: headers, body: Array(form.encoded.utf8)))
    }

    /// What an exchange gave.
    func tokens(_ response: HTTPResponse) throws -> Tokens {
        #expect(response.status == 200, "\(response.text)")
        return try Self.decoder.decode(Tokens.self, from: Data(response.text.utf8))
    }

    /// An answer of the userinfo endpoint.
    func userInfo(_ token: String) async throws -> HTTPResponse {
        try await service.client.send(
            HTTPRequest(
                method: .get, url: service.url + "/oidc/userinfo", headers: [("Authorization", "Bearer \(token)")]))
    }

    /// The claims of an ID token, its signature verified with the key set as it stands.
    func claims(_ token: String) async throws -> IDClaims {
        let answer = try await service.client.send(HTTPRequest(method: .get, url: service.url + "/oidc/jwks"))
        let keys = try JSONDecoder().decode(KeySet.self, from: Data(answer.text.utf8)).keys.map { key in
            try JSONWebKey(modulus: #require(key.n.base64URL), exponent: #require(key.e.base64URL))
        }
        return try Self.decoder.decode(IDClaims.self, from: JSONWebToken.verify(token, keys: keys))
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }

    struct Tokens: Decodable {
        let accessToken: String
        let tokenType: String
        let expiresIn: Int
        let idToken: String
        let scope: String
    }

    struct IDClaims: Decodable, Equatable {
        let iss: String
        let aud: String
        let sub: String
        let sid: String?
        let nonce: String?
        let authTime: Int
        let iat: Int
        let exp: Int
        let atHash: String?
        let email: String?
        let emailVerified: Bool?
        let name: String?
        let preferredUsername: String?
        let otalinkTicket: String?
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
    var base64URL: Data? {
        let standard = replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: standard + String(repeating: "=", count: (4 - count % 4) % 4))
    }
}

/// A service with one client, `app`, and whatever else is registered.
func withClient(
    _ stored: [String: String] = ExampleClient.openIDConnect, others: [RegisteredClient] = [],
    mayUseIDToken: Bool = false,
    _ body: @escaping @Sendable (ExampleClient, Replica, TestDatabase) async throws -> Void
) async throws {
    try await withService(stored) { (replica, service, database) async throws in
        let client = ExampleClient(service: service)
        let party = RelyingParty(
            id: client.id, redirectURIs: [client.redirectURI], mayUseIDToken: mayUseIDToken)
        let app = RegisteredClient(
            party: party, secretHash: Data(SHA256.hash(data: Data("app-secret".utf8))),
            postLogoutRedirectURIs: ["https://app.example.org/bye"])
        for registered in [app] + others {
            #expect(try await replica.store.relyingParties.add(registered))
        }
        try await body(client, replica, database)
    }
}

extension Replica {
    /// A browser that has clicked a new link of Anna's.
    func signedInBrowser(_ service: ServiceUnderTest) async throws -> Browser {
        let browser = Browser(client: service.client, base: service.url)
        let answer = try await browser.press(try await browser.get("/l/\(try await token())"))
        #expect(answer.status == 303)
        return browser
    }
}
