/// The queue: which call goes to which connection.
extension ConnectionPool {
    /// Gives the queue's calls to connections, in order, until one has to wait.
    func dispatch() {
        while let entry = queue.first {
            if entry.isFinished {
                _ = queue.popFirst()
                continue
            }
            let isPlaced =
                switch entry {
                case .batch(let attempt): place(attempt)
                case .lease(let pending): place(pending)
                }
            guard isPlaced else { break }
            _ = queue.popFirst()
        }
        for connection in connections where !connection.outgoing.isEmpty { sendOutgoing(connection) }
        openConnectionsOnDemand()
    }

    /// Gives a short statement to the shared connection with the fewest on their way. What one connection is given is
    /// sent as one piece, which wakes the server's process once instead of once for each statement.
    private func place(_ attempt: Attempt) -> Bool {
        var best: PooledConnection?
        var fewest = configuration.pipelineDepth
        for connection in connections where connection.isShared && connection.state.phase == .ready {
            let count = connection.busyCount
            if count < fewest {
                fewest = count
                best = connection
            }
        }
        guard let best else { return false }
        best.outgoing.append(attempt)
        return true
    }

    private func sendOutgoing(_ connection: PooledConnection) {
        var attempts = connection.outgoing[...]
        connection.link.holdingOutput(attempts.count > 1) {
            while connection.state.phase == .ready, let attempt = attempts.popFirst() { send(attempt, on: connection) }
        }
        connection.outgoing.removeAll(keepingCapacity: true)
        // The connection was lost on the way.
        for attempt in attempts.reversed() { queue.prepend(.batch(attempt)) }
    }

    private func place(_ lease: PendingLease) -> Bool {
        if lease.work.isDedicated {
            return openConnection(for: lease)
        }
        // Reserving one that is busy keeps the order: what came before runs on it, what comes after goes elsewhere.
        let candidates = connections.filter { $0.isShared && $0.state.phase == .ready }
        guard let best = candidates.min(by: { $0.busyCount < $1.busyCount }) else { return false }
        if best.busyCount > 0, canOpenAnother { return false }
        best.use = .reserved(lease)
        grantIfIdle(best)
        return true
    }

    /// Hands a reserved connection to its lease once nothing is in flight.
    func grantIfIdle(_ connection: PooledConnection) {
        guard case .reserved(let lease) = connection.use, connection.state.phase == .ready, connection.busyCount == 0
        else { return }
        guard lease.finish(.success(connection.id)) else {
            connection.use = .leased
            return takeBack(connection.id)
        }
        connection.use = .leased
        guard let opening = lease.work.opening else { return }
        let batch = Batch(opening, on: connection.id, isInsideTransaction: true)
        // Nobody waits for the answer; a failure ends the connection, so that nothing runs outside the transaction.
        let pending = PendingBatch(batch, deadline: nil, isBoundBySilence: configuration.silence != nil)
        pending.submitUnawaited()
        send(Attempt(pending: pending, isOpening: true), on: connection)
    }

    /// A lease ends. The connection serves others again if it is sound and outside of any transaction.
    func takeBack(_ id: ConnectionID) {
        guard let connection = connections.first(where: { $0.id == id }) else { return }
        if connection.isDedicated { return disconnect(connection, PostgresError(.closed)) }
        connection.use = .returning
        shareAgainIfIdle(connection)
    }

    func shareAgainIfIdle(_ connection: PooledConnection) {
        guard case .returning = connection.use, connection.state.inFlightCount == 0, connection.backlog.isEmpty
        else { return }
        if connection.link.isOutsideTransaction {
            connection.use = .shared
        } else {
            disconnect(connection, PostgresError(.closed))
        }
    }

    // MARK: Connections on demand

    private var sharedConnections: [PooledConnection] {
        connections.filter { !$0.isDedicated }
    }

    private var canOpenAnother: Bool {
        sharedConnections.count < configuration.connections || sharedConnections.contains(where: \.isConnecting)
    }

    /// Keeps one shared connection for each call at a time, up to the limit; while the server cannot be reached, only
    /// one tries.
    private func openConnectionsOnDemand() {
        guard !queue.isEmpty || backoff.failures == 0 else { return }
        let shared = sharedConnections
        guard shared.count < configuration.connections else { return }
        let busy = shared.reduce(0) { $0 + ($1.isShared ? $1.state.inFlightCount : 1) }
        let wanted = min(configuration.connections, busy + queue.count)
        guard wanted > shared.count else { return }
        if let nextConnectTime, ContinuousClock.now < nextConnectTime { return }
        if backoff.failures > 0 {
            if !connections.contains(where: \.isConnecting) { _ = openConnection(for: nil) }
            return
        }
        for _ in shared.count..<wanted where backoff.failures == 0 { _ = openConnection(for: nil) }
    }
}
