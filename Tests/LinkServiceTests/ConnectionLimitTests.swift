import CurlClient
import Foundation
import Measurements
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@testable import LinkService

@Suite("Sizes and times of connections", .timeLimit(.minutes(10)))
struct ConnectionLimitTests {
    private static let short = ConnectionLimits(
        idle: .seconds(2), request: .seconds(2), answer: .seconds(2))

    @Test(
        "A client that sends a byte at a time is cut, in the head, in the body, and between requests",
        arguments: [
            ("", "GET /health/live HTTP/1.1\r\nX: ", nil),
            ("", "POST /l/x HTTP/1.1\r\nContent-Length: 4000\r\n\r\n", "request"),
            ("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n", "", nil),
            ("", "POST /api/v1/links HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n", "request"),
        ] as [(String, String, String?)])
    func slow(before: String, start: String, reason: String?) async throws {
        let measurements = ServiceMeasurements()
        try await withReplicas { (replicas, desk, _) async throws in
            let dependencies = try dependencies(replicas[0], desk, measurements: measurements)
            try await serving(dependencies, limits: Self.short) { service in
                let client = try RawConnection(url: service.url)
                client.send(before + start)
                let wasCut = await client.dripUntilCut("a")
                #expect(wasCut)
                let cuts = measurements.cutConnections.samples
                #expect(cuts.map(\.labels) == [reason].compactMap(\.self).map { [$0] })
            }
        }
    }

    @Test("Of more connections than there may be, some wait until others end, and are answered then")
    func connections() async throws {
        try await withReplicas { (replicas, desk, _) async throws in
            let limits = ConnectionLimits(connections: 2)
            try await serving(dependencies(replicas[0], desk), limits: limits) { service in
                let request = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
                var open: [RawConnection] = []
                for _ in 0..<2 {
                    let client = try RawConnection(url: service.url)
                    client.send(request)
                    #expect(await client.readStatus() == 200)
                    open.append(client)
                }
                let late = try RawConnection(url: service.url)
                late.send(request)
                #expect(await !late.hasAnswer(within: 300))
                open.removeLast()
                #expect(await late.readStatus() == 200)
            }
        }
    }

    @Test("A large body has the time that its length gives it, and one that trickles has not")
    func largeBody() async throws {
        let measurements = ServiceMeasurements()
        try await withReplicas { (replicas, desk, _) async throws in
            let dependencies = try dependencies(replicas[0], desk, measurements: measurements)
            try await serving(dependencies, limits: ConnectionLimits(request: .seconds(2))) { service in
                let caller = try await replicas[0].caller(service)
                let client = try RawConnection(url: service.url)
                let size = 1 << 20
                client.send(
                    "POST /api/v1/mail/outbound HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(caller.key ?? "")\r\n"
                        + "Content-Length: \(size)\r\n\r\n" + String(repeating: "x", count: size / 2))
                // Longer than the two seconds that a form has.
                #expect(await !client.hasAnswer(within: 3_000))
                client.send(String(repeating: "x", count: size / 2))
                #expect(await client.readStatus() == 200)
                #expect(measurements.cutConnections.samples.isEmpty)
            }
        }
    }

    @Test("A client that does not take its answer is cut")
    func slowReader() async throws {
        let measurements = ServiceMeasurements()
        try await withReplicas { (replicas, desk, _) async throws in
            var dependencies = try dependencies(replicas[0], desk, measurements: measurements)
            dependencies.spoolDirectory = "/tmp"
            let limits = ConnectionLimits(answer: .seconds(2))
            try await serving(dependencies, limits: limits) { service in
                let caller = try await replicas[0].caller(service)
                let size = 24 << 20
                let client = try RawConnection(url: service.url)
                client.send(
                    "POST /api/v1/mail/inbound HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(caller.key ?? "")\r\n"
                        + "Content-Length: \(size)\r\n\r\nFrom: anna@example.org\r\n\r\n")
                client.send(String(repeating: "x", count: size - 26))
                while measurements.cutConnections.samples.isEmpty {
                    try await giveWay()
                }
                #expect(measurements.cutConnections.samples.map(\.labels) == [["answer"]])
                #expect(await client.readToEnd().count < size)
            }
        }
    }

    @Test(
        "Heads that are too large are refused, before anything looks at them",
        arguments: [
            ("GET /health/live HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 15_000))\r\n\r\n", true),
            ("GET /health/live HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 17_000))\r\n\r\n", false),
            (
                "GET /health/live HTTP/1.1\r\nHost: x\r\n"
                    + String(repeating: "X: \(String(repeating: "a", count: 3_000))\r\n", count: 6) + "\r\n", false
            ),
            ("GET /health/live HTTP/1.1\r\nHost: x\r\n\(String(repeating: "X: a\r\n", count: 90))\r\n", true),
            ("GET /health/live HTTP/1.1\r\nHost: x\r\n\(String(repeating: "X: a\r\n", count: 110))\r\n", false),
            ("GET /health/live?\(String(repeating: "a", count: 17_000)) HTTP/1.1\r\nHost: x\r\n\r\n", false),
        ])
    func heads(request: String, isTaken: Bool) async throws {
        try await withService { _, service, _ in
            let client = try RawConnection(url: service.url)
            client.send(request)
            let status = await client.readStatus()
            #expect((status == 200) == isTaken, "\(status)")
            #expect(isTaken || (400..<500).contains(status))
        }
    }

    @Test(
        "Bodies that are too large are refused with 413",
        arguments: [
            ("/l/TOKEN", 4096), ("/l/TOKEN/fresh", 4096), ("/new-link", 4096), ("/api/v1/links", 256 << 10),
            ("/api/v1/desk/events", 256 << 10), ("/api/v1/mail/inbound", 8 << 20), ("/api/v1/mail/outbound", 8 << 20),
        ])
    func bodies(path: String, limit: Int) async throws {
        try await withAPI { replica, caller, _ in
            let path = path.replacing("TOKEN", with: try await replica.token())
            let form = String(repeating: "0", count: 32)
            let head =
                "POST \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(caller.key ?? "")\r\n"
                + "Cookie: otalink-form=\(form)\r\n"
            func status(_ rest: String) async throws -> Int {
                let client = try RawConnection(url: caller.service.url)
                client.send(head + rest)
                return await client.readStatus()
            }
            // Of what announces itself as too large nothing is waited for.
            #expect(try await status("Content-Length: \(limit + 1)\r\n\r\n") == 413)
            guard limit < 1 << 20 else { return }
            let chunk = String(limit + 1, radix: 16) + "\r\n" + String(repeating: "x", count: limit + 1)
            #expect(try await status("Transfer-Encoding: chunked\r\n\r\n\(chunk)\r\n0\r\n\r\n") == 413)
            let allowed = String(repeating: "x", count: limit)
            #expect(try await [400, 403].contains(status("Content-Length: \(limit)\r\n\r\n\(allowed)")))
        }
    }
}
