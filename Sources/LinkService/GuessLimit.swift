import Foundation
import Synchronization

/// Counts the wrong tokens, or the wrong keys, of each client on this replica, in memory: whoever guesses is told to wait, and costs no
/// query meanwhile. Nobody can guess one; the limit is against the load.
///
/// A client is an IPv4 address or the network of an IPv6 one, since who has one of those addresses has all of its network.
final class GuessLimit: Sendable {
    /// Clients that are counted at a time. When there are more, all counts begin anew.
    static let clients = 10_000

    private struct Count {
        var since: ContinuousClock.Instant
        var wrong: Int
    }

    private let counts = Mutex([String: Count]())

    /// How many seconds the client has to wait; nil: it may go on.
    ///
    /// - Parameters:
    ///   - account: to what it wants to get in, where many do so from one address.
    ///   - limit: wrong ones within a minute; 0: any number.
    func secondsToWait(
        _ address: String, to account: String = "", limit: Int, at now: ContinuousClock.Instant = .now
    ) -> Int? {
        guard limit > 0 else { return nil }
        let client = Self.client(address) + account
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
        let client = Self.client(address) + account
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

    /// Of an IPv6 address the first half.
    private static func client(_ address: String) -> String {
        var six = in6_addr()
        guard address.utf8.contains(UInt8(ascii: ":")), inet_pton(AF_INET6, address, &six) == 1 else { return address }
        let bytes = withUnsafeBytes(of: six) { Array($0) }
        // An IPv4 address that is written as an IPv6 one is one of many.
        return bytes.prefix(10).allSatisfy({ $0 == 0 }) ? address : Array(bytes.prefix(8)).hexadecimal
    }
}
