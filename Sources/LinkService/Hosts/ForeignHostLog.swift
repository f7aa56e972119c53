import LinkStore
import Logging
import ServiceLifecycle
import Synchronization

/// Says once a minute, in the log and in the database, under which foreign hosts pages were asked for. One of these runs in every
/// replica; `otalink doctor` reads what they wrote.
public final class ForeignHostLog: Service, CustomStringConvertible {
    public let description = "ForeignHostLog"

    /// Different ones that are remembered between two reports; a client can invent any number.
    private static let capacity = 8

    private let store: ForeignHosts
    private let pause: Duration
    private let logger: Logger
    private let seen = Mutex(FrequentHosts(capacity: ForeignHostLog.capacity))
    private let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// - Parameter pause: between two reports.
    public init(store: ForeignHosts, pause: Duration = .seconds(60), logger: Logger) {
        self.store = store
        self.pause = pause
        self.logger = logger
    }

    /// A page was asked for under this host. Returns at once.
    public func note(_ host: ForeignHost) {
        seen.withLock { $0.add(host) }
        arrival.yield()
    }

    /// Reports the first at once, and what comes within the pause after it together.
    public func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            for await _ in arrivals {
                await report()
                guard (try? await Task.sleep(for: pause)) != nil else { return }
            }
        }
    }

    /// Says what was seen since the last time.
    func report() async {
        let (hosts, requests) = seen.withLock { seen in
            defer { seen = FrequentHosts(capacity: Self.capacity) }
            return (seen.counts, seen.requests)
        }
        guard !hosts.isEmpty else { return }
        logger.warning(
            "Pages are asked for under a host that is not ours; see: otalink doctor",
            metadata: [
                "hosts": "\(Set(hosts.keys.map(\.name)).sorted().joined(separator: ", "))",
                "peers": "\(Set(hosts.keys.map(\.peer)).sorted().joined(separator: ", "))",
                "requests": "\(requests)",
            ])
        do {
            try await store.note(hosts)
        } catch {
            logger.warning("The hosts that are not ours could not be written down", metadata: ["error": "\(error)"])
        }
    }
}
