import Foundation
import ReplicaSupport
import TestSupport
import Testing

/// Apache from Debian with mod_auth_openidc and the configuration of `docs/openid-connect.md`, on loopback, in a directory of its own.
struct ApacheServer: Sendable {
    private static let modules = "/usr/lib/apache2/modules"
    static let isHere = ["/usr/sbin/apache2", modules + "/mod_auth_openidc.so"]
        .allSatisfy(FileManager.default.fileExists)

    let url: String
    private let directory: String
    private let process: ChildProcess

    /// Where answers go; registered before the server starts.
    static func redirectURI(port: UInt16) -> String { "http://127.0.0.1:\(port)/oidc/callback" }

    /// - Parameters:
    ///   - client: whose issuer is a replica.
    ///   - added: settings beside those of the document.
    init(port: UInt16, client: ExampleClient, added: String = "") async throws {
        url = "http://127.0.0.1:\(port)"
        directory = "/tmp/otalink-apache-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory + "/site", withIntermediateDirectories: true)
        try "<h1>Members only</h1>".write(toFile: directory + "/site/index.html", atomically: true, encoding: .utf8)
        try "<h1>Members only</h1>".write(toFile: directory + "/site/wanted", atomically: true, encoding: .utf8)
        try "<h1>Good bye</h1>".write(toFile: directory + "/site/bye", atomically: true, encoding: .utf8)
        let names = [
            "mpm_event", "authn_core", "authz_core", "authz_user", "dir", "headers", "socache_shmcb", "auth_openidc",
        ]
        let loading = names.map { name in
            "LoadModule \(name)_module \(Self.modules)/mod_\(name).so"
        }.joined(separator: "\n")
        try """
        ServerRoot \(directory)
        ServerName 127.0.0.1
        Listen 127.0.0.1:\(port)
        PidFile \(directory)/pid
        DefaultRuntimeDir \(directory)
        ErrorLog \(directory)/error.log
        \(loading)
        User www-data
        Group www-data
        DocumentRoot \(directory)/site
        DirectoryIndex index.html
        \(try Self.documented(url: url, client: client))
        \(added)
        Header always set Content-Type text/html
        Header always set X-User "expr=%{REMOTE_USER}"
        <Location /bye>
            AuthType None
            Require all granted
        </Location>
        """.write(toFile: directory + "/apache.conf", atomically: true, encoding: .utf8)
        process = try ChildProcess("/usr/sbin/apache2", ["-f", directory + "/apache.conf", "-D", "FOREGROUND"])
        while (try? LoopbackSocket.connected(to: port)).map({ close($0) }) == nil {
            if process.hasEnded { throw NotStarted(errors: await process.finished().errors) }
            try await giveWay()
        }
    }

    /// Ends the server.
    ///
    /// - Returns: its log.
    func stop() async throws -> String {
        process.terminate()
        let finished = await process.finished()
        let log = (try? String(contentsOfFile: directory + "/error.log", encoding: .utf8)) ?? ""
        try FileManager.default.removeItem(atPath: directory)
        return finished.errors + log
    }

    /// The documented settings with this test's values in place of the documented ones.
    private static func documented(url: String, client: ExampleClient) throws -> String {
        let document = try String(
            contentsOfFile: RepositoryRoot.path + "/docs/openid-connect.md", encoding: .utf8)
        var text = String(try #require(document.firstMatch(of: /```apache\n((?:.|\n)*?)```/)).output.1)
        for (documented, own) in [
            ("https://tickets.example.org", client.url), ("https://app.example.org", url),
            ("what-the-command-printed", try #require(client.secret)),
            ("OIDCClientID app", "OIDCClientID \(client.id)"),
        ] {
            try #require(text.contains(documented), "the document has no \(documented)")
            text = text.replacing(documented, with: own)
        }
        return text
    }

    struct NotStarted: Error {
        let errors: String
    }
}
