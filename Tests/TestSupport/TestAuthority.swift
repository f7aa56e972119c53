import Foundation

/// A private certificate authority and certificates of it, made by the `openssl` command in a directory of their own.
public struct TestAuthority: Sendable {
    /// A certificate with its key.
    public struct Identity: Sendable {
        public let certificate: String
        public let key: String

        /// For the peers that the tests of the HTTP client start.
        public var peerArguments: [String] { ["--certificate", certificate, "--key", key] }
    }

    private let directory: URL

    /// The file that clients are to trust.
    public var certificate: String { directory.appending(path: "authority.pem").path }
    private var key: String { directory.appending(path: "authority.key").path }

    public init() async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try await Self.openssl(
            ["req", "-x509", "-subj", "/CN=Test Authority", "-days", "2", "-keyout", key, "-out", certificate]
                + Self.newKey)
    }

    public func remove() {
        try? FileManager.default.removeItem(at: directory)
    }

    /// A certificate for `names`, such as `DNS:localhost` or `IP:127.0.0.1`.
    public func identity(for names: String, days: Int = 2) async throws -> Identity {
        let base = directory.appending(path: UUID().uuidString).path
        let identity = Identity(certificate: base + ".pem", key: base + ".key")
        try await Self.openssl(
            ["req", "-subj", "/CN=Test", "-addext", "subjectAltName=\(names)"]
                + ["-keyout", identity.key, "-out", base + ".csr"] + Self.newKey)
        try await Self.openssl(
            ["x509", "-req", "-in", base + ".csr", "-CA", certificate, "-CAkey", key, "-copy_extensions", "copy"]
                + ["-days", "\(days)", "-out", identity.certificate])
        return identity
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private static func openssl(_ arguments: [String]) async throws {
        try await ChildProcess.run("openssl", arguments)
    }
}
