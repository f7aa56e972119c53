import Foundation
import Synchronization

/// Threads of our own for work that is as long as somebody else's text: reading a large mail or a large answer of the desk,
/// making a large page.
///
/// The cooperative pool has as many threads as the machine has processors, and every request needs one of them for a moment: a few
/// long pieces of work there, and the whole replica answers nobody. Work runs here instead, a bounded number of pieces at a time,
/// and a bounded number may wait.
public final class LongWork: Sendable {
    /// There is more work waiting than may wait. Nothing was done; a little later it may well go.
    public struct Overload: Error, CustomStringConvertible {
        public let description = "too much long work is waiting"

        public init() {}
    }

    /// Shorter texts are worked on at once by the caller, in bytes: they take less time than a change of threads is worth.
    public static let smallest = 32 << 10

    private struct State {
        var running = 0
        var waiting: [Job] = []
    }

    /// True on one of these threads.
    static var isCurrentThread: Bool { Thread.current.threadDictionary[mark] != nil }

    private static let mark = "otalink long work"

    private let threads: Int
    private let places: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - threads: pieces of work at a time.
    ///   - places: pieces of work that may wait.
    public init(threads: Int = 2, places: Int = 64) {
        self.threads = max(1, threads)
        self.places = max(0, places)
    }

    /// Does work about a text of that length: at once if it is short, else on a thread of ours.
    ///
    /// Work that has begun is done to its end, also if the caller's task is cancelled meanwhile.
    ///
    /// - Parameter size: of the text, in bytes.
    /// - Throws: `Overload`, `CancellationError`, or what the work throws.
    public func run<Result: Sendable>(size: Int, _ work: @escaping @Sendable () throws -> Result) async throws -> Result
    {
        if size < Self.smallest { return try work() }
        try Task.checkCancellation()
        let isCancelled = Flag()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let job: Job = {
                    continuation.resume(
                        with: Swift.Result {
                            if isCancelled.isSet { throw CancellationError() }
                            return try work()
                        })
                }
                if !take(job) { continuation.resume(throwing: Overload()) }
            }
        } onCancel: {
            isCancelled.set()
        }
    }

    /// True while a thread of ours works.
    public var isBusy: Bool { state.withLock { $0.running > 0 } }

    /// How many pieces of work wait for a thread.
    public var waiting: Int { state.withLock { $0.waiting.count } }

    private typealias Job = @Sendable () -> Void

    private final class Flag: Sendable {
        private let value = Atomic(false)

        var isSet: Bool { value.load(ordering: .acquiring) }

        func set() { value.store(true, ordering: .releasing) }
    }

    /// Gives the job to a thread, or lets it wait for one; false: there is no place left.
    private func take(_ job: @escaping Job) -> Bool {
        enum Place {
            case thread, line, nowhere
        }
        let place: Place = state.withLock { state in
            if state.running < threads {
                state.running += 1
                return .thread
            }
            guard state.waiting.count < places else { return .nowhere }
            state.waiting.append(job)
            return .line
        }
        guard place == .thread else { return place == .line }
        Thread { [self] in
            Thread.current.threadDictionary[Self.mark] = true
            var next: Job? = job
            while let job = next {
                job()
                next = nextJob()
            }
        }.start()
        return true
    }

    /// The job that has waited longest; without one the thread ends.
    private func nextJob() -> Job? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
    }
}
