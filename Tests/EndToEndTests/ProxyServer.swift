import Foundation
import TestSupport
import Testing

/// nginx, HAProxy or Apache from Debian with the configuration of `docs/proxy`, on loopback, over TLS with a certificate of the test's.
struct ProxyServer: Sendable {
    enum Kind: String, CaseIterable, CustomTestStringConvertible {
        case nginx = "/usr/sbin/nginx"
        case haproxy = "/usr/sbin/haproxy"
        case apache = "/usr/sbin/apache2"

        /// What it cannot run without, from Debian's packages.
        private var files: [String] {
            self == .apache ? [rawValue, "/usr/share/lua/5.3/socket/http.lua"] : [rawValue]
        }

        var isHere: Bool { files.allSatisfy(FileManager.default.fileExists) }

        /// Whether a request that was lost with its replica is sent to the other one.
        var repeatsLostRequests: Bool { self != .apache }

        var testDescription: String { (rawValue as NSString).lastPathComponent }
    }

    private let directory: String
    private let process: ChildProcess

    /// Starts the proxy in front of a deployment.
    ///
    /// - Parameter port: free, and in the deployment's base URL already.
    init(_ kind: Kind, port: UInt16, in front: Deployment, identity: TestAuthority.Identity) async throws {
        directory = "/tmp/otalink-proxy-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let replicas = front.replicas.map { $0.url.replacing("http://", with: "") }
        let desk = "127.0.0.1:\(front.deskPort)"
        switch kind {
        case .nginx:
            try Self.write(
                directory + "/site.conf", from: "nginx.conf",
                [
                    ("10.0.0.11:8080", replicas[0]), ("10.0.0.12:8080", replicas[1]), ("10.0.0.21:80", desk),
                    ("listen 443 ssl", "listen 127.0.0.1:\(port) ssl"), ("/var/log/nginx/", directory + "/"),
                    ("/etc/nginx/desk.example.org.pem", identity.certificate),
                    ("/etc/nginx/desk.example.org.key", identity.key),
                ])
            let directory = directory
            let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map { "\($0)_temp_path \(directory)/\($0);" }.joined(separator: " ")
            try """
            pid \(directory)/pid;
            error_log \(directory)/error.log info;
            events {}
            http {
                \(temporary)
                include \(directory)/site.conf;
            }
            """.write(toFile: directory + "/nginx.conf", atomically: true, encoding: .utf8)
            process = try ChildProcess(
                kind.rawValue, ["-c", directory + "/nginx.conf", "-e", directory + "/error.log", "-g", "daemon off;"])
        case .haproxy:
            let verifying = "127.0.0.1:\(try FreePort.find())"
            try Self.write(directory + "/otalink.lua", from: "otalink.lua", [("127.0.0.1:8079", verifying)])
            try Self.write(
                directory + "/haproxy.cfg", from: "haproxy.cfg",
                [
                    ("10.0.0.11:8080", replicas[0]), ("10.0.0.12:8080", replicas[1]), ("10.0.0.21:80", desk),
                    ("bind :443", "bind 127.0.0.1:\(port)"), ("127.0.0.1:8079", verifying),
                    ("/etc/haproxy/otalink.lua", directory + "/otalink.lua"),
                    ("/etc/haproxy/desk.example.org.pem", directory + "/identity.pem"),
                ])
            try
                (String(contentsOfFile: identity.certificate, encoding: .utf8)
                + String(contentsOfFile: identity.key, encoding: .utf8))
                .write(toFile: directory + "/identity.pem", atomically: true, encoding: .utf8)
            process = try ChildProcess(kind.rawValue, ["-f", directory + "/haproxy.cfg", "-db"])
        case .apache:
            let verifying = "127.0.0.1:\(try FreePort.find())"
            try Self.write(directory + "/otalink.lua", from: "apache.lua", [("127.0.0.1:8079", verifying)])
            try Self.write(
                directory + "/site.conf", from: "apache.conf",
                [
                    ("10.0.0.11:8080", replicas[0]), ("10.0.0.12:8080", replicas[1]), ("10.0.0.21:80", desk),
                    ("<VirtualHost *:443>", "Listen 127.0.0.1:\(port)\n<VirtualHost 127.0.0.1:\(port)>"),
                    ("127.0.0.1:8079", verifying), ("/etc/apache2/otalink.lua", directory + "/otalink.lua"),
                    ("/etc/apache2/desk.example.org.pem", identity.certificate),
                    ("/etc/apache2/desk.example.org.key", identity.key), ("/var/log/apache2/", directory + "/"),
                ])
            try Self.apacheBase(in: directory).write(
                toFile: directory + "/apache2.conf", atomically: true, encoding: .utf8)
            process = try ChildProcess(kind.rawValue, ["-f", directory + "/apache2.conf", "-D", "FOREGROUND"])
        }
        while !Self.isListening(port) {
            if process.hasEnded { throw NotStarted(errors: await process.finished().errors) }
            await Task.yield()
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

    /// What Debian's own files hold around a site: the modules that its comment has enabled, and those that always are.
    private static func apacheBase(in directory: String) throws -> String {
        let site = try String(contentsOfFile: directory + "/site.conf", encoding: .utf8)
        let enabled = try #require(site.firstMatch(of: /a2enmod (.*)/)).output.1.split(separator: " ").map(String.init)
        let modules = (["mpm_event", "alias", "authz_core", "socache_shmcb"] + enabled).map { name in
            "LoadModule \(name)_module /usr/lib/apache2/modules/mod_\(name).so"
        }
        return """
            ServerRoot \(directory)
            DefaultRuntimeDir \(directory)
            PidFile \(directory)/pid
            ErrorLog \(directory)/error.log
            ServerName 127.0.0.1
            \(modules.joined(separator: "\n"))
            \(getuid() == 0 ? "User www-data\nGroup www-data" : "")
            Include \(directory)/site.conf

            """
    }

    /// The documented file with this test's addresses in place of the documented ones, each of which must be in it.
    private static func write(_ path: String, from document: String, _ replacements: [(String, String)]) throws {
        var text = try String(contentsOfFile: RepositoryRoot.path + "/docs/proxy/" + document, encoding: .utf8)
        for (documented, own) in replacements {
            try #require(text.contains(documented), "\(document) has no \(documented)")
            text = text.replacing(documented, with: own)
        }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    private static func isListening(_ port: UInt16) -> Bool {
        (try? LoopbackSocket.connected(to: port)).map { close($0) } != nil
    }

    struct NotStarted: Error {
        let errors: String
    }
}
