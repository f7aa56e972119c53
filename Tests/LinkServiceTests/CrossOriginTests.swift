import CurlClient
import Foundation
import OpenIDProvider
import OpenIDStore
import ReplicaSupport
import TestSupport
import Testing

@testable import LinkService
@testable import LinkStore

@Suite("Programs in a browser ask the provider")
struct CrossOriginTests {
    private static let paths = [
        "/.well-known/openid-configuration", "/oidc/jwks", "/oidc/token", "/oidc/userinfo",
    ]

    private static let shop = RegisteredClient(
        party: RelyingParty(
            id: "shop", redirectURIs: ["https://Shop.example.org:443/callback?a=b", "http://127.0.0.1:3000/cb"],
            isPublic: true),
        secretHash: nil, postLogoutRedirectURIs: ["https://elsewhere.example.org/"])

    @Test(
        "Answers may be read from the origins of public clients' redirect addresses, and from no others",
        arguments: [
            ("https://shop.example.org", true), ("http://127.0.0.1:3000", true),
            ("https://shop.example.org:443", false),
            ("https://elsewhere.example.org", false), ("https://shop.example.org.evil.example", false),
            ("http://shop.example.org", false), ("https://shop.example.org/", false), ("null", false),
            // Of a client with a secret, which no page may know.
            ("https://app.example.org", false),
        ])
    func origins(origin: String, isAllowed: Bool) async throws {
        try await withClient(others: [Self.shop]) { (client, _, _) async throws in
            for path in Self.paths {
                func send(_ method: HTTPRequest.Method, _ more: [(String, String)] = []) async throws -> HTTPResponse {
                    let headers = [("Origin", origin)] + more
                    return try await client.curl.send(
                        HTTPRequest(
                            method: method, url: client.url + path, headers: headers.map { (name: $0.0, value: $0.1) }))
                }
                let preflight = try await send(
                    .options,
                    [("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization")])
                #expect(preflight.status == 204)
                let answer = try await send(path == "/oidc/token" ? .post : .get)
                #expect([200, 400, 401].contains(answer.status))
                for response in [preflight, answer] {
                    #expect(response.header("Access-Control-Allow-Origin") == (isAllowed ? origin : nil), "\(path)")
                    #expect(response.header("Access-Control-Allow-Credentials") == nil)
                    #expect(response.header("Vary")?.contains("Origin") == true)
                }
                #expect(
                    preflight.header("Access-Control-Allow-Headers")
                        == (isAllowed ? "Authorization, Content-Type" : nil))
            }
            // Pages and the JSON interface are for no other origin.
            let page = try await client.curl.send(
                HTTPRequest(
                    method: .get, url: client.url + "/new-link",
                    headers: [(name: "Origin", value: "https://shop.example.org")]))
            #expect(page.header("Access-Control-Allow-Origin") == nil)
        }
    }

    @Test("An origin that is registered counts a few seconds later, and one that is removed ends")
    func changes() async throws {
        try await withClient { (client, replica, _) async throws in
            let origins = RegisteredOrigins(clients: replica.store.relyingParties, age: .zero)
            let origin = "https://shop.example.org"
            #expect(await !origins.contains(origin, logger: .quiet))
            #expect(try await replica.store.relyingParties.add(Self.shop))
            #expect(await origins.contains(origin, logger: .quiet))
            #expect(try await replica.store.relyingParties.remove(id: "shop"))
            #expect(await !origins.contains(origin, logger: .quiet))
        }
    }
}
