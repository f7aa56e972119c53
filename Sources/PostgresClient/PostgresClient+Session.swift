/// Whether a connection has a session of its own at the server, which LISTEN and session-level locks need.
extension PostgresClient {
    /// Makes sure that no pooler in transaction mode is between a connection and the server.
    ///
    /// The server's process is the one that was named when the connection was made, unless something in between made up a number. Then a
    /// connection of the same kind has to hear a notice while it is at rest.
    ///
    /// - Returns: the server process.
    /// - Throws: ``PostgresError`` (`sessionNotKept`), or what a call throws.
    @discardableResult
    public func requireSession(on connection: PostgresConnectionHandle) async throws -> Int32 {
        let process = try await connection.query(SessionSQL.process).only().decode(at: 0, as: Int32.self)
        if await pool.serverProcess(of: connection.connection) == process { return process }
        // A client with a shorter deadline must not take a notice that goes astray for a server that does not answer.
        guard try await hears(on: configuration, limit: ListenState.noticeLimit + configuration.deadline) else {
            throw PostgresError(.sessionNotKept)
        }
        return process
    }

    /// Whether a connection made with a configuration hears what this client commits: false behind a pooler in transaction mode, and in
    /// another database.
    ///
    /// - Throws: ``PostgresError`` if no connection could be made within the limit.
    public func hears(on other: PostgresConfiguration, limit: Duration) async throws -> Bool {
        let (events, continuation) = AsyncStream.makeStream(of: PostgresListener.Event.self)
        let listener = PostgresListener(other, channels: [], notifier: self, logger: pool.logger) { event in
            continuation.yield(event)
        }
        let connection = try ListeningConnection(listener)
        connection.start()
        let alarm = Task {
            try await Task.sleep(for: limit)
            continuation.finish()
        }
        var verdict: Bool?
        for await event in events {
            switch event {
            case .listening: verdict = true
            case .unproven: verdict = false
            case .confirmed, .notification, .lost: continue
            }
            break
        }
        alarm.cancel()
        await connection.stop()
        try Task.checkCancellation()
        guard let verdict else { throw PostgresError(.deadlineExceeded) }
        return verdict
    }
}

private enum SessionSQL {
    static let process = Statement("session.process", repeatable: true, "SELECT pg_backend_pid()")
}
