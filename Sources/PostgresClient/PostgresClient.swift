import Logging
import ServiceLifecycle

/// A client of one PostgreSQL database for many tasks at a time.
///
/// One thread owns all connections. Short statements share them, several on their way at a time; a transaction has a
/// connection to itself. Connections are made when they are first needed, and made again, with growing pauses, when they are
/// lost; calls wait for that until their deadline.
///
/// All calls throw ``PostgresError``, or `CancellationError` if their task is cancelled: a statement that has not been sent
/// by then never is, and the answer to one that has is dropped.
public final class PostgresClient: Sendable {
    let pool: ConnectionPool
    let configuration: PostgresConfiguration

    /// Starts the client's thread. Nothing is connected yet, and a connection string that cannot be read is reported
    /// by the first call.
    public init(_ configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        pool = ConnectionPool(configuration, logger: logger)
        pool.start()
    }

    deinit {
        pool.submit(.close(deadline: .now + Self.closeLimit))
    }

    /// How long ``close()`` lets accepted calls go on.
    private static let closeLimit = Duration.seconds(5)

    // MARK: Statements

    /// Executes one statement in a transaction of its own and returns its rows.
    ///
    /// - Parameters:
    ///   - statement: the named text.
    ///   - parameters: values for `$1`, `$2`, ...
    ///   - deadline: limit of the whole call; nil: what the configuration says.
    public func query(
        _ statement: Statement, _ parameters: (any PostgresEncodable)..., deadline: Duration? = nil
    ) async throws -> PostgresRows {
        try await query(statement, parameters: parameters, deadline: deadline)
    }

    /// Executes one statement in a transaction of its own and returns its rows.
    public func query(
        _ statement: Statement, parameters: [any PostgresEncodable], deadline: Duration? = nil
    ) async throws -> PostgresRows {
        let step = Batch.Step(statement: statement, parameters: EncodedParameters(parameters))
        let results = try await pool.perform(Batch(.steps([step])), deadline: deadline)
        return try results.rows(of: statement)
    }

    /// Executes statements as one transaction that is sent as a whole, in a single round trip: all take effect, or none.
    /// Needs no connection of its own, so it is the cheapest way to change several rows together when no statement
    /// depends on the answer to another.
    public func atomically(
        _ steps: [(Statement, [any PostgresEncodable])], deadline: Duration? = nil
    ) async throws -> [PostgresRows] {
        guard !steps.isEmpty else { return [] }
        let results = try await pool.perform(Batch(.steps(steps.encoded)), deadline: deadline)
        return results.map(PostgresRows.init)
    }

    // MARK: Transactions

    /// Runs the body in a transaction on a connection of its own: BEGIN, what the body does, COMMIT. If the body throws,
    /// the transaction is rolled back and the error passed on.
    ///
    /// Once the body has returned, cancelling the task no longer matters: COMMIT is sent and its answer awaited. If that
    /// answer does not come, the error's ``PostgresError/isOutcomeUnknown`` is true.
    ///
    /// - Parameters:
    ///   - name: stands for BEGIN, COMMIT and the wait for a connection in errors.
    ///   - body: may use the transaction until it returns, from one task at a time.
    public func transaction<R: Sendable>(
        _ name: String, _ body: (PostgresTransaction) async throws -> R
    ) async throws -> R {
        let opening = PostgresTransaction.opening(name, configuration)
        let request = LeaseRequest(opening: .steps(opening), isDedicated: false, name: name)
        let lease = try await pool.lease(request, deadline: configuration.deadline)
        defer { pool.submit(.giveBack(lease)) }
        let transaction = PostgresTransaction(name: name, pool: pool, connection: lease)
        return try await transaction.run(body)
    }

    // MARK: Leases

    /// Runs the body with a connection of its own, which is opened for it and closed after it, so that nothing of its
    /// session reaches anybody else. It comes on top of the shared connections.
    ///
    /// - Parameters:
    ///   - deadline: limit of the wait for the connection, the configuration's by default.
    ///   - body: what to do.
    public func withConnection<R: Sendable>(
        deadline: Duration? = nil, _ body: (PostgresConnectionHandle) async throws -> R
    ) async throws -> R {
        let request = LeaseRequest(opening: nil, isDedicated: true, name: "connection")
        let lease = try await pool.lease(request, deadline: deadline ?? configuration.deadline)
        defer { pool.submit(.giveBack(lease)) }
        return try await body(PostgresConnectionHandle(pool: pool, connection: lease))
    }

    /// Runs the body while holding a session-level advisory lock, on a connection of its own, or returns nil at once if somebody
    /// else holds it. If that connection is lost, the server gives the lock to others, and every further call on the
    /// handle throws; so work that the lock guards belongs on the handle.
    ///
    /// Needs a direct connection: behind PgBouncer in transaction mode there are no sessions, and it throws
    /// ``PostgresError/Kind/sessionNotKept`` before it takes the lock.
    public func withAdvisoryLock<R: Sendable>(
        _ key: Int64, _ body: (PostgresConnectionHandle) async throws -> R
    ) async throws -> R? {
        try await withConnection { connection in
            let process = try await requireSession(on: connection)
            guard try await connection.query(AdvisoryLock.tryLock, key).only().decode(at: 0, as: Bool.self) else {
                return nil
            }
            do {
                let isHeld = try await connection.query(AdvisoryLock.isHeld, key, process).only()
                guard try isHeld.decode(at: 0, as: Bool.self) else { throw PostgresError(.sessionNotKept) }
                try await setTimeouts(connection)
                let value = try await body(connection)
                await connection.unlock(key)
                return value
            } catch {
                await connection.unlock(key)
                throw error
            }
        }
    }

    /// Sets the time limits of a session that is the connection's own, where they could not be set at the start.
    private func setTimeouts(_ connection: PostgresConnectionHandle) async throws {
        guard !configuration.usesPreparedStatements else { return }
        let limits = (configuration.statementTimeout.wholeMilliseconds, configuration.lockTimeout.wholeMilliseconds)
        try await connection.execute(script: "SET statement_timeout = \(limits.0); SET lock_timeout = \(limits.1)")
    }

    // MARK: Life

    /// Refuses new calls once those accepted have ended, at most for five seconds, and closes all connections.
    public func close() async {
        await pool.close(deadline: .now + Self.closeLimit)
    }

    /// What the client is doing now.
    public func statistics() async -> PostgresStatistics {
        await pool.statistics()
    }
}

extension PostgresClient: Service {
    /// Waits until the service is to end, then closes the client.
    public func run() async throws {
        try? await gracefulShutdown()
        await close()
    }
}

/// The statements of session-level advisory locks.
enum AdvisoryLock {
    static let tryLock = Statement("advisory-lock.try", "SELECT pg_try_advisory_lock($1)")
    /// Whether the server process that answers is the one given and holds the lock. `pg_locks` shows the halves of the key apart.
    static let isHeld = Statement(
        "advisory-lock.is-held",
        """
        SELECT pg_backend_pid() = $2 AND EXISTS (
               SELECT
                 FROM pg_locks
                WHERE locktype = 'advisory'
                  AND pid = pg_backend_pid()
                  AND granted
                  AND objsubid = 1
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND (classid::bigint << 32) | objid::bigint = $1)
        """)
    static let unlock = Statement("advisory-lock.unlock", "SELECT pg_advisory_unlock($1)")
}

extension [(Statement, [any PostgresEncodable])] {
    var encoded: [Batch.Step] {
        map { Batch.Step(statement: $0.0, parameters: EncodedParameters($0.1)) }
    }
}

extension [PostgresResult] {
    /// The rows of a batch of one statement.
    func rows(of statement: Statement) throws(PostgresError) -> PostgresRows {
        guard let last else { throw PostgresError(.unsupported, statementName: statement.name) }
        return PostgresRows(result: last)
    }
}
