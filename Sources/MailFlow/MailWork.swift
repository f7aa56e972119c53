import Foundation

/// Threads on which mails are read and written: that takes as long as they are, and is no work for the threads that answer requests. Few
/// at a time, so that many large mails take no more memory than few.
public final class MailWork: Sendable {
    // Only the operation queue is in it, which any thread may add to.
    private let queue: OperationQueue

    /// - Parameter width: how many mails are worked on at a time.
    public init(width: Int = 2) {
        queue = OperationQueue()
        queue.maxConcurrentOperationCount = max(1, width)
        queue.name = "mail-work"
    }

    /// Does a piece of work, and waits for it without holding a thread.
    public func callAsFunction<Result: Sendable>(
        _ work: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.addOperation { continuation.resume(with: Swift.Result { try work() }) }
        }
    }
}
