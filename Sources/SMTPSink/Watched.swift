import Foundation

/// A value that tasks change, and that other tasks wait upon without polling.
actor Watched<Value: Sendable> {
    private(set) var value: Value
    /// Each tries to end its wait with a value, and says whether it has.
    private var waiters: [UUID: Waiter] = [:]
    private var isClosed = false

    private struct Waiter {
        var tryToEnd: (Value) -> Bool
        var giveUp: () -> Void
    }

    init(_ value: Value) {
        self.value = value
    }

    @discardableResult
    func change<Result: Sendable>(_ body: @Sendable (inout Value) -> Result) -> Result {
        let result = body(&value)
        waiters = waiters.filter { !$0.value.tryToEnd(value) }
        return result
    }

    /// What `find` finds in the value, as soon as it finds something. Throws `CancellationError` if the task is
    /// cancelled or the value closed.
    func first<Found: Sendable>(_ find: @escaping @Sendable (Value) -> Found?) async throws -> Found {
        if let found = find(value) { return found }
        let id = UUID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard !isClosed, !Task.isCancelled else { return continuation.resume(throwing: CancellationError()) }
                waiters[id] = Waiter(
                    tryToEnd: { value in
                        guard let found = find(value) else { return false }
                        continuation.resume(returning: found)
                        return true
                    },
                    giveUp: { continuation.resume(throwing: CancellationError()) })
            }
        } onCancel: {
            Task { await cancel(id) }
        }
    }

    /// Ends all waits, and those to come unless they find something at once.
    func close() {
        isClosed = true
        for waiter in waiters.values { waiter.giveUp() }
        waiters = [:]
    }

    private func cancel(_ id: UUID) {
        waiters.removeValue(forKey: id)?.giveUp()
    }
}
