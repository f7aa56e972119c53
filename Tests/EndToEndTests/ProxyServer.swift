import Foundation
import TestSupport
import Testing

/// A proxy with its configuration of `docs/proxy`, on loopback, over TLS with a certificate of the test's. nginx, HAProxy and Apache are
/// Debian's; `make peers` fetches the others.
struct ProxyServer: Sendable {
    enum Kind: String, CaseIterable, CustomTestStringConvertible {
        case nginx, haproxy, apache, caddy, traefik, envoy

        var program: String {
            switch self {
            case .nginx, .haproxy: "/usr/sbin/\(rawValue)"
            case .apache: "/usr/sbin/apache2"
            case .caddy, .traefik, .envoy: "\(RepositoryRoot.path)/.build-peers/bin/\(rawValue)"
            }
        }

        /// What it cannot run without.
        private var files: [String] {
            self == .apache ? [program, "/usr/share/lua/5.3/socket/http.lua"] : [program]
        }

        var isHere: Bool { files.allSatisfy(FileManager.default.fileExists) }

        /// Whether a request that was lost with its replica is sent to the other one.
        var repeatsLostRequests: Bool { self != .apache }

        var testDescription: String { rawValue }
    }

    /// What the proxy shows to the desk beside `Remote-User`.
    static let secret = "shared-by-proxy-and-desk"

    private let directory: String
    private let process: ChildProcess

    /// Starts the proxy.
    ///
    /// - Parameters:
    ///   - port: free, and in the deployment's base URL already.
    ///   - replicas: host and port of two.
    ///   - desk: its host and port.
    init(
        _ kind: Kind, port: UInt16, replicas: [String], desk: String, identity: TestAuthority.Identity
    ) async throws {
        directory = "/tmp/otalink-proxy-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let files = ProxyFiles(
            directory: directory, port: port, replicas: replicas, desk: desk, identity: identity,
            verifying: "127.0.0.1:\(try FreePort.find())")
        let arguments = try files.write(for: kind)
        process = try ChildProcess(
            kind.program, arguments, environment: ["XDG_DATA_HOME": directory, "XDG_CONFIG_HOME": directory])
        // Some listen before they know their routes, or which replicas are there.
        while try await !Self.answers(port) {
            if process.hasEnded { throw NotStarted(errors: await process.finished().errors) }
            try await giveWay()
        }
    }

    /// Ends the proxy.
    ///
    /// - Returns: what it has written into its logs.
    func stop() async throws -> String {
        process.terminate()
        let finished = await process.finished()
        let files = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".log") }
        let logs = try files.map { try String(contentsOfFile: "\(directory)/\($0)", encoding: .utf8) }
        try FileManager.default.removeItem(atPath: directory)
        return finished.output + finished.errors + logs.joined()
    }

    private static func answers(_ port: UInt16) async throws -> Bool {
        guard let connection = try? LoopbackSocket.connected(to: port) else { return false }
        close(connection)
        let asking = try ChildProcess(
            "curl",
            [
                "--silent", "--insecure", "--output", "/dev/null", "--write-out", "%{http_code}",
                "https://127.0.0.1:\(port)/otalink/new-link",
            ])
        return await asking.finished().output == "200"
    }

    struct NotStarted: Error {
        let errors: String
    }
}
