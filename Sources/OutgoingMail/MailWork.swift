import LongWork

/// Threads on which mails are read and written: that takes as long as they are, and is no work for the threads that answer requests. Few
/// at a time, so that many large mails take no more memory than few.
public final class MailWork: Sendable {
    private let threads: LongWork

    /// - Parameter width: how many mails are worked on at a time.
    public init(width: Int = 2) {
        // A mail that waits lies in its file, and takes a connection at most.
        threads = LongWork(threads: width, places: .max)
    }

    /// Does a piece of work, and waits for it without holding a thread.
    public func callAsFunction<Result: Sendable>(
        _ work: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await threads.run(size: .max, work)
    }
}
