import Synchronization

/// One call that a task waits for. It ends exactly once: with an answer, an error, the task's cancellation, or its
/// deadline; whatever comes later is dropped.
final class Pending<Work: Sendable, Value: Sendable>: Sendable {
    private enum State {
        /// Nobody waits yet. Becomes `queued`, `unawaited`, or `finished` if the task was cancelled before.
        case new
        /// Nobody will ever wait. Becomes `finished`.
        case unawaited
        /// Not sent: becomes `sent` or `finished`.
        case queued(UnsafeContinuation<Value, any Error>)
        /// On its way to the server: becomes `finished`.
        case sent(UnsafeContinuation<Value, any Error>)
        /// The waiting task has been resumed.
        case finished
    }

    let work: Work
    let deadline: ContinuousClock.Instant?
    /// The deadline counts for the wait for a connection only. After that, the server's silence ends the call.
    let isBoundBySilence: Bool
    private let state = Mutex(State.new)

    init(_ work: Work, deadline: ContinuousClock.Instant?, isBoundBySilence: Bool = false) {
        self.work = work
        self.deadline = deadline
        self.isBoundBySilence = isBoundBySilence
    }

    /// Submits the call and waits for its end. If the task is cancelled, throws `CancellationError` at once.
    func value(submit: (Pending) -> Void) async throws -> Value {
        try await withTaskCancellationHandler {
            try await uncancellableValue(submit: submit)
        } onCancel: {
            finish(.failure(CancellationError()))
        }
    }

    /// Submits the call and waits for its end, whether the task is cancelled or not.
    func uncancellableValue(submit: (Pending) -> Void) async throws -> Value {
        // Unsafe is enough: the states let a continuation be resumed once only, and every call has a deadline or belongs
        // to a connection whose end finishes it.
        try await withUnsafeThrowingContinuation { continuation in
            let isQueued = state.withLock { state in
                guard case .new = state else { return false }
                state = .queued(continuation)
                return true
            }
            if isQueued { submit(self) } else { continuation.resume(throwing: CancellationError()) }
        }
    }

    /// Marks the call as one that nobody waits for.
    func submitUnawaited() {
        state.withLock { if case .new = $0 { $0 = .unawaited } }
    }

    var isFinished: Bool {
        state.withLock { if case .finished = $0 { true } else { false } }
    }

    /// Whether the call has left for the server and nothing has come back.
    var isSent: Bool {
        state.withLock { if case .sent = $0 { true } else { false } }
    }

    /// To be called before anything is sent. False if the call has ended: then nothing may be sent.
    func beginSending() -> Bool {
        state.withLock { state in
            switch state {
            case .queued(let continuation):
                state = .sent(continuation)
                return true
            case .sent, .unawaited: return true
            case .new, .finished: return false
            }
        }
    }

    /// Ends the call. False if it had ended before.
    @discardableResult
    func finish(_ result: Result<Value, any Error>) -> Bool {
        let (continuation, isFirst) = state.withLock { state -> (UnsafeContinuation<Value, any Error>?, Bool) in
            defer { state = .finished }
            switch state {
            case .new, .unawaited: return (nil, true)
            case .queued(let continuation), .sent(let continuation): return (continuation, true)
            case .finished: return (nil, false)
            }
        }
        continuation?.resume(with: result)
        return isFirst
    }
}
