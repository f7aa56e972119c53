/// A connection that belongs to one caller. Valid inside the body that it was given to; once it is lost, every
/// call throws.
public struct PostgresConnectionHandle: Sendable {
    let pool: ConnectionPool
    let connection: ConnectionID

    /// Executes one statement in a transaction of its own.
    public func query(
        _ statement: Statement, _ parameters: (any PostgresEncodable)..., deadline: Duration? = nil
    ) async throws -> PostgresRows {
        try await query(statement, parameters: parameters, deadline: deadline)
    }

    /// Executes one statement in a transaction of its own.
    public func query(
        _ statement: Statement, parameters: [any PostgresEncodable], deadline: Duration? = nil
    ) async throws -> PostgresRows {
        let step = Batch.Step(statement: statement, parameters: EncodedParameters(parameters))
        return try await pool.perform(Batch(.steps([step]), on: connection), deadline: deadline).rows(of: statement)
    }

    /// Runs the body in a transaction on this connection, see ``PostgresClient/transaction(_:_:)``.
    public func transaction<R: Sendable>(
        _ name: String, _ body: (PostgresTransaction) async throws -> R
    ) async throws -> R {
        let opening = PostgresTransaction.opening(name, pool.configuration)
        _ = try await pool.perform(
            Batch(.steps(opening), on: connection, isInsideTransaction: true), deadline: nil)
        return try await PostgresTransaction(name: name, pool: pool, connection: connection).run(body)
    }

    /// Executes SQL text with any number of statements and no parameters, by the simple protocol. Outside of a
    /// transaction the server makes one of the whole text.
    ///
    /// - Parameters:
    ///   - script: the text.
    ///   - deadline: limit of the call, none by default: the server's `statement_timeout` ends it.
    /// - Returns: the number of statements executed.
    /// - Throws: ``PostgresError`` with ``PostgresError/scriptPosition`` and the server's message.
    @discardableResult
    public func execute(script: String, deadline: Duration? = nil) async throws -> Int {
        let batch = Batch(.script(script), on: connection)
        let pending = PendingBatch(batch, deadline: deadline.map { .now + $0 })
        return try await pool.perform(pending, isCancellable: true).count
    }

    /// Releases an advisory lock before the connection is closed, so that it is free when the caller goes on.
    func unlock(_ key: Int64) async {
        let parameters = EncodedParameters([key])
        let step = Batch.Step(statement: AdvisoryLock.unlock, parameters: parameters)
        // If this fails the connection is lost or will be closed, and the lock goes with it.
        _ = try? await pool.perform(
            Batch(.steps([step]), on: connection), deadline: .seconds(1), isCancellable: false)
    }
}
