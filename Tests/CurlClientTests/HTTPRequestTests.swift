import CurlClient
import Foundation
import Testing

@Suite("Sending HTTP requests", .serialized, .timeLimit(.minutes(10)))
struct HTTPRequestTests {
    @Test(
        "Every method arrives under its name, with its body",
        arguments: [
            (HTTPRequest.Method.get, nil), (.get, "query"), (.post, "form"), (.post, nil), (.put, "text"),
            (.patch, "change"),
            (.delete, nil), (.delete, "reason"), (.options, nil), (.init(rawValue: "PURGE"), nil),
            (.init(rawValue: "REPORT"), "<xml/>"),
        ] as [(HTTPRequest.Method, String?)])
    func methods(method: HTTPRequest.Method, body: String?) async throws {
        try await withHTTPPeer { peer in
            let request = HTTPRequest(method: method, url: peer.url + "/echo?a=b", body: body.map { Array($0.utf8) })
            let echo = try HTTPPeer.Echo(try await peer.client.send(request))
            #expect(echo.method == method.rawValue)
            #expect(echo.target == "/echo?a=b")
            #expect(echo.body == Data((body ?? "").utf8))
            let hasLength = body != nil || [.post, .put, .patch].contains(method)
            #expect(echo.values("Content-Length") == (hasLength ? ["\((body ?? "").utf8.count)"] : []))
            #expect(echo.values("Transfer-Encoding").isEmpty)
            #expect(echo.values("Content-Type").isEmpty)
            #expect(echo.values("Expect").isEmpty)
        }
    }

    @Test("HEAD has the header of GET and no body")
    func head() async throws {
        try await withHTTPPeer { peer in
            let response = try await peer.client.send(
                HTTPRequest(method: .head, url: peer.url + "/bytes/100000", maximumBodySize: 10))
            #expect(response.status == 200)
            #expect(response.header("content-length") == "100000")
            #expect(response.body.isEmpty)
            let last = try await peer.get("/bytes/3")
            #expect(last.text == "xxx")
            let statistics = try await peer.statistics()
            #expect(statistics.accepted == 1)
        }
    }

    @Test("Header fields arrive in their order, repeated and empty ones too")
    func headers() async throws {
        try await withHTTPPeer(CurlConfiguration(userAgent: "tester/1")) { peer in
            let fields = [
                ("X-B", "1"), ("X-A", "zwei, drei"), ("X-B", "2"), ("X-Empty", ""), ("Content-Type", "text/plain"),
            ]
            let request = HTTPRequest(method: .post, url: peer.url + "/echo", headers: fields, body: [1])
            let echo = try HTTPPeer.Echo(try await peer.client.send(request))
            let sent = echo.fields.filter { $0[0].hasPrefix("X-") }.map { $0.joined(separator: ": ") }
            #expect(sent == ["X-B: 1", "X-A: zwei, drei", "X-B: 2", "X-Empty: "])
            #expect(echo.values("Content-Type") == ["text/plain"])
            #expect(echo.values("User-Agent") == ["tester/1"])
        }
    }

    @Test("A User-Agent of the request's own replaces the client's, and Basic credentials go out unasked")
    func userAgentAndCredentials() async throws {
        try await withHTTPPeer { peer in
            let request = HTTPRequest(
                url: peer.url + "/echo", headers: [("user-agent", "own")],
                credentials: .init(user: "otto", password: "a:ß"))
            let echo = try HTTPPeer.Echo(try await peer.client.send(request))
            #expect(echo.values("User-Agent") == ["own"])
            #expect(echo.values("Authorization") == ["Basic " + Data("otto:a:ß".utf8).base64EncodedString()])
        }
    }

    @Test(
        "What would break the request's frame is refused before anything is sent",
        arguments: [
            HTTPRequest(url: "", headers: [("X-A", "1\r\nX-B: 2")]),
            HTTPRequest(url: "", headers: [("X-A", "1\n")]),
            HTTPRequest(url: "", headers: [("X-A", "1\0")]),
            HTTPRequest(url: "", headers: [("X-A\r\n", "1")]),
            HTTPRequest(url: "", headers: [("X A", "1")]),
            HTTPRequest(url: "", headers: [("X-A:", "1")]),
            HTTPRequest(url: "", headers: [("", "1")]),
            HTTPRequest(url: "", headers: [("Content-Length", "1")]),
            HTTPRequest(url: "", headers: [("transfer-encoding", "chunked")]),
            HTTPRequest(method: .init(rawValue: "GET / HTTP/1.1\r\nX:"), url: ""),
            HTTPRequest(method: .init(rawValue: ""), url: ""),
            HTTPRequest(url: "", credentials: .init(user: "a:b", password: "c")),
        ])
    func refused(request: HTTPRequest) async throws {
        try await withHTTPPeer { peer in
            var request = request
            request.url = peer.url + "/echo"
            let error = await #expect(throws: CurlError.self) { try await peer.client.send(request) }
            #expect(error == CurlError(.refusedHeader, wasSent: false))
            let statistics = try await peer.statistics()
            #expect(statistics.requests.isEmpty)
        }
    }

    @Test(
        "Only http and https URLs without a user name are accepted",
        arguments: [
            "", "nonsense", "/path", "file:///etc/passwd", "ftp://127.0.0.1/", "smtp://127.0.0.1", "gopher://127.0.0.1",
            "http://", "http://user@127.0.0.1/", "http://user:pw@127.0.0.1/", "http://127.0.0.1:99999/",
            "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/\0",
        ])
    func urls(url: String) async throws {
        try await withCurlClient { client in
            let error = await #expect(throws: CurlError.self) { try await client.send(HTTPRequest(url: url)) }
            #expect(error == CurlError(.invalidURL, wasSent: false))
        }
    }

    @Test("A body of 5 MiB goes there and comes back byte for byte")
    func largeBody() async throws {
        try await withHTTPPeer { peer in
            let body = (0..<(5 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
            let response = try await peer.client.send(HTTPRequest(method: .post, url: peer.url + "/mirror", body: body))
            #expect(response.body == body)
        }
    }

    @Test("A Unix-domain socket takes the place of host and port")
    func unixSocket() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "peer-\(UUID().uuidString).sock").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let peer = try await PythonPeer.start("http_peer.py", ["--unix", path])
        try await withCurlClient { client in
            let response = try await client.send(HTTPRequest(url: "http://desk.test/echo", unixSocket: path))
            let echo = try HTTPPeer.Echo(response)
            #expect(echo.values("Host") == ["desk.test"])
        }
        await peer.end()
    }
}
