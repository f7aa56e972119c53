import Foundation
import TestSupport
import Testing

/// The documented files of a proxy, with a test's addresses in place of the documented ones.
struct ProxyFiles {
    let directory: String
    let port: UInt16
    let replicas: [String]
    let desk: String
    let identity: TestAuthority.Identity
    /// Where proxies ask themselves, so that a question goes to a replica that is there.
    let verifying: String

    /// Writes them.
    ///
    /// - Returns: the arguments of the program.
    func write(for kind: ProxyServer.Kind) throws -> [String] {
        switch kind {
        case .nginx: try writeForNginx()
        case .haproxy: try writeForHAProxy()
        case .apache: try writeForApache()
        case .caddy: try writeForCaddy()
        case .traefik: try writeForTraefik()
        case .envoy: try writeForEnvoy()
        }
    }

    private var servers: [(String, String)] {
        [("10.0.0.11:8080", replicas[0]), ("10.0.0.12:8080", replicas[1]), ("10.0.0.21:80", desk)]
    }

    private func certificate(in folder: String) -> [(String, String)] {
        [("\(folder)/desk.example.org.pem", identity.certificate), ("\(folder)/desk.example.org.key", identity.key)]
    }

    private func writeForNginx() throws -> [String] {
        try copy(
            "nginx.conf", to: "site.conf",
            servers + certificate(in: "/etc/nginx") + [
                ("listen 443 ssl", "listen 127.0.0.1:\(port) ssl"), ("/var/log/nginx/", directory + "/"),
                ("CHANGE THIS", ProxyServer.secret),
            ])
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(directory)/\($0);" }.joined(separator: " ")
        try save(
            """
            pid \(directory)/pid;
            error_log \(directory)/error.log info;
            events {}
            http {
                \(temporary)
                include \(directory)/site.conf;
            }
            """, as: "nginx.conf")
        return ["-c", directory + "/nginx.conf", "-e", directory + "/error.log", "-g", "daemon off;"]
    }

    private func writeForHAProxy() throws -> [String] {
        try copy("otalink.lua", to: "otalink.lua", [("127.0.0.1:8079", verifying)])
        try copy(
            "haproxy.cfg", to: "haproxy.cfg",
            servers + [
                ("bind :443", "bind 127.0.0.1:\(port)"), ("127.0.0.1:8079", verifying),
                ("/etc/haproxy/otalink.lua", directory + "/otalink.lua"),
                ("/etc/haproxy/desk.example.org.pem", directory + "/identity.pem"), ("CHANGE THIS", ProxyServer.secret),
            ])
        try save(
            try String(contentsOfFile: identity.certificate, encoding: .utf8)
                + String(contentsOfFile: identity.key, encoding: .utf8), as: "identity.pem")
        return ["-f", directory + "/haproxy.cfg", "-db"]
    }

    private func writeForApache() throws -> [String] {
        try copy("apache.lua", to: "otalink.lua", [("127.0.0.1:8079", verifying), ("CHANGE THIS", ProxyServer.secret)])
        try copy(
            "apache.conf", to: "site.conf",
            servers + certificate(in: "/etc/apache2") + [
                ("<VirtualHost *:443>", "Listen 127.0.0.1:\(port)\n<VirtualHost 127.0.0.1:\(port)>"),
                ("127.0.0.1:8079", verifying), ("/etc/apache2/otalink.lua", directory + "/otalink.lua"),
                ("/var/log/apache2/", directory + "/"),
            ])
        // What Debian's own files hold around a site: the modules that its comment has enabled, and those that always are.
        let site = try String(contentsOfFile: directory + "/site.conf", encoding: .utf8)
        let enabled = try #require(site.firstMatch(of: /a2enmod (.*)/)).output.1.split(separator: " ").map(String.init)
        let modules = (["mpm_event", "alias", "authz_core", "socache_shmcb"] + enabled).map { name in
            "LoadModule \(name)_module /usr/lib/apache2/modules/mod_\(name).so"
        }
        try save(
            """
            ServerRoot \(directory)
            DefaultRuntimeDir \(directory)
            PidFile \(directory)/pid
            ErrorLog \(directory)/error.log
            ServerName 127.0.0.1
            \(modules.joined(separator: "\n"))
            \(getuid() == 0 ? "User www-data\nGroup www-data" : "")
            Include \(directory)/site.conf

            """, as: "apache2.conf")
        return ["-f", directory + "/apache2.conf", "-D", "FOREGROUND"]
    }

    private func writeForCaddy() throws -> [String] {
        try copy(
            "Caddyfile", to: "Caddyfile",
            servers + certificate(in: "/etc/caddy") + [
                ("\ndesk.example.org {", "\nhttps://127.0.0.1:\(port) {\n\tbind 127.0.0.1"),
                ("\tlog default {", "\tadmin off\n\tauto_https disable_redirects\n\tlog default {"),
                ("CHANGE THIS", ProxyServer.secret),
            ])
        return ["run", "--config", directory + "/Caddyfile", "--adapter", "caddyfile"]
    }

    private func writeForTraefik() throws -> [String] {
        try copy(
            "traefik.yml", to: "traefik.yml",
            [
                (":443", "127.0.0.1:\(port)"), ("127.0.0.1:8079", verifying),
                ("/etc/traefik/otalink.yml", directory + "/otalink.yml"),
            ])
        try copy(
            "traefik-otalink.yml", to: "otalink.yml",
            servers + certificate(in: "/etc/traefik") + [
                ("Host(`desk.example.org`)", "Host(`127.0.0.1`)"), ("127.0.0.1:8079", verifying),
                ("CHANGE THIS", ProxyServer.secret),
            ])
        return ["--configFile=\(directory)/traefik.yml"]
    }

    private func writeForEnvoy() throws -> [String] {
        func address(_ text: String) -> String {
            let parts = text.split(separator: ":")
            return "{ address: \(parts[0]), port_value: \(parts[1]) }"
        }
        try copy(
            "envoy.yaml", to: "envoy.yaml",
            [("10.0.0.11", replicas[0]), ("10.0.0.12", replicas[1])].map { documented, own in
                ("{ address: \(documented), port_value: 8080 }", address(own))
            } + certificate(in: "/etc/envoy") + [
                ("{ address: 10.0.0.21, port_value: 80 }", address(desk)),
                ("{ address: 0.0.0.0, port_value: 443 }", address("127.0.0.1:\(port)")),
                ("CHANGE THIS", ProxyServer.secret),
            ])
        return ["-c", directory + "/envoy.yaml", "--disable-hot-restart", "--concurrency", "2", "--log-level", "warn"]
    }

    /// Each of the documented texts must be in the file.
    private func copy(_ document: String, to name: String, _ replacements: [(String, String)]) throws {
        var text = try String(contentsOfFile: RepositoryRoot.path + "/docs/proxy/" + document, encoding: .utf8)
        for (documented, own) in replacements {
            try #require(text.contains(documented), "\(document) has no \(documented)")
            text = text.replacing(documented, with: own)
        }
        try save(text, as: name)
    }

    private func save(_ text: String, as name: String) throws {
        try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
    }
}
