import CLibCurl
import Synchronization

/// Transfers that wait for their turn, and the threads that carry them out. Threads start when they are needed and
/// end with `close()`.
final class TransferQueue: Sendable {
    struct Limits: Sendable {
        var threads: Int
        var transfersPerThread: Int
        var transfersPerOrigin: Int
    }

    fileprivate struct State {
        var waiting: [PendingTransfer] = []
        var earliestDeadline: ContinuousClock.Instant?
        var underWay: [ObjectIdentifier: PendingTransfer] = [:]
        var countByOrigin: [String: Int] = [:]
        var threads: [TransferThread] = []
        /// Counts calls of `cancel`, so that a thread knows when to look for flags.
        var cancellations = 0
        var isClosed = false
        var closing: [CheckedContinuation<Void, Never>] = []
    }

    /// What a thread is to do next.
    struct Orders {
        var start: [PendingTransfer]
        var cancellations: Int
        var isClosed: Bool
        /// When the first of the waiting transfers will have waited too long.
        var nextDeadline: ContinuousClock.Instant?
    }

    let name: String
    private let limits: Limits
    private let state = Mutex(State())

    init(name: String, limits: Limits) {
        self.name = name
        self.limits = limits
    }

    /// Carries out a plan. Throws `CancellationError` alone; everything else is in the report.
    func run(_ plan: TransferPlan) async throws -> TransferReport {
        let cancellation = CancellationFlag()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(PendingTransfer(plan, cancellation: cancellation, continuation: continuation))
            }
        } onCancel: {
            cancellation.set()
            cancel(cancellation)
        }
    }

    private func enqueue(_ pending: PendingTransfer) {
        enum Decision {
            case wake([TransferThread])
            case start(TransferThread)
            case refuse
            case fail
        }
        let decision: Decision = state.withLock { state in
            // The flag is set before the lock is taken to look for its transfer: it is seen here or there.
            if state.isClosed || pending.cancellation.isSet { return .refuse }
            let demand = state.underWay.count + state.waiting.count + 1
            if demand > state.threads.count * limits.transfersPerThread, state.threads.count < limits.threads {
                if let thread = TransferThread(queue: self, limits: limits) {
                    state.threads.append(thread)
                    state.append(pending)
                    return .start(thread)
                }
                if state.threads.isEmpty { return .fail }
            }
            state.append(pending)
            return .wake(state.threads)
        }
        switch decision {
        case .wake(let threads): for thread in threads { thread.wakeUp() }
        case .start(let thread): thread.start()
        case .refuse: pending.continuation.resume(throwing: CancellationError())
        case .fail: pending.continuation.resume(returning: TransferReport(code: CURLE_FAILED_INIT))
        }
    }

    private func cancel(_ cancellation: CancellationFlag) {
        let (removed, threads) = state.withLock { state -> (PendingTransfer?, [TransferThread]) in
            if let index = state.waiting.firstIndex(where: { $0.cancellation === cancellation }) {
                return (state.waiting.remove(at: index), [])
            }
            state.cancellations += 1
            return (nil, state.threads)
        }
        removed?.continuation.resume(throwing: CancellationError())
        for thread in threads { thread.wakeUp() }
    }

    /// Called by a thread that can carry out so many transfers more.
    func orders(room: Int, now: ContinuousClock.Instant) -> Orders {
        let (orders, expired) = state.withLock { state -> (Orders, [PendingTransfer]) in
            let expired = state.takeExpired(now)
            let start = state.takeNext(room, perOrigin: limits.transfersPerOrigin)
            let orders = Orders(
                start: start, cancellations: state.cancellations, isClosed: state.isClosed,
                nextDeadline: state.earliestDeadline)
            return (orders, expired)
        }
        for pending in expired {
            pending.continuation.resume(returning: TransferReport(code: CURLE_OPERATION_TIMEDOUT))
        }
        return orders
    }

    /// Called by the thread that has carried out a transfer.
    func finished(_ pending: PendingTransfer) {
        state.withLock { state in
            state.underWay[ObjectIdentifier(pending)] = nil
            let left = state.countByOrigin[pending.plan.origin, default: 1] - 1
            state.countByOrigin[pending.plan.origin] = left > 0 ? left : nil
        }
    }

    /// Called by a thread as its last act.
    func ended(_ thread: TransferThread) {
        let closing = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.threads.removeAll { $0 === thread }
            guard state.threads.isEmpty else { return [] }
            defer { state.closing = [] }
            return state.closing
        }
        for continuation in closing { continuation.resume() }
    }

    /// Cancels everything and returns when the threads have ended.
    func close() async {
        beginClosing()
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.threads.isEmpty { state.closing.append(continuation) }
                return state.threads.isEmpty
            }
            if isOver { continuation.resume() }
        }
    }

    /// Cancels everything, and does not wait.
    func beginClosing() {
        let (waiting, threads) = state.withLock { state -> ([PendingTransfer], [TransferThread]) in
            defer { state.waiting = [] }
            state.isClosed = true
            state.cancellations += 1
            for pending in state.underWay.values { pending.cancellation.set() }
            return (state.waiting, state.threads)
        }
        for pending in waiting { pending.continuation.resume(throwing: CancellationError()) }
        for thread in threads { thread.wakeUp() }
    }
}

extension TransferQueue.State {
    fileprivate mutating func append(_ pending: PendingTransfer) {
        waiting.append(pending)
        if let deadline = pending.plan.deadline {
            earliestDeadline = min(deadline, earliestDeadline ?? deadline)
        }
    }

    /// The transfers that have waited too long. `earliestDeadline` may be earlier than any that is left, so that
    /// only a deadline that has passed costs a walk through the queue.
    fileprivate mutating func takeExpired(_ now: ContinuousClock.Instant) -> [PendingTransfer] {
        guard let earliest = earliestDeadline, earliest <= now else { return [] }
        let isExpired = { (pending: PendingTransfer) in pending.plan.deadline.map { $0 <= now } ?? false }
        let expired = waiting.filter(isExpired)
        waiting.removeAll(where: isExpired)
        earliestDeadline = waiting.compactMap(\.plan.deadline).min()
        return expired
    }

    /// The oldest transfers, but none to an origin that has as many as it may have.
    fileprivate mutating func takeNext(_ room: Int, perOrigin: Int) -> [PendingTransfer] {
        guard room > 0, !waiting.isEmpty else { return [] }
        var taken: [PendingTransfer] = []
        var index = 0
        while taken.count < room, index < waiting.count {
            let count = countByOrigin[waiting[index].plan.origin, default: 0]
            guard count < perOrigin else {
                index += 1
                continue
            }
            let pending = waiting.remove(at: index)
            countByOrigin[pending.plan.origin] = count + 1
            underWay[ObjectIdentifier(pending)] = pending
            taken.append(pending)
        }
        return taken
    }
}
