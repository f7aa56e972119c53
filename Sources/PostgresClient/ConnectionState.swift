/// What one connection has promised to whom: a pure state machine. Events go in, and the owner of the socket does
/// what comes out.
struct ConnectionState {
    enum Phase: Equatable {
        /// Becomes `ready` or `closed`.
        case connecting
        /// Answers statements. Becomes `closed`.
        case ready
        /// Nothing more is sent or expected.
        case closed
    }

    /// How to send one step.
    enum StepPlan: Equatable {
        /// With its text, nothing kept on the server.
        case unnamed
        /// Under a name that the server knows.
        case execute(name: String)
        /// First make the name known, then execute.
        case prepareAndExecute(name: String)
    }

    /// A result that libpq has handed out.
    enum Answer {
        case rows(PostgresResult)
        case failure(ServerFailure)
        /// Skipped by the server, because an earlier step of the batch failed.
        case aborted
        /// No more results for this step.
        case end
        /// The end of the batch: its transaction is decided.
        case synchronized
    }

    enum Action {
        case wait
        case finish(Attempt, Result<[PostgresResult], PostgresError>)
        case sendAgain(Attempt)
        /// The connection is of no further use.
        case disconnect(PostgresError)
    }

    /// What became of a batch whose connection was lost.
    enum LossVerdict {
        case sendElsewhere(Attempt)
        case fail(Attempt, PostgresError)
    }

    private struct InFlight {
        let attempt: Attempt
        let plans: [StepPlan]
        /// Since when the server may have been working on it.
        var since: ContinuousClock.Instant
        var step = 0
        /// The next answer is that to the preparation of the step.
        var awaitsPreparation: Bool
        var results: [PostgresResult] = []
        var failure: (ServerFailure, step: Int)?
    }

    private struct PreparedStatement {
        let serverName: String
        let sql: String
        let types: [UInt32]

        func matches(_ step: Batch.Step) -> Bool {
            guard sql == step.statement.sql, types.count == step.parameters.slots.count else { return false }
            for index in types.indices where types[index] != step.parameters.slots[index].type { return false }
            return true
        }
    }

    private(set) var phase = Phase.connecting
    private let usesPreparedStatements: Bool
    private var inFlight = FIFO<InFlight>()
    private var prepared: [String: PreparedStatement] = [:]
    /// How often a statement has been given up. The server may still know it by its earlier name.
    private var generations: [String: Int] = [:]

    init(usesPreparedStatements: Bool) {
        self.usesPreparedStatements = usesPreparedStatements
    }

    var inFlightCount: Int { inFlight.count }

    /// Since when the oldest unanswered batch has been with the server.
    var busySince: ContinuousClock.Instant? { inFlight.first?.since }

    /// Whether only the server's silence ends the wait for the oldest unanswered batch.
    var isBoundBySilence: Bool { inFlight.first?.attempt.pending.isBoundBySilence ?? false }

    /// The statement that the next answer belongs to.
    var currentStatementName: String? {
        guard let first = inFlight.first else { return nil }
        guard case .steps(let steps) = first.attempt.pending.work.content, steps.indices.contains(first.step) else {
            return first.attempt.pending.work.name
        }
        return steps[first.step].statement.name
    }

    /// The batches with the server, oldest first.
    var pendingInFlight: [PendingBatch] { inFlight.elements.map(\.attempt.pending) }

    /// Whether a batch may be sent now. A script goes alone, because the simple protocol has no pipeline.
    func accepts(_ batch: Batch) -> Bool {
        guard phase == .ready else { return false }
        guard let first = inFlight.first else { return true }
        return !batch.isScript && !first.attempt.pending.work.isScript
    }

    // MARK: Events

    mutating func connected() {
        if phase == .connecting { phase = .ready }
    }

    /// A batch is about to be sent: says how, step by step.
    mutating func send(_ attempt: Attempt, now: ContinuousClock.Instant) -> [StepPlan] {
        let steps = attempt.pending.work.steps
        var plans: [StepPlan] = []
        plans.reserveCapacity(steps.count)
        for step in steps { plans.append(plan(for: step)) }
        inFlight.append(
            InFlight(attempt: attempt, plans: plans, since: now, awaitsPreparation: Self.prepares(plans, 0)))
        return plans
    }

    /// A result came. With `now`, the next batch's time with the server begins.
    mutating func receive(_ answer: Answer, now: ContinuousClock.Instant) -> Action {
        guard let current = inFlight.first else {
            if case .failure(let failure) = answer, failure.endsConnection { return .disconnect(loss(failure)) }
            return .wait
        }
        switch answer {
        case .rows(let result):
            if !current.awaitsPreparation { _ = inFlight.updateFirst { $0.results.append(result) } }
            return .wait
        case .failure(let failure):
            if failure.endsConnection { return .disconnect(loss(failure)) }
            forgetFailedPreparation(current)
            _ = inFlight.updateFirst { if $0.failure == nil { $0.failure = (failure, $0.step) } }
            return .wait
        case .aborted:
            forgetFailedPreparation(current)
            return .wait
        case .end:
            if current.attempt.pending.work.isScript { return complete(now) }
            _ = inFlight.updateFirst { first in
                if !first.awaitsPreparation { first.step += 1 }
                first.awaitsPreparation = !first.awaitsPreparation && Self.prepares(first.plans, first.step)
            }
            return .wait
        case .synchronized:
            return complete(now)
        }
    }

    /// The connection is gone. Says what becomes of the batches that were with the server, oldest first.
    mutating func lost(_ error: PostgresError) -> [LossVerdict] {
        phase = .closed
        return inFlight.drain().map { item in
            var attempt = item.attempt
            let batch = attempt.pending.work
            // What the server was silent about for the whole of its limit is not asked again for as long.
            if batch.isRepeatable, !attempt.isResent, error.kind != .deadlineExceeded {
                attempt.isResent = true
                return .sendElsewhere(attempt)
            }
            var error = error
            error.statementName =
                batch.steps.indices.contains(item.step) ? batch.steps[item.step].statement.name : batch.name
            error.isOutcomeUnknown = !batch.isInsideTransaction
            return .fail(attempt, error)
        }
    }

    // MARK: Transitions

    private mutating func complete(_ now: ContinuousClock.Instant) -> Action {
        guard let item = inFlight.popFirst() else { return .wait }
        _ = inFlight.updateFirst { $0.since = now }
        let batch = item.attempt.pending.work
        guard let (failure, step) = item.failure else { return .finish(item.attempt, .success(item.results)) }
        if failure.asksForPreparingAgain, !item.attempt.isPreparedAgain {
            for step in batch.steps { forget(step.statement.name) }
            // Inside a transaction the failure has ended the transaction: only the next one can be better.
            if !batch.isInsideTransaction {
                var attempt = item.attempt
                attempt.isPreparedAgain = true
                return .sendAgain(attempt)
            }
        }
        let name = batch.steps.indices.contains(step) ? batch.steps[step].statement.name : batch.name
        var error = failure.error(statementName: name, isScript: batch.isScript)
        if batch.isScript {
            error.scriptPosition = PostgresError.ScriptPosition(
                statementIndex: item.results.count, characterOffset: failure.position.map { $0 - 1 })
        }
        return .finish(item.attempt, .failure(error))
    }

    private mutating func plan(for step: Batch.Step) -> StepPlan {
        guard usesPreparedStatements else { return .unnamed }
        let name = step.statement.name
        if let known = prepared[name] {
            // Another text or other types under a name that is taken: possible, but not worth a place on the server.
            return known.matches(step) ? .execute(name: known.serverName) : .unnamed
        }
        let serverName = generations[name].map { "\(name)#\($0)" } ?? name
        prepared[name] = PreparedStatement(
            serverName: serverName, sql: step.statement.sql, types: step.parameters.slots.map(\.type))
        return .prepareAndExecute(name: serverName)
    }

    private mutating func forgetFailedPreparation(_ item: InFlight) {
        guard item.awaitsPreparation else { return }
        let steps = item.attempt.pending.work.steps
        if steps.indices.contains(item.step) { forget(steps[item.step].statement.name) }
    }

    private mutating func forget(_ name: String) {
        guard prepared.removeValue(forKey: name) != nil else { return }
        generations[name, default: 1] += 1
    }

    private static func prepares(_ plans: [StepPlan], _ step: Int) -> Bool {
        guard plans.indices.contains(step) else { return false }
        if case .prepareAndExecute = plans[step] { return true }
        return false
    }

    private func loss(_ failure: ServerFailure) -> PostgresError {
        var error = PostgresError(.connectionLost)
        error.sqlState = failure.sqlState
        return error
    }
}
