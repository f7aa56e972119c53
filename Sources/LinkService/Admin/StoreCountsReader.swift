import LinkStore
import Logging
import Measurements

/// Reads the numbers of what is stored when somebody asks for them, but seldom: at most every 15 seconds, and where reading takes
/// long, so much less often that it takes no more than a twentieth of the time. Nobody waits long for it, and its failure fails nobody.
actor StoreCountsReader {
    /// What is known at the moment.
    struct Reading {
        /// Nil: nothing was read yet, or too long ago.
        var counts: StoreCounts?
        /// Since the counts were read.
        var age: Duration?
        /// How often they could not be read.
        var failures: Int
    }

    /// From the start of one reading to the start of the next.
    static let shortestInterval = Duration.seconds(15)
    /// Reading takes no more than this part of the time.
    static let largestShare = 20

    private let read: @Sendable () async throws -> StoreCounts
    private let patience: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let logger: Logger
    private var last: (counts: StoreCounts, at: ContinuousClock.Instant)?
    private var interval = shortestInterval
    private var nextDue: ContinuousClock.Instant?
    private var failures = 0
    private var isReading = false
    private var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    private var lastWaiter = 0

    /// - Parameter patience: how long ``current()`` waits for a reading; it goes on without.
    init(
        patience: Duration = .seconds(1), now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        logger: Logger, read: @escaping @Sendable () async throws -> StoreCounts
    ) {
        self.patience = patience
        self.now = now
        self.logger = logger
        self.read = read
    }

    /// What is known, read again if it is time to.
    func current() async -> Reading {
        if !isReading, nextDue.map({ now() >= $0 }) ?? true {
            isReading = true
            Task { await readAgain() }
        }
        if isReading { await waitForReading() }
        guard let last else { return Reading(counts: nil, age: nil, failures: failures) }
        let age = now() - last.at
        // Old numbers would look like good ones.
        return Reading(counts: age <= interval * 4 ? last.counts : nil, age: age, failures: failures)
    }

    private func readAgain() async {
        let start = now()
        do {
            last = (try await read(), now())
        } catch {
            failures += 1
            logger.warning("What is stored could not be counted for the metrics", metadata: ["error": "\(error)"])
        }
        interval = max(Self.shortestInterval, (now() - start) * Self.largestShare)
        nextDue = start + interval
        isReading = false
        for waiter in waiters.values { waiter.resume() }
        waiters.removeAll()
    }

    private func waitForReading() async {
        lastWaiter += 1
        let (id, patience) = (lastWaiter, patience)
        let alarm = Task {
            try await Task.sleep(for: patience)
            self.waiters.removeValue(forKey: id)?.resume()
        }
        await withCheckedContinuation { waiters[id] = $0 }
        alarm.cancel()
    }
}
