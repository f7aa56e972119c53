import Foundation
import Synchronization

/// PgBouncer before a cluster, on a port of its own.
public final class PgBouncer: Sendable {
    private static let program = "/usr/sbin/pgbouncer"

    /// Whether Debian's PgBouncer is installed.
    public static var isHere: Bool { FileManager.default.isExecutableFile(atPath: program) }

    public let port: UInt16
    private let file: String
    private let process = Mutex<ChildProcess?>(nil)

    /// - Parameters:
    ///   - role: who may connect.
    ///   - mode: `transaction` or `session`.
    ///   - resets: whether it resets the server's connection after each transaction, which ends its listening.
    ///   - ignored: parameters of a start that it passes over rather than refuse the client.
    public init(
        cluster: PostgresCluster, role: String = "postgres", mode: String = "transaction",
        ignoring ignored: [String] = [], resets: Bool = false
    ) throws {
        port = try FreePort.find()
        file = cluster.directory + "/pgbouncer-\(port).ini"
        let users = cluster.directory + "/pgbouncer-\(port)-users"
        try "\"\(role)\" \"\"\n".write(toFile: users, atomically: true, encoding: .utf8)
        try """
        [databases]
        * = host=127.0.0.1 port=\(cluster.port)

        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = \(port)
        unix_socket_dir =
        auth_type = trust
        auth_file = \(users)
        pool_mode = \(mode)
        default_pool_size = 10
        max_client_conn = 200
        server_login_retry = 1
        \(ignored.isEmpty ? "" : "ignore_startup_parameters = \(ignored.joined(separator: ","))")
        \(resets ? "server_reset_query = DISCARD ALL\nserver_reset_query_always = 1" : "")
        """.write(toFile: file, atomically: true, encoding: .utf8)
    }

    /// Whether it keeps no prepared statements: it is older than 1.21.
    public func isOld() async throws -> Bool {
        let version = try await ChildProcess(Self.program, ["--version"]).finished().output
        guard let number = version.firstMatch(of: /PgBouncer (\d+)\.(\d+)/), let major = Int(number.1),
            let minor = Int(number.2)
        else { return false }
        return (major, minor) < (1, 21)
    }

    /// An address of a database by way of the pooler.
    public func url(_ database: String, role: String = "postgres") -> String {
        "postgresql://\(role)@127.0.0.1:\(port)/\(database)"
    }

    public func start() async throws {
        // It refuses to run as root.
        let command = geteuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : []
        let arguments = command + [Self.program, file]
        let started = try ChildProcess(arguments[0], Array(arguments.dropFirst()), directory: "/")
        process.withLock { $0 = started }
        guard await started.writes("process up") else {
            throw DidNotStart(description: "PgBouncer: \(await started.finished().errors)")
        }
    }

    public func kill() { process.withLock { $0?.kill() } }

    private struct DidNotStart: Error, CustomStringConvertible {
        let description: String
    }
}
