import Logging
import PostgresClient

/// Applies the numbered SQL files of a folder to a database, each once.
///
/// What has been applied is recorded with its checksum in `otalink.schema_migration`, which the runner makes itself. Of two runners
/// at a time one works and the other waits and finds the work done. All functions throw ``MigrationError``.
public struct Migrator: Sendable {
    /// How patient the runner is.
    public struct Patience: Sendable {
        /// `lock_timeout` of the statements: how long one may wait for others' locks, and make the traffic behind it wait.
        public var lockTimeout: Duration
        /// How often a file is tried that did not get a lock.
        public var attempts: Int
        /// The pause after the first such failure; it doubles with each further one.
        public var pause: Duration
        /// How long to wait for another runner.
        public var runnerWait: Duration

        /// The defaults suit a deployment under traffic: less than half of the time after which a replica's statement gives up
        /// waiting for a lock, so that nobody behind a migration is turned away.
        public init(
            lockTimeout: Duration = .seconds(2), attempts: Int = 6, pause: Duration = .seconds(1),
            runnerWait: Duration = .seconds(300)
        ) {
            self.lockTimeout = lockTimeout
            self.attempts = max(1, attempts)
            self.pause = pause
            self.runnerWait = runnerWait
        }
    }

    /// The session-level advisory lock that a runner holds: the ASCII codes of `otamigr`.
    public static let advisoryLock: Int64 = 0x6f_7461_6d69_6772

    let client: PostgresClient
    let directory: MigrationDirectory
    let patience: Patience
    let logger: Logger

    /// Prepares a runner. The client needs a direct connection to the server: behind PgBouncer in transaction mode a session-level
    /// lock is not possible.
    public init(
        client: PostgresClient, directory: MigrationDirectory, patience: Patience = Patience(), logger: Logger
    ) {
        self.client = client
        self.directory = directory
        self.patience = patience
        self.logger = logger
    }

    /// Compares the files with the database. Changes nothing.
    public func status() async throws(MigrationError) -> MigrationStatus {
        try await asking {
            guard try await client.query(MigrationTable.exists).only().decode(at: 0, as: Bool.self) else {
                return MigrationStatus(files: directory.files, applied: [])
            }
            let applied = try await client.query(MigrationTable.all).map(AppliedMigration.init)
            return MigrationStatus(files: directory.files, applied: applied)
        }
    }

    /// Compares the checksums of what was applied with the files. Throws for the first that differs.
    public func verify() async throws(MigrationError) {
        try await status().requireUnchanged()
    }

    /// Throws unless the database can hold every character.
    public static func requireUTF8(_ client: PostgresClient) async throws(MigrationError) {
        do {
            let encoding = try await client.query(encodingStatement).only().decode(at: 0, as: String.self)
            guard encoding == "UTF8" else { throw MigrationError.encoding(encoding) }
        } catch {
            throw MigrationError(error, file: nil)
        }
    }

    private static let encodingStatement = Statement(
        "migration.encoding", repeatable: true, "SELECT current_setting('server_encoding')")

    /// Throws unless the database is in UTF8 and every file has been applied. A newer schema is no error: the release before runs on it.
    public func requireCurrent() async throws(MigrationError) {
        try await Self.requireUTF8(client)
        let pending = try await status().pending
        guard pending.isEmpty else { throw .outdated(pending: pending.map(\.name)) }
    }

    /// Translates the errors of questions to the database.
    private func asking<R>(_ body: () async throws -> R) async throws(MigrationError) -> R {
        do {
            return try await body()
        } catch {
            throw MigrationError(error, file: nil)
        }
    }
}

extension MigrationError {
    /// Wraps what a call to the database threw.
    init(_ error: any Error, file: MigrationFile?) {
        if let known = error as? MigrationError {
            self = known
        } else {
            let cause = (error as? PostgresError) ?? .cancelled
            self = .database(file: file?.name, isTransactional: file?.isTransactional ?? true, cause: cause)
        }
    }
}
