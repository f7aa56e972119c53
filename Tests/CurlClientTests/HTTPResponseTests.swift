import CurlClient
import Foundation
import Testing

@Suite("Receiving HTTP responses", .serialized, .timeLimit(.minutes(10)))
struct HTTPResponseTests {
    @Test("An error page is a response like any other", arguments: [400, 401, 404, 500, 503])
    func errorPages(status: Int) async throws {
        try await withHTTPPeer { peer in
            let response = try await peer.get("/status/\(status)")
            #expect(response.status == status)
            #expect(response.text == "<html><h1>\(status)</h1></html>")
        }
    }

    @Test("A redirect is not followed")
    func redirect() async throws {
        try await withHTTPPeer { peer in
            let response = try await peer.get("/redirect")
            #expect(response.status == 302)
            #expect(response.header("LOCATION") == "/echo")
            let statistics = try await peer.statistics()
            #expect(statistics.requests == ["GET /redirect"])
        }
    }

    @Test("Header fields are found whatever their case; folded ones are joined")
    func fields() async throws {
        try await withHTTPPeer { peer in
            let response = try await peer.get("/fields")
            #expect(response.headers("SET-COOKIE") == ["a=1", "b=2"])
            #expect(response.header("x-folded") == "one two")
            #expect(response.header("X-Empty") == "")
            #expect(response.header("X-Colons") == "a:b: c")
            #expect(response.header("X-Missing") == nil)
        }
    }

    @Test("Interim answers are passed over")
    func interim() async throws {
        try await withHTTPPeer { peer in
            let response = try await peer.get("/early")
            #expect(response.status == 200)
            #expect(response.text == "late")
            #expect(response.header("X-Early") == nil)
        }
    }

    @Test("A body of the largest size is accepted", arguments: ["/bytes/100000", "/stream/100000"])
    func largestBody(path: String) async throws {
        try await withHTTPPeer { peer in
            let response = try await peer.client.send(HTTPRequest(url: peer.url + path, maximumBodySize: 100_000))
            #expect(response.body.count == 100_000)
        }
    }

    @Test(
        "What is too large or incomplete is an error, and the request was sent",
        arguments: [
            ("/bytes/100001", CurlError.Kind.bodyTooLarge), ("/stream/100001", .bodyTooLarge),
            ("/huge-header", .bodyTooLarge), ("/stream/1000000000", .bodyTooLarge),
            ("/bytes-without-length/1000000000", .bodyTooLarge),
            ("/half", .cutShort), ("/half-chunk", .cutShort), ("/half-header", .cutShort), ("/nothing", .cutShort),
            ("/not-http", .other(code: 1)),
        ])
    func failures(path: String, kind: CurlError.Kind) async throws {
        try await withHTTPPeer { peer in
            let error = await #expect(throws: CurlError.self) {
                try await peer.client.send(HTTPRequest(url: peer.url + path, maximumBodySize: 100_000))
            }
            #expect(error == CurlError(kind, wasSent: true))
        }
    }

    @Test("No description shows what the request said")
    func descriptions() async throws {
        try await withHTTPPeer { peer in
            let request = HTTPRequest(
                method: .post, url: peer.url + "/nothing/secret?key=secret", headers: [("X-Key", "secret")],
                body: Array("secret".utf8), credentials: .init(user: "secret", password: "secret"))
            let error = await #expect(throws: CurlError.self) { try await peer.client.send(request) }
            let description = try #require(error).description
            #expect(description == "the connection ended before the answer was complete (the request may have arrived)")
        }
    }
}
