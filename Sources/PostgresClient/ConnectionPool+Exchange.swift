import CLibPQ

/// Statements and answers on connections that are ready.
extension ConnectionPool {
    /// Sends a batch, whose turn it is.
    func send(_ attempt: Attempt, on connection: PooledConnection) {
        let pending = attempt.pending
        guard pending.beginSending() else { return }
        let plans = connection.state.send(attempt, now: ContinuousClock.now)
        let isSent =
            switch pending.work.content {
            case .script(let text): connection.link.leavePipeline() && connection.link.sendText(text)
            case .steps(let steps): send(steps, plans, on: connection.link)
            }
        if !isSent || !connection.link.flush() { disconnect(connection, PostgresError(.connectionLost)) }
    }

    private func send(_ steps: [Batch.Step], _ plans: [ConnectionState.StepPlan], on link: ServerLink) -> Bool {
        for (step, plan) in zip(steps, plans) {
            let (sql, parameters) = (step.statement.sql, step.parameters)
            switch plan {
            case .unnamed:
                guard link.sendUnnamed(sql: sql, parameters: parameters, scratch: &scratch) else { return false }
            case .execute(let name):
                guard link.sendExecute(name: name, parameters: parameters, scratch: &scratch) else { return false }
            case .prepareAndExecute(let name):
                guard link.sendPrepare(name: name, sql: sql, parameters: parameters),
                    link.sendExecute(name: name, parameters: parameters, scratch: &scratch)
                else { return false }
            }
        }
        return link.sendSynchronization()
    }

    /// Sends what a leased connection has waiting, as far as its state allows.
    func sendBacklog(_ connection: PooledConnection) {
        while let next = connection.backlog.first, connection.state.accepts(next.work) {
            _ = connection.backlog.popFirst()
            send(Attempt(pending: next), on: connection)
        }
    }

    /// Writes and reads what the descriptor is ready for.
    func exchange(_ connection: PooledConnection, _ now: ContinuousClock.Instant) {
        let isOpen = connection.link.read()
        takeAnswers(connection, now)
        guard connection.state.phase == .ready else { return }
        connection.link.dropNotifications()
        guard isOpen, connection.link.flush() else {
            return disconnect(connection, PostgresError(.connectionLost))
        }
        sendBacklog(connection)
        grantIfIdle(connection)
        shareAgainIfIdle(connection)
    }

    private func takeAnswers(_ connection: PooledConnection, _ now: ContinuousClock.Instant) {
        while connection.state.phase == .ready, connection.state.inFlightCount > 0, !connection.link.isBusy {
            let answer = takeAnswer(connection)
            guard let answer else { return disconnect(connection, PostgresError(.unsupported)) }
            perform(connection.state.receive(answer, now: now), on: connection)
        }
    }

    /// The next answer; nil for one that this client does not speak.
    private func takeAnswer(_ connection: PooledConnection) -> ConnectionState.Answer? {
        guard let result = connection.link.nextResult() else { return .end }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            return .rows(PostgresResult(result, statementName: connection.state.currentStatementName))
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            return .synchronized
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)
            return .aborted
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
            defer { PQclear(result) }
            return .failure(ServerFailure(reading: result))
        default:
            PQclear(result)
            return nil
        }
    }

    private func perform(_ action: ConnectionState.Action, on connection: PooledConnection) {
        switch action {
        case .wait: break
        case .sendAgain(let attempt): send(attempt, on: connection)
        case .disconnect(let error): disconnect(connection, error)
        case .finish(let attempt, .success(let results)):
            attempt.pending.finish(.success(results))
            afterScript(attempt, connection)
        case .finish(let attempt, .failure(let error)):
            attempt.pending.finish(.failure(error))
            if attempt.isOpening { return disconnect(connection, PostgresError(.connectionLost)) }
            afterScript(attempt, connection)
        }
    }

    private func afterScript(_ attempt: Attempt, _ connection: PooledConnection) {
        guard attempt.pending.work.isScript, !connection.link.enterPipeline() else { return }
        disconnect(connection, PostgresError(.connectionLost))
    }

    /// Gives a connection up: its calls fail or move to another connection.
    func disconnect(_ connection: PooledConnection, _ error: PostgresError) {
        guard connection.state.phase != .closed else { return }
        connections.removeAll { $0 === connection }
        let verdicts = connection.state.lost(error)
        connection.link.close()
        if error.kind != .closed {
            if !connection.isDedicated { unreplacedLosses += 1 }
            logger.warning(
                "A connection to the database was lost",
                metadata: ["reason": "\(error)", "inFlight": "\(verdicts.count)"])
        }
        for verdict in verdicts.reversed() {
            switch verdict {
            case .sendElsewhere(let attempt):
                noteDeadline(attempt.pending.deadline)
                queue.prepend(.batch(attempt))
            case .fail(let attempt, let error): attempt.pending.finish(.failure(error))
            }
        }
        for pending in connection.backlog.drain() {
            pending.finish(.failure(PostgresError(error.kind, statementName: pending.work.name)))
        }
        if case .reserved(let lease) = connection.use { queue.prepend(.lease(lease)) }
    }
}
