/// Deadlines and limits of time.
extension ConnectionPool {
    /// How much longer than `statement_timeout` an answer may take before the connection counts as dead.
    private static let grace = Duration.seconds(2)
    /// Deadlines are looked after at most this often.
    private static let sweepPause = Duration.milliseconds(5)

    func noteDeadline(_ deadline: ContinuousClock.Instant?) {
        guard let deadline else { return }
        nextSweep = min(nextSweep ?? deadline, deadline)
    }

    /// When the thread has to wake up although nothing happens.
    func nextTimer() -> ContinuousClock.Instant? {
        var next = nextSweep
        func consider(_ instant: ContinuousClock.Instant?) {
            guard let instant else { return }
            next = next.map { min($0, instant) } ?? instant
        }
        if !queue.isEmpty { consider(nextConnectTime) }
        consider(closingDeadline)
        for connection in connections {
            consider(connection.isConnecting ? connection.connectDeadline : answerLimit(connection))
        }
        return next
    }

    func handleTimers(_ now: ContinuousClock.Instant) {
        for connection in connections {
            if connection.isConnecting {
                guard now >= connection.connectDeadline else { continue }
                firstHost += 1
                connectFailed(connection, reason: "timeout expired")
            } else if let limit = answerLimit(connection), now >= limit {
                let isSilence = connection.state.isBoundBySilence
                disconnect(connection, PostgresError(isSilence ? .deadlineExceeded : .connectionLost))
            }
        }
        if let nextSweep, now >= nextSweep { sweepDeadlines(now) }
    }

    /// The server ends statements by itself after `statement_timeout`. One that stays silent for longer is not there any
    /// more. Dedicated connections may run statements without limit, unless silence is one.
    private func answerLimit(_ connection: PooledConnection) -> ContinuousClock.Instant? {
        guard let since = connection.state.busySince else { return nil }
        if let silence = configuration.silence, connection.state.isBoundBySilence {
            return max(since, connection.heardAt) + silence
        }
        guard !connection.isDedicated else { return nil }
        return since + configuration.statementTimeout + Self.grace
    }

    private func sweepDeadlines(_ now: ContinuousClock.Instant) {
        var sweep = DeadlineSweep(now: now)
        for entry in queue.drain() where !entry.isFinished {
            if sweep.isOver(entry.deadline) { entry.fail(waitedInVain) } else { queue.append(entry) }
        }
        for connection in connections {
            if case .reserved(let lease) = connection.use, sweep.isOver(lease.deadline) {
                QueueEntry.lease(lease).fail(waitedInVain)
            }
            for pending in connection.backlog.elements + connection.state.pendingInFlight
            where !pending.isBoundBySilence && sweep.isOver(pending.deadline) {
                let isSent = pending.isSent
                let error = PostgresError(.deadlineExceeded, statementName: pending.work.name, isOutcomeUnknown: isSent)
                pending.finish(.failure(error))
            }
        }
        nextSweep = sweep.earliest.map { max($0, now + Self.sweepPause) }
    }

    /// The deadline passed in the queue: because the server cannot be reached, or because others were first.
    private var waitedInVain: PostgresError {
        PostgresError(lastConnectFailure.map { .connectionFailed(reason: $0) } ?? .deadlineExceeded)
    }
}

/// Compares deadlines with one moment and remembers the earliest that is still to come.
private struct DeadlineSweep {
    let now: ContinuousClock.Instant
    private(set) var earliest: ContinuousClock.Instant?

    init(now: ContinuousClock.Instant) {
        self.now = now
    }

    mutating func isOver(_ deadline: ContinuousClock.Instant?) -> Bool {
        guard let deadline else { return false }
        if now >= deadline { return true }
        earliest = min(earliest ?? deadline, deadline)
        return false
    }
}
