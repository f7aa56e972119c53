import Synchronization

/// Counts the wrong tokens and the wrong keys of each client on this replica, in memory: a client that guesses is told to wait, and costs no
/// query meanwhile. Guessing cannot succeed; the limit is against the load.
///
/// A replica has one of these, so that a client cannot turn from one route to the next when it was told to wait.
final class GuessLimit: Sendable {
    /// Clients that are counted at a time. When there are more, all counts begin anew.
    static let clients = 10_000

    private struct Client: Hashable {
        let network: ClientNetwork
        let account: String
    }

    private struct Count {
        var since: ContinuousClock.Instant
        var wrong: Int
    }

    private let counts = Mutex([Client: Count]())

    /// How many seconds the client has to wait; nil: it may go on.
    ///
    /// - Parameters:
    ///   - account: to what it wants to get in, where many do so from one address.
    ///   - limit: wrong ones within a minute; 0: any number.
    func secondsToWait(
        _ address: String, to account: String = "", limit: Int, at now: ContinuousClock.Instant = .now
    ) -> Int? {
        guard limit > 0 else { return nil }
        let client = Client(network: ClientNetwork(address), account: account)
        return counts.withLock { counts in
            guard let count = counts[client], count.wrong >= limit else { return nil }
            let end = count.since + Self.period
            guard now < end else {
                counts[client] = nil
                return nil
            }
            return max(1, Int((end - now).components.seconds) + 1)
        }
    }

    /// Counts a wrong one.
    func count(_ address: String, to account: String = "", at now: ContinuousClock.Instant = .now) {
        let client = Client(network: ClientNetwork(address), account: account)
        counts.withLock { counts in
            if let known = counts[client], now < known.since + Self.period {
                counts[client]?.wrong += 1
                return
            }
            if counts.count >= Self.clients { counts = counts.filter { now < $0.value.since + Self.period } }
            if counts.count >= Self.clients { counts.removeAll() }
            counts[client] = Count(since: now, wrong: 1)
        }
    }

    private static let period = Duration.seconds(60)
}
