import Crypto
import CurlClient
import Foundation
import LinkStore
import ReplicaSupport
import TestSupport
import Testing

@Suite("Requests while the database is away")
struct LostDatabaseTests {
    @Test("Customers and programs are told to try again, and nothing is spent")
    func unavailable() async throws {
        try await withService { (replica, base, database) async throws in
            let hash = Array(SHA256.hash(data: Data("ota_key".utf8)))
            #expect(try await replica.store.apiKeys.create(name: "test", hash: hash, scopes: [.issueLinks]))
            let browser = Browser(client: base.client, base: base.url)
            let page = try await browser.get("/l/\(try await replica.token())")
            await replica.client.close()
            let clicked = try await browser.press(page)
            #expect(clicked.status == 503 && clicked.text.contains("try again"))
            #expect(clicked.header("Retry-After") != nil)
            let call = HTTPRequest(
                method: .post, url: base.url + "/api/v1/links", headers: [("Authorization", "Bearer ota_key")],
                body: Array("{}".utf8))
            let called = try await base.client.send(call)
            #expect(called.status == 503 && called.text.contains("Nothing was changed"))
            #expect(called.header("Retry-After") != nil)
            #expect(try await database.psql("SELECT state FROM otalink.link") == "active")
        }
    }
}
