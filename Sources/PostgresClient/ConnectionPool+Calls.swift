/// How tasks call the pool from outside its thread.
extension ConnectionPool {
    /// Waits for a batch's answer.
    nonisolated func perform(
        _ batch: Batch, deadline: Duration?, isCancellable: Bool = true
    ) async throws -> [PostgresResult] {
        let pending = PendingBatch(
            batch, deadline: .now + (deadline ?? configuration.deadline),
            isBoundBySilence: deadline == nil && configuration.silence != nil)
        return try await perform(pending, isCancellable: isCancellable)
    }

    /// Waits for the answer of a batch that has its own deadline, or none.
    nonisolated func perform(_ pending: PendingBatch, isCancellable: Bool) async throws -> [PostgresResult] {
        let submit = { (pending: PendingBatch) in
            if !self.submit(.batch(pending)) {
                pending.finish(.failure(PostgresError(.closed, statementName: pending.work.name)))
            }
        }
        return isCancellable
            ? try await pending.value(submit: submit) : try await pending.uncancellableValue(submit: submit)
    }

    /// The server process at the other end of a leased connection, as it was named when the connection was made.
    func serverProcess(of id: ConnectionID) -> Int32? {
        connections.first { $0.id == id }?.link.serverProcess
    }

    /// Waits for a connection of one's own. It has to be given back with ``Command/giveBack(_:)``.
    nonisolated func lease(_ request: LeaseRequest, deadline: Duration) async throws -> ConnectionID {
        let pending = PendingLease(request, deadline: .now + deadline)
        return try await pending.value { pending in
            if !submit(.lease(pending)) {
                pending.finish(.failure(PostgresError(.closed, statementName: request.name)))
            }
        }
    }
}
