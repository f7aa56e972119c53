/// Runs requests in batches: those that arrive while a batch is under way form the next one.
///
/// Under light load every request is a batch of its own and waits for nobody. A batch that fails is run again one
/// request at a time, so that one bad request cannot spoil its neighbours; the work must bear that.
actor Batcher<Request: Sendable, Answer: Sendable> {
    private struct Waiting {
        let request: Request
        let continuation: CheckedContinuation<Answer, any Error>
    }

    private let maximumSize: Int
    private let maximumUnderWay: Int
    private let perform: @Sendable ([Request]) async throws -> [Answer]
    private var waiting: [Waiting] = []
    private var underWay = 0

    /// - Parameters:
    ///   - maximumSize: requests in one batch, at most.
    ///   - maximumUnderWay: batches under way at once, at most.
    ///   - perform: answers a batch, one answer a request in the same order.
    init(
        maximumSize: Int = 64, maximumUnderWay: Int = 2,
        perform: @escaping @Sendable ([Request]) async throws -> [Answer]
    ) {
        self.maximumSize = maximumSize
        self.maximumUnderWay = maximumUnderWay
        self.perform = perform
    }

    /// The answer to one request; throws what its own run threw.
    func submit(_ request: Request) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            waiting.append(Waiting(request: request, continuation: continuation))
            startIfPossible()
        }
    }

    private func startIfPossible() {
        while underWay < maximumUnderWay, !waiting.isEmpty {
            let batch = Array(waiting.prefix(maximumSize))
            waiting.removeFirst(batch.count)
            underWay += 1
            Task { await run(batch) }
        }
    }

    private func run(_ batch: [Waiting]) async {
        await answer(batch)
        underWay -= 1
        startIfPossible()
    }

    private func answer(_ batch: [Waiting]) async {
        do {
            let answers = try await perform(batch.map(\.request))
            guard answers.count == batch.count else { throw BatchError.answersMissing }
            for (waiting, answer) in zip(batch, answers) {
                waiting.continuation.resume(returning: answer)
            }
        } catch {
            guard batch.count > 1 else {
                batch.first?.continuation.resume(throwing: error)
                return
            }
            for waiting in batch {
                await answer([waiting])
            }
        }
    }
}

/// A batch whose work did not answer every request.
enum BatchError: Error {
    case answersMissing
}
