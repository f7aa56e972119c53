import Logging
import PostgresClient

extension Migrator {
    /// Applies all pending files in order.
    ///
    /// - Returns: what this call has applied: nothing, if there was nothing to do or another runner did it meanwhile.
    public func up() async throws(MigrationError) -> [AppliedMigration] {
        try await Self.requireUTF8(client)
        do {
            return try await client.withConnection { connection in
                try await client.requireSession(on: connection)
                try await takeLock(connection)
                // Builds may take long; only waiting for others' locks is limited.
                try await connection.execute(
                    script: "SET statement_timeout = 0; SET lock_timeout = \(Self.milliseconds(patience.lockTimeout))")
                return try await applyPending(connection)
            }
        } catch {
            throw MigrationError(error, file: nil)
        }
    }

    /// Waits for the runner's lock by asking again and again. Waiting inside the server would hold a snapshot, and another runner's
    /// CREATE INDEX CONCURRENTLY would wait for that in turn.
    private func takeLock(_ connection: PostgresConnectionHandle) async throws {
        let limit = ContinuousClock.now + patience.runnerWait
        var isFirst = true
        while true {
            let row = try await connection.query(Self.tryLock, Self.advisoryLock).only()
            if try row.decode(at: 0, as: Bool.self) { return }
            guard ContinuousClock.now < limit else { throw MigrationError.locked(waited: patience.runnerWait) }
            if isFirst { logger.notice("Waiting for another migration to end") }
            isFirst = false
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private static let tryLock = Statement("migration.lock", "SELECT pg_try_advisory_lock($1)")

    private func applyPending(_ connection: PostgresConnectionHandle) async throws -> [AppliedMigration] {
        try await createTable(connection)
        let applied = try await connection.query(MigrationTable.all).map(AppliedMigration.init)
        let status = MigrationStatus(files: directory.files, applied: applied)
        try status.requireSafe()
        if !status.unknown.isEmpty {
            logger.notice(
                "The schema is newer than this program",
                metadata: ["migrations": "\(status.unknown.map(\.name).joined(separator: ", "))"])
        }
        var done: [AppliedMigration] = []
        for file in status.pending {
            logger.info("Applying a migration", metadata: ["file": "\(file.name)"])
            let record = try await applyWithPatience(file, connection)
            logger.info(
                "Applied a migration",
                metadata: ["file": "\(file.name)", "milliseconds": "\(record.durationMilliseconds)"])
            done.append(record)
        }
        return done
    }

    private func createTable(_ connection: PostgresConnectionHandle) async throws {
        guard try await !connection.query(MigrationTable.exists).only().decode(at: 0, as: Bool.self) else { return }
        // CREATE SCHEMA IF NOT EXISTS asks for the right to create one even if it is there.
        let hasSchema = try await connection.query(MigrationTable.schemaExists).only().decode(at: 0, as: Bool.self)
        try await connection.execute(script: (hasSchema ? "" : MigrationTable.createSchema) + MigrationTable.create)
    }

    /// Applies one file, again if a lock could not be had in time.
    private func applyWithPatience(
        _ file: MigrationFile, _ connection: PostgresConnectionHandle
    ) async throws -> AppliedMigration {
        var pause = patience.pause
        for attempt in 1... {
            do {
                return try await file.isTransactional
                    ? applyAsTransaction(file, connection) : applyStatementByStatement(file, connection)
            } catch let error as MigrationError {
                guard case .failed(_, let line, let statement, _, let cause) = error, cause.isLockFailure else {
                    throw error
                }
                guard attempt < patience.attempts else {
                    throw MigrationError.tableLocked(
                        file: file.name, line: line, statement: statement, attempts: attempt,
                        timeout: patience.lockTimeout)
                }
                logger.warning(
                    "A migration did not get a lock in time and is tried again",
                    metadata: ["file": "\(file.name)", "line": "\(line)", "attempt": "\(attempt)"])
            }
            try await Task.sleep(for: pause)
            pause *= 2
        }
        throw CancellationError()
    }

    private func applyAsTransaction(
        _ file: MigrationFile, _ connection: PostgresConnectionHandle
    ) async throws -> AppliedMigration {
        let start = ContinuousClock.now
        do {
            return try await connection.transaction("migration \(file.number)") { transaction in
                do {
                    try await transaction.execute(script: file.text)
                } catch let error as PostgresError {
                    throw Self.located(error, in: file)
                }
                return try await Self.record(file, since: start) { try await transaction.query($0, parameters: $1) }
            }
        } catch {
            throw MigrationError(error, file: file)
        }
    }

    private func applyStatementByStatement(
        _ file: MigrationFile, _ connection: PostgresConnectionHandle
    ) async throws -> AppliedMigration {
        let start = ContinuousClock.now
        for statement in file.script.statements {
            do {
                try await connection.execute(script: statement.text)
            } catch let error as PostgresError {
                throw Self.located(error, in: file, from: statement)
            }
        }
        do {
            return try await Self.record(file, since: start) { try await connection.query($0, parameters: $1) }
        } catch {
            throw MigrationError(error, file: file)
        }
    }

    private static func record(
        _ file: MigrationFile, since start: ContinuousClock.Instant,
        _ query: (Statement, [any PostgresEncodable]) async throws -> PostgresRows
    ) async throws -> AppliedMigration {
        let duration = Int(clamping: Self.milliseconds(ContinuousClock.now - start))
        let parameters: [any PostgresEncodable] = [
            Int32(clamping: file.number), file.name, file.checksum, Int32(clamping: duration),
        ]
        return try AppliedMigration(try await query(MigrationTable.record, parameters).only())
    }

    /// Says where in the file a statement failed. The server points at a character, or else the number of statements that had
    /// succeeded tells.
    private static func located(
        _ error: PostgresError, in file: MigrationFile, from statement: SQLScript.Statement? = nil
    ) -> MigrationError {
        guard case .server = error.kind, let position = error.scriptPosition else {
            return .database(file: file.name, isTransactional: file.isTransactional, cause: error)
        }
        let script = file.script
        let offset = position.characterOffset.map { $0 + (statement?.range.lowerBound ?? 0) }
        let failing =
            statement ?? offset.flatMap(script.statement(at:))
            ?? (script.statements.indices.contains(position.statementIndex)
                ? script.statements[position.statementIndex] : nil)
        let line = offset.map(script.line(at:)) ?? failing?.line ?? 1
        return .failed(
            file: file.name, line: line, statement: failing?.firstLine ?? "", isTransactional: file.isTransactional,
            cause: error)
    }

    static func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000
    }
}
