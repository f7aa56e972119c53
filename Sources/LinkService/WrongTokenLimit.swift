import Synchronization

/// Counts the wrong tokens of each client address on this replica. A token of 24 letters and digits is not to be guessed; the
/// limit keeps whoever tries from costing a query each time.
final class WrongTokenLimit: Sendable {
    /// Wrong tokens of one address within a minute; then it is told to wait.
    static let perMinute = 30
    /// Addresses that are counted at a time. When there are more, all counts begin anew.
    static let addresses = 10_000

    private struct Count {
        var since: ContinuousClock.Instant
        var wrong: Int
    }

    private let counts = Mutex([String: Count]())

    /// How many seconds the address has to wait; nil: it may go on.
    func secondsToWait(_ address: String, at now: ContinuousClock.Instant = .now) -> Int? {
        counts.withLock { counts in
            guard let count = counts[address], count.wrong >= Self.perMinute else { return nil }
            let end = count.since + Self.period
            guard now < end else {
                counts[address] = nil
                return nil
            }
            return max(1, Int((end - now).components.seconds) + 1)
        }
    }

    /// Counts a wrong token.
    func count(_ address: String, at now: ContinuousClock.Instant = .now) {
        counts.withLock { counts in
            if let known = counts[address], now < known.since + Self.period {
                counts[address]?.wrong += 1
                return
            }
            if counts.count >= Self.addresses { counts = counts.filter { now < $0.value.since + Self.period } }
            if counts.count >= Self.addresses { counts.removeAll() }
            counts[address] = Count(since: now, wrong: 1)
        }
    }

    private static let period = Duration.seconds(60)
}
