import Foundation
import PostgresClient
import TestSupport
import Testing

/// Certificates of a private authority, made for one test.
private struct PrivateAuthority {
    let directory: String

    init() async throws {
        directory = NSTemporaryDirectory() + "otalink-tls-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for name in ["authority", "stranger"] {
            try await openssl(
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj",
                "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).crt")
        }
        try await openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=db.test",
            "-addext", "subjectAltName=DNS:db.test", "-keyout", "server.key", "-out", "server.csr")
        try await openssl(
            "x509", "-req", "-in", "server.csr", "-CA", "authority.crt", "-CAkey", "authority.key", "-CAcreateserial",
            "-days", "2", "-copy_extensions", "copy", "-out", "server.crt")
    }

    private func openssl(_ arguments: String...) async throws {
        try await ChildProcess.run("openssl", arguments, directory: directory)
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: directory)
    }
}

@Suite("TLS", .timeLimit(.minutes(10)))
struct TLSTests {
    @Test(
        "verify-full accepts the private authority's server under its name, and nothing else",
        .enabled("needs a server with TLS") { try await PostgresCluster.shared().hasTLS() })
    func verifyFull() async throws {
        let authority = try await PrivateAuthority()
        defer { authority.remove() }
        let directory = authority.directory
        let cluster = try await PostgresCluster(settings: ["ssl=on"]) { data in
            for name in ["server.crt", "server.key"] {
                try FileManager.default.copyItem(atPath: "\(directory)/\(name)", toPath: "\(data)/\(name)")
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(data)/server.key")
        }
        let question = Statement("tls", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        func answer(host: String, authority: String, within deadline: Duration = .seconds(5)) async throws -> Bool {
            let url =
                "host=\(host) hostaddr=127.0.0.1 port=\(cluster.port) user=postgres dbname=postgres sslmode=verify-full"
                + " sslrootcert=\(directory)/\(authority).crt"
            let configuration = PostgresConfiguration(url: url, connections: 1, deadline: deadline)
            let client = PostgresClient(configuration, logger: .quiet)
            defer { Task { await client.close() } }
            return try await client.query(question).only().decode(at: 0)
        }
        #expect(try await answer(host: "db.test", authority: "authority", within: .seconds(120)))
        let stranger = try await postgresError { try await answer(host: "db.test", authority: "stranger") }
        #expect(stranger.description.contains("certificate verify failed"))
        let otherName = try await postgresError { try await answer(host: "other.test", authority: "authority") }
        guard case .connectionFailed = otherName.kind else {
            Issue.record("unexpected error: \(otherName)")
            return
        }
    }
}
