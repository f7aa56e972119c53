import Foundation
import TestSupport

/// HAProxy in front of the replicas, with the backend of `docs/proxy/haproxy.cfg`: what is documented is what is tried.
struct LoadBalancer: Sendable {
    static let program = "/usr/sbin/haproxy"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    let port: UInt16
    private let process: ChildProcess
    private let directory: String

    var url: String { "http://127.0.0.1:\(port)" }

    init(port: UInt16, replicas: [ReplicaProcess], directory: String) async throws {
        self.port = port
        self.directory = directory
        let file = directory + "/haproxy.cfg"
        try Self.configuration(port: port, replicas: replicas).write(toFile: file, atomically: true, encoding: .utf8)
        process = try ChildProcess(Self.program, ["-f", file, "-db"])
        while (try? LoopbackSocket.connected(to: port)).map({ close($0) }) == nil {
            if process.hasEnded { throw Broken("HAProxy did not start: \(await process.finished().errors)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func stop() async {
        process.terminate()
        _ = await process.finished()
    }

    private static func configuration(port: UInt16, replicas: [ReplicaProcess]) throws -> String {
        let documented = try String(contentsOfFile: RepositoryRoot.path + "/docs/proxy/haproxy.cfg", encoding: .utf8)
        guard let begin = documented.range(of: "\nbackend otalink\n"),
            let end = documented.range(of: "\nbackend desk", range: begin.upperBound..<documented.endIndex),
            documented[begin.upperBound..<end.lowerBound].contains("server replica1 ")
        else { throw Broken("docs/proxy/haproxy.cfg has no backend otalink with a replica1") }
        let options = documented[begin.upperBound..<end.lowerBound].split(separator: "\n")
            .filter { !$0.contains("server replica") }.joined(separator: "\n")
            .replacing("^/otalink/", with: "^/")
        let servers = replicas.map { "    server replica\($0.number) 127.0.0.1:\($0.port)" }.joined(separator: "\n")
        return """
            defaults
                mode http
                timeout connect 2s
                timeout client 60s
                timeout server 60s
                timeout http-request 10s

            frontend customers
                bind 127.0.0.1:\(port)
                http-request set-header X-Forwarded-For %[src]
                default_backend otalink

            backend otalink
            \(options)
            \(servers)

            """
    }
}
