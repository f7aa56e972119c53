import CLibCurl
import Foundation
import Testing

@testable import CurlClient

@Suite("HTTP connections", .serialized, .timeLimit(.minutes(10)))
struct HTTPConnectionTests {
    @Test("Requests one after the other share a connection")
    func keepAlive() async throws {
        try await withHTTPPeer { peer in
            for _ in 0..<20 { _ = try await peer.get("/bytes/10") }
            let statistics = try await peer.statistics()
            #expect(statistics.accepted == 1)
        }
    }

    @Test("500 requests at once are all answered, over no more connections than allowed")
    func bounded() async throws {
        let configuration = CurlConfiguration(maximumConnections: 12, maximumConnectionsPerHost: 8)
        try await withHTTPPeer(configuration) { peer in
            let sizes = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<500 { group.addTask { try await peer.get("/bytes/\(number)").body.count } }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(sizes == Set(0..<500))
            let statistics = try await peer.statistics()
            #expect(statistics.requests.count == 500)
            #expect(statistics.mostOpen <= 8, "\(statistics.accepted) accepted in all")
        }
    }

    @Test("A request that hangs does not hold up those to another host")
    func fairness() async throws {
        let configuration = CurlConfiguration(maximumConnections: 4, maximumConnectionsPerHost: 1)
        try await withHTTPPeer(configuration) { slow in
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 { group.addTask { _ = try await slow.get("/hang") } }
                let other = try await PythonPeer.start("http_peer.py")
                let response = try await slow.client.send(HTTPRequest(url: "http://127.0.0.1:\(other.port)/bytes/3"))
                #expect(response.text == "xxx")
                await other.end()
                group.cancelAll()
            }
        }
    }

    @Test(
        "If a kept-alive connection turns out to be closed, an idempotent request is repeated and no other is",
        arguments: [
            (HTTPRequest.Method.get, nil, true), (.put, "x", true), (.delete, nil, true), (.post, "x", false),
            (.post, nil, true),
            (.patch, "x", false),
        ] as [(HTTPRequest.Method, String?, Bool)])
    func staleConnection(method: HTTPRequest.Method, body: String?, succeeds: Bool) async throws {
        try await withHTTPPeer { peer in
            _ = try await peer.get("/first-only")
            let request = HTTPRequest(method: method, url: peer.url + "/first-only", body: body.map { Array($0.utf8) })
            let result = await Result { try await peer.client.send(request) }
            switch result {
            case .success(let response): #expect(succeeds && response.status == 200)
            case .failure(let error): #expect(!succeeds && error as? CurlError == CurlError(.cutShort, wasSent: true))
            }
            let sent = try await peer.statistics().requests.filter { $0 == "\(method.rawValue) /first-only" }
            // A POST without a body has gone out on a new connection, and once.
            let repeats = method == .post || method == .patch ? 1 : method == .get ? 3 : 2
            #expect(sent.count == repeats)
        }
    }

    /// libcurl 7.88 repeats by itself what it can; the first row is what it cannot, about one in a thousand under load.
    @Test(
        "A request is sent once more, over a new connection, if not a byte of it went out over the old one",
        arguments: [
            (CURLE_SEND_FAIL_REWIND, 0, true), (CURLE_SEND_ERROR, 0, true), (CURLE_RECV_ERROR, 0, true),
            (CURLE_SEND_FAIL_REWIND, 1, false), (CURLE_SEND_ERROR, 1, false), (CURLE_GOT_NOTHING, 301, false),
            (CURLE_COULDNT_CONNECT, 0, false), (CURLE_OPERATION_TIMEDOUT, 0, false),
        ])
    func unsent(code: CURLcode, sent: Int, isRepeated: Bool) {
        var report = TransferReport(code: code)
        report.requestSize = sent
        #expect(CurlError(report).isOfClosedConnection == isRepeated)
    }

    @Test("Nobody listens")
    func refused() async throws {
        let closed = try ClosedPort()
        try await withCurlClient { client in
            let error = await #expect(throws: CurlError.self) {
                try await client.send(HTTPRequest(url: "http://127.0.0.1:\(closed.number)/"))
            }
            #expect(error == CurlError(.couldNotConnect, wasSent: false))
        }
    }

    @Test("A name that does not exist")
    func unknownName() async throws {
        try await withCurlClient { client in
            let error = await #expect(throws: CurlError.self) {
                try await client.send(
                    HTTPRequest(url: "http://name.invalid/", timeout: .seconds(60), connectTimeout: .seconds(50)))
            }
            #expect(error == CurlError(.couldNotResolve, wasSent: false))
        }
    }

    @Test("A server that does not answer in time")
    func timeout() async throws {
        try await withHTTPPeer { (peer) async throws in
            #expect(try await peer.errorOfTimeout("/hang") == CurlError(.timedOut, wasSent: true))
        }
    }

    @Test("An answer that trickles has the time of any other, and no more")
    func trickle() async throws {
        try await withHTTPPeer { (peer) async throws in
            for path in ["/trickle/header", "/trickle/body", "/trickle/interim"] {
                #expect(try await peer.errorOfTimeout(path) == CurlError(.timedOut, wasSent: true), "\(path)")
            }
        }
    }

    @Test("A request whose time passes while it waits for a connection was not sent")
    func timeoutWhileWaiting() async throws {
        try await withHTTPPeer(CurlConfiguration(maximumConnectionsPerHost: 1)) { peer in
            try await withThrowingTaskGroup { group in
                group.addTask {
                    _ = try await peer.client.send(HTTPRequest(url: peer.url + "/hang", timeout: .seconds(60)))
                }
                try await peer.untilRequested("/hang")
                let error = await #expect(throws: CurlError.self) {
                    try await peer.client.send(HTTPRequest(url: peer.url + "/echo", timeout: .milliseconds(200)))
                }
                #expect(error == CurlError(.timedOut, wasSent: false))
                group.cancelAll()
            }
        }
    }
}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
