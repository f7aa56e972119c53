/// Lets a bounded number of requests run at a time; the others wait in line, each for a bounded time.
actor RequestTurns {
    private enum Wait {
        case turn, expired, cancelled
    }

    private var free: Int
    private var line: [(id: Int, continuation: CheckedContinuation<Wait, Never>)] = []
    private var nextID = 0

    init(limit: Int) {
        free = max(1, limit)
    }

    /// How many wait in line.
    var waiting: Int { line.count }

    /// Waits for a turn; whoever gets one must hand it back with ``leave()``.
    ///
    /// False when none came within the time. Throws `CancellationError` and holds no turn when the task is cancelled.
    func enter(within patience: Duration) async throws -> Bool {
        try Task.checkCancellation()
        if free > 0 {
            free -= 1
            return true
        }
        let id = nextID
        nextID += 1
        let alarm = Task {
            try await Task.sleep(for: patience)
            self.end(id, with: .expired)
        }
        defer { alarm.cancel() }
        let wait = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // The handler may have run before there was anything to end.
                if Task.isCancelled {
                    continuation.resume(returning: Wait.cancelled)
                } else {
                    line.append((id, continuation))
                }
            }
        } onCancel: {
            Task { await self.end(id, with: .cancelled) }
        }
        switch wait {
        case .turn: return true
        case .expired: return false
        case .cancelled: throw CancellationError()
        }
    }

    /// Hands a turn back; the first in line gets it.
    func leave() {
        if line.isEmpty {
            free += 1
        } else {
            line.removeFirst().continuation.resume(returning: .turn)
        }
    }

    private func end(_ id: Int, with wait: Wait) {
        guard let index = line.firstIndex(where: { $0.id == id }) else { return }
        line.remove(at: index).continuation.resume(returning: wait)
    }
}
