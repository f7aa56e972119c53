import CurlClient
import Foundation
import Logging
import Testing

@Suite("Cancelling HTTP requests", .timeLimit(.minutes(10)))
struct HTTPCancellationTests {
    @Test("A request under way ends at once, and its connection with it")
    func underWay() async throws {
        try await withHTTPPeer { peer in
            let task = Task { try await peer.client.send(HTTPRequest(url: peer.url + "/hang", timeout: .seconds(600))) }
            try await peer.untilRequested("/hang")
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let last = try await peer.get("/bytes/1")
            #expect(last.status == 200)
        }
    }

    @Test("A task that is cancelled before it sends does not send")
    func beforehand() async throws {
        try await withHTTPPeer { peer in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await peer.get("/echo")
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let statistics = try await peer.statistics()
            #expect(statistics.requests.isEmpty)
        }
    }

    @Test("A request that waits for a connection ends at once")
    func waiting() async throws {
        try await withHTTPPeer(CurlConfiguration(maximumConnectionsPerHost: 1)) { peer in
            let first = Task {
                try await peer.client.send(HTTPRequest(url: peer.url + "/hang", timeout: .seconds(600)))
            }
            try await peer.untilRequested("/hang")
            let second = Task { try await peer.get("/echo") }
            second.cancel()
            await #expect(throws: CancellationError.self) { try await second.value }
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            let statistics = try await peer.statistics()
            #expect(statistics.requests == ["GET /hang"])
        }
    }

    @Test("Hundreds of requests cancelled at random moments all end, and the client goes on working")
    func manyAtOnce() async throws {
        try await withHTTPPeer(CurlConfiguration(maximumConnections: 4, maximumConnectionsPerHost: 4)) { peer in
            for round in 0..<5 {
                await withTaskGroup { group in
                    for number in 0..<100 {
                        group.addTask {
                            let path = (number + round).isMultiple(of: 7) ? "/hang" : "/bytes/100"
                            let request = HTTPRequest(url: peer.url + path, timeout: .milliseconds(200))
                            _ = try? await peer.client.send(request)
                        }
                    }
                    for _ in 0..<(round * 20) { await group.next() }
                    group.cancelAll()
                }
            }
            let last = try await peer.get("/bytes/5")
            #expect(last.body.count == 5)
        }
    }

    @Test("Closing the client cancels what is under way and what waits, and refuses the rest")
    func close() async throws {
        try await withHTTPPeer { server in
            let configuration = CurlConfiguration(maximumConnectionsPerHost: 1)
            let client = CurlClient(configuration, logger: Logger(label: "test"))
            let peer = HTTPPeer(client: client, port: server.port)
            let tasks = (0..<3).map { _ in
                Task { try await client.send(HTTPRequest(url: peer.url + "/hang", timeout: .seconds(600))) }
            }
            try await server.untilRequested("/hang")
            await client.close()
            for task in tasks { await #expect(throws: CancellationError.self) { try await task.value } }
            await #expect(throws: CancellationError.self) { try await peer.get("/echo") }
            await client.close()
        }
    }

    @Test("A client that is dropped is gone: its thread does not hold it")
    func dropped() async throws {
        try await withHTTPPeer { server in
            var client: CurlClient? = CurlClient(logger: Logger(label: "test"))
            _ = try await client?.send(HTTPRequest(url: server.url + "/bytes/1"))
            weak let dropped = client
            client = nil
            #expect(dropped == nil)
        }
    }
}
