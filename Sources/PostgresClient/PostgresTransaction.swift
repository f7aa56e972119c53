/// A transaction that is open on a connection of its own. Valid inside the body that it was given to.
public struct PostgresTransaction: Sendable {
    let name: String
    let pool: ConnectionPool
    let connection: ConnectionID

    /// Executes one statement. After a statement has failed, the server refuses all others until the end (SQLSTATE 25P02).
    public func query(
        _ statement: Statement, _ parameters: (any PostgresEncodable)..., deadline: Duration? = nil
    ) async throws -> PostgresRows {
        try await query(statement, parameters: parameters, deadline: deadline)
    }

    /// Executes one statement.
    public func query(
        _ statement: Statement, parameters: [any PostgresEncodable], deadline: Duration? = nil
    ) async throws -> PostgresRows {
        let step = Batch.Step(statement: statement, parameters: EncodedParameters(parameters))
        let batch = Batch(.steps([step]), on: connection, isInsideTransaction: true)
        return try await pool.perform(batch, deadline: deadline).rows(of: statement)
    }

    /// Sends several statements at once and returns their answers in order: one round trip instead of several. If one fails,
    /// those after it are not executed.
    public func pipeline(
        _ steps: [(Statement, [any PostgresEncodable])], deadline: Duration? = nil
    ) async throws -> [PostgresRows] {
        guard !steps.isEmpty else { return [] }
        let batch = Batch(.steps(steps.encoded), on: connection, isInsideTransaction: true)
        return try await pool.perform(batch, deadline: deadline).map(PostgresRows.init)
    }

    /// Executes SQL text with any number of statements and no parameters, see
    /// ``PostgresConnectionHandle/execute(script:deadline:)``.
    @discardableResult
    public func execute(script: String, deadline: Duration? = nil) async throws -> Int {
        let batch = Batch(.script(script), on: connection, isInsideTransaction: true)
        let pending = PendingBatch(batch, deadline: deadline.map { .now + $0 })
        return try await pool.perform(pending, isCancellable: true).count
    }

    // MARK: Begin and end

    /// BEGIN; where timeouts cannot be set for the session, they are set for the transaction.
    static func opening(_ name: String, _ configuration: PostgresConfiguration) -> [Batch.Step] {
        var texts = ["BEGIN"]
        if !configuration.usesPreparedStatements {
            texts.append("SET LOCAL statement_timeout = \(configuration.statementTimeout.wholeMilliseconds)")
            texts.append("SET LOCAL lock_timeout = \(configuration.lockTimeout.wholeMilliseconds)")
        }
        return texts.map { Batch.Step(statement: Statement(name, $0), parameters: .none) }
    }

    /// Runs the body between a BEGIN that has been sent and COMMIT or ROLLBACK.
    func run<R: Sendable>(_ body: (PostgresTransaction) async throws -> R) async throws -> R {
        let value: R
        do {
            value = try await body(self)
        } catch {
            // The error of the body is the one that matters; if the connection is lost, the server rolls back.
            _ = try? await end("ROLLBACK", isInsideTransaction: true)
            throw error
        }
        guard try await end("COMMIT", isInsideTransaction: false) == "COMMIT" else {
            throw PostgresError(.transactionRolledBack, statementName: name)
        }
        return value
    }

    /// Returns the command tag. Not ended by the task's cancellation.
    private func end(_ sql: String, isInsideTransaction: Bool) async throws -> String {
        let step = Batch.Step(statement: Statement("\(name) \(sql)", sql), parameters: .none)
        let batch = Batch(.steps([step]), on: connection, isInsideTransaction: isInsideTransaction)
        return try await pool.perform(batch, deadline: nil, isCancellable: false).last?.commandTag ?? ""
    }
}
