import Logging
import ServiceLifecycle
import Synchronization

/// Gives load balancers the time to notice that a replica is about to go: it calls itself not ready, and answers all the same.
///
/// Stands last among the services of a group, so that a graceful shutdown ends it first and the requests after it.
public final class Draining: Service, CustomStringConvertible {
    public let description = "Draining"

    private let pause: Duration
    private let logger: Logger
    private let isUnderWay = Atomic(false)

    /// - Parameter pause: how long requests are still taken after the signal.
    public init(pause: Duration, logger: Logger) {
        self.pause = pause
        self.logger = logger
    }

    /// True from the signal on.
    public var hasBegun: Bool { isUnderWay.load(ordering: .relaxed) }

    public func run() async throws {
        try? await gracefulShutdown()
        isUnderWay.store(true, ordering: .relaxed)
        guard pause > .zero else { return }
        logger.info("This replica is going; it answers until load balancers have noticed")
        try? await Task.sleep(for: pause)
    }
}
