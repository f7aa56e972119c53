import Foundation
import Logging
import Migrator
import PostgresClient
import Synchronization

/// A PostgreSQL server of the test process's own: started when the first test asks for it, stopped and removed when the process
/// ends, in whatever way it ends.
public final class PostgresCluster: Sendable {
    /// Why there is no server to test with.
    public struct Unavailable: Error, CustomStringConvertible {
        /// What is missing, and what helps.
        public let description: String
    }

    /// The TCP port on 127.0.0.1.
    public let port: UInt16
    /// The folder that holds the data, the sockets and the server's log.
    public let directory: String
    private let binaries: String
    private let watchdog: ClusterWatchdog
    /// Added to the server's own.
    private let environment: [String: String]
    private let templates = MigratedTemplates()

    private static let sharedCluster = Task { try await PostgresCluster(settings: []) }

    /// The server that all tests of the process share.
    public static func shared() async throws -> PostgresCluster {
        try await sharedCluster.value
    }

    /// Starts a server of its own for one test, with settings for postgresql.conf ("ssl=on"). It ends when nobody refers
    /// to it any more.
    ///
    /// - Parameters:
    ///   - settings: one `name=value` each.
    ///   - environment: of the server, added to the test's own.
    ///   - prepare: called with the data folder before the start, to put files into it.
    public init(
        settings: [String], environment: [String: String] = [:],
        prepare: @Sendable (_ data: String) async throws -> Void = { _ in }
    ) async throws {
        self.environment = environment
        binaries = try Self.findBinaries()
        directory = try Self.makeDirectory()
        watchdog = try ClusterWatchdog(directory: directory, stop: Self.asServerUser(["\(binaries)/pg_ctl"]))
        let data = directory + "/data"
        try await Self.run([
            "\(binaries)/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync", "--no-instructions",
        ])
        try await prepare(data)
        if geteuid() == 0 { try await ChildProcess.run("chown", ["-R", "postgres", data]) }
        port = try await Self.start(
            binaries: binaries, directory: directory, settings: settings, environment: environment)
    }

    /// Starts a server that follows another one by streaming replication, under a name that the other may call synchronous. It
    /// takes no writes until ``promote()``.
    public init(following primary: PostgresCluster, as name: String) async throws {
        environment = [:]
        binaries = primary.binaries
        directory = try Self.makeDirectory()
        watchdog = try ClusterWatchdog(directory: directory, stop: Self.asServerUser(["\(binaries)/pg_ctl"]))
        let connection = "host=127.0.0.1 port=\(primary.port) user=postgres application_name=\(name)"
        let data = directory + "/data"
        try await Self.run([
            "\(binaries)/pg_basebackup", "-D", data, "-d", connection, "-X", "stream", "--checkpoint=fast", "--no-sync",
        ])
        try await ChildProcess.run("touch", [data + "/standby.signal"])
        let copied = try String(contentsOfFile: data + "/postgresql.auto.conf", encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("port=") && !$0.hasPrefix("unix_socket_directories=") }
        port = try await Self.start(
            binaries: binaries, directory: directory,
            settings: copied.map(String.init) + ["primary_conninfo='\(connection)'"],
            environment: environment)
    }

    /// Makes a server that follows another one the one that takes writes, and waits until it does.
    public func promote() async throws {
        try await Self.run(["\(binaries)/pg_ctl", "promote", "-w", "-D", "\(directory)/data"])
    }

    /// A connection URI for one of the cluster's databases.
    public func url(database: String, parameters: String = "") -> String {
        "postgresql://postgres@127.0.0.1:\(port)/\(database)\(parameters)"
    }

    // MARK: Databases

    /// Makes an empty database, and drops it after the body.
    public func database<R>(_ body: (TestDatabase) async throws -> R) async throws -> R {
        try await database(template: "template0", body)
    }

    /// Makes a database with the migrations of that folder applied, and drops it after the body. The migrations run once per
    /// process; each test gets a copy.
    public func migratedDatabase<R>(
        migrations: String = RepositoryRoot.path + "/migrations", _ body: (TestDatabase) async throws -> R
    ) async throws -> R {
        try await database(template: try await templates.template(for: migrations, in: self), body)
    }

    /// Makes an empty database in another encoding than the cluster's, such as `LATIN1`, and drops it after the body.
    public func database<R>(encoding: String, _ body: (TestDatabase) async throws -> R) async throws -> R {
        try await database(template: "template0 ENCODING '\(encoding)' LC_COLLATE 'C' LC_CTYPE 'C'", body)
    }

    private func database<R>(template: String, _ body: (TestDatabase) async throws -> R) async throws -> R {
        let database = try await makeDatabase(template: template)
        do {
            let value = try await body(database)
            try await drop(database)
            return value
        } catch {
            try? await drop(database)
            throw error
        }
    }

    func makeDatabase(template: String) async throws -> TestDatabase {
        let name = "test_" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "")
        try await psql("CREATE DATABASE \(name) TEMPLATE \(template)", database: "postgres")
        return TestDatabase(name: name, cluster: self)
    }

    private func drop(_ database: TestDatabase) async throws {
        try await psql("DROP DATABASE \(database.name) WITH (FORCE)", database: "postgres")
    }

    /// Runs SQL with psql and returns what it prints: rows without decoration, columns separated by `|`.
    @discardableResult
    public func psql(_ sql: String, database: String) async throws -> String {
        let arguments = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url(database: database), "-f", "-"]
        try Task.checkCancellation()
        // A lock that nobody gives back fails the test and does not hold it up for ever.
        let finished = try await ChildProcess.run(
            "\(binaries)/psql", arguments, environment: ["PGOPTIONS": "-c statement_timeout=5min"],
            input: Data(sql.utf8))
        return finished.output.trimmingCharacters(in: .newlines)
    }

    /// Whether the server was built with TLS. Those from PyPI are not.
    public func hasTLS() async throws -> Bool {
        try await psql("SHOW ssl_library", database: "postgres") != ""
    }

    /// Stops the server, for tests of what happens then. ``restart()`` brings it back under the same port.
    public func stop(mode: String = "fast") async throws {
        try await Self.run(["\(binaries)/pg_ctl", "stop", "-w", "-m", mode, "-D", "\(directory)/data"])
    }

    /// Starts a stopped server again.
    public func restart() async throws {
        do {
            try await Self.run(
                [
                    "\(binaries)/pg_ctl", "start", "-w", "-D", "\(directory)/data", "-l", "\(directory)/log",
                ], environment: environment)
        } catch {
            throw Unavailable(description: "PostgreSQL does not start again: \(error)\n\(Self.endOfLog(in: directory))")
        }
    }

    private static func endOfLog(in directory: String) -> String {
        let log = (try? String(contentsOfFile: "\(directory)/log", encoding: .utf8)) ?? ""
        return String(log.suffix(2_000))
    }

    /// Ends the server's main process without a word (SIGKILL), and waits until its children have noticed and are gone.
    public func kill() async throws {
        let file = try String(contentsOfFile: "\(directory)/data/postmaster.pid", encoding: .utf8)
        guard let server = file.split(separator: "\n").first.flatMap({ pid_t($0) }) else { return }
        let children = Self.children(of: server)
        Foundation.kill(server, SIGKILL)
        // As long as init has not asked about its end, another server takes it for one that runs.
        while Self.status(of: server) != nil || children.contains(where: Self.isRunning) {
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private static func children(of parent: pid_t) -> [pid_t] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { pid_t($0) }.filter { status(of: $0)?.parent == parent }
    }

    /// False also of one that has ended and that nobody has asked about yet.
    private static func isRunning(_ process: pid_t) -> Bool {
        status(of: process).map { $0.state != "Z" } ?? false
    }

    private static func status(of process: pid_t) -> (state: Substring, parent: pid_t?)? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let name = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: name)...].split(separator: " ")
        return fields.count > 1 ? (fields[0], pid_t(fields[1])) : nil
    }

    // MARK: Server

    private static func start(
        binaries: String, directory: String, settings: [String], environment: [String: String]
    ) async throws -> UInt16 {
        var failure: (any Error)?
        for _ in 0..<5 {
            let port = try FreePort.find()
            let all = [
                "port=\(port)", "listen_addresses='127.0.0.1'", "unix_socket_directories='\(directory)'", "fsync=off",
                "full_page_writes=off", "max_connections=400", "max_wal_size=2GB", "log_min_messages=warning",
            ]
            let file = "\(directory)/data/postgresql.auto.conf"
            try (all + settings + [""]).joined(separator: "\n").write(toFile: file, atomically: false, encoding: .utf8)
            do {
                try await run(
                    [
                        "\(binaries)/pg_ctl", "start", "-w", "-D", "\(directory)/data", "-l", "\(directory)/log",
                    ], environment: environment)
                return port
            } catch {
                // Most likely somebody else took the port.
                failure = error
            }
        }
        throw Unavailable(
            description: "PostgreSQL does not start: \(failure.map { "\($0)" } ?? "")\n\(endOfLog(in: directory))")
    }

    private static func makeDirectory() throws -> String {
        var template = Array("/tmp/otalink-pg-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Unavailable(description: "no folder can be made in /tmp") }
        let path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        if geteuid() == 0, let user = getpwnam("postgres") {
            chown(path, user.pointee.pw_uid, user.pointee.pw_gid)
        }
        return path
    }

    /// Names the folder of another server's programs; `make test-postgres` sets it.
    private static let chosenBinaries = "OTALINK_TEST_POSTGRES"

    private static func findBinaries() throws -> String {
        if let folder = ProcessInfo.processInfo.environment[chosenBinaries], !folder.isEmpty {
            guard access("\(folder)/initdb", X_OK) == 0 else {
                throw Unavailable(description: "\(chosenBinaries) names \(folder), and there is no initdb in it")
            }
            return folder
        }
        let root = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap { Int($0) }
        let folders =
            versions.sorted(by: >).map { "\(root)/\($0)/bin" }
            + (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        if let folder = folders.first(where: { access("\($0)/initdb", X_OK) == 0 }) { return folder }
        throw Unavailable(description: "initdb is missing: apt-get install postgresql")
    }

    /// The server refuses to run as root.
    private static func asServerUser(_ command: [String]) -> [String] {
        guard geteuid() == 0 else { return command }
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] + command
    }

    private static func run(_ command: [String], environment: [String: String] = [:]) async throws {
        let command = asServerUser(command)
        try await ChildProcess.run(
            command[0], Array(command.dropFirst()), environment: environment, directory: "/tmp")
    }
}

/// Makes each migrated template once, however many tests ask for it at a time.
private actor MigratedTemplates {
    private var templates: [String: Task<String, any Error>] = [:]

    func template(for migrations: String, in cluster: PostgresCluster) async throws -> String {
        if let known = templates[migrations] { return try await known.value }
        let task = Task {
            let database = try await cluster.makeDatabase(template: "template0")
            let client = database.client()
            let directory = try MigrationDirectory.load(migrations)
            _ = try await Migrator(client: client, directory: directory, logger: .quiet).up()
            await client.close()
            return database.name
        }
        templates[migrations] = task
        return try await task.value
    }
}
