/// Making connections.
extension ConnectionPool {
    /// Begins to connect. False if it is too early after a failure.
    func openConnection(for lease: PendingLease?) -> Bool {
        let now = ContinuousClock.now
        if let nextConnectTime, now < nextConnectTime { return false }
        guard case .success(let parameters) = parameters else {
            if case .failure(let error) = parameters { for entry in queue.drain() { entry.fail(error) } }
            return false
        }
        lastConnectionID += 1
        let connection = PooledConnection(
            id: lastConnectionID,
            link: ServerLink(parameters.startingAtHost(firstHost), logger: logger),
            state: ConnectionState(usesPreparedStatements: configuration.usesPreparedStatements),
            lease: lease,
            connectDeadline: now + configuration.connectTimeout)
        connections.append(connection)
        if !connection.link.hasStarted { connectFailed(connection, reason: connection.link.failureReason) }
        return true
    }

    func continueConnecting(_ connection: PooledConnection, _ now: ContinuousClock.Instant) {
        switch connection.link.continueConnecting() {
        case .waitsForReading: connection.waitsForWriting = false
        case .waitsForWriting: connection.waitsForWriting = true
        case .failed(let reason): connectFailed(connection, reason: reason)
        case .connected:
            guard connection.link.enterPipeline() else {
                return connectFailed(connection, reason: connection.link.failureReason)
            }
            connected(connection)
        }
    }

    private func connected(_ connection: PooledConnection) {
        connection.state.connected()
        if backoff.failures > 0 { logger.notice("The database can be reached again") }
        backoff.reset()
        nextConnectTime = nil
        lastConnectFailure = nil
        if unreplacedLosses > 0 {
            unreplacedLosses -= 1
            reconnects += 1
        }
        grantIfIdle(connection)
    }

    func connectFailed(_ connection: PooledConnection, reason: String) {
        let error = PostgresError(.connectionFailed(reason: reason))
        lastConnectFailure = reason
        connections.removeAll { $0 === connection }
        connection.link.close()
        // A lease that the connection was opened for goes back to the queue's front and waits for the next attempt.
        if case .reserved(let lease) = connection.use { queue.prepend(.lease(lease)) }
        let now = ContinuousClock.now
        // Several attempts that fail together count once.
        if nextConnectTime.map({ now >= $0 }) ?? true {
            let pause = backoff.pause()
            nextConnectTime = now + pause
            logger.warning(
                "The database cannot be reached",
                metadata: ["reason": "\(error)", "attempt": "\(backoff.failures)", "pause": "\(pause)"])
        }
    }
}
