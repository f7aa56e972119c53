import Crypto
import Foundation
import LinkStore
import OpenIDProvider
import OpenIDStore
import ReplicaSupport
import TestSupport
import Testing

extension ExampleClient {
    /// What the tests' service calls itself.
    static let issuer = "http://127.0.0.1:8080"
}

/// A service with one client, `app`, and whatever else is registered.
func withClient(
    _ stored: [String: String] = ExampleClient.openIDConnect, others: [RegisteredClient] = [],
    mayUseIDToken: Bool = false,
    _ body: @escaping @Sendable (ExampleClient, Replica, TestDatabase) async throws -> Void
) async throws {
    try await withService(stored) { (replica, service, database) async throws in
        let client = ExampleClient(curl: service.client, url: service.url)
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
    func signedInBrowser(_ client: ExampleClient) async throws -> Browser {
        let browser = client.browser()
        let answer = try await browser.press(try await browser.get("/l/\(try await token())"))
        #expect(answer.status == 303)
        return browser
    }
}
