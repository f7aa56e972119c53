import LinkStore
import Logging
import OneTimeLinks
import PostgresClient
import ServiceLifecycle
import Synchronization

/// Writes into the audit trail who opened links, by and by: no answer waits for it, and no forged token comes this far.
public final class VisitLog: Service, CustomStringConvertible {
    /// What a framework prints of it.
    public let description = "VisitLog"

    /// How long a visit waits for others to be written with.
    private static let pause = Duration.seconds(1)

    private let audit: AuditTrail
    private let logger: Logger
    private let buffer: Mutex<VisitBuffer>
    private let hasFailed = Atomic(false)

    public init(audit: AuditTrail, limits: VisitLimits = VisitLimits(), logger: Logger) {
        self.audit = audit
        self.logger = logger
        buffer = Mutex(VisitBuffer(limits: limits, now: .now))
    }

    /// Takes note of a visit; returns at once.
    public func note(_ visit: LinkVisit) {
        buffer.withLock { $0.add(visit, at: .now) }
    }

    /// Writes what was noted until the service is told to end, and the rest then.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.pause)) != nil { await self.write() }
        }
        // A task of its own: this one may be cancelled by now.
        await Task { await self.write() }.value
    }

    /// Writes what was noted so far. What the database does not take now waits for the next time.
    func write() async {
        let (visits, leftOut) = buffer.withLock { $0.take(at: .now) }
        if leftOut > 0 {
            logger.warning(
                "There were too many visits of links; some are not in the audit trail",
                metadata: ["visits": "\(leftOut)"])
        }
        do {
            try await audit.record(visits: visits)
            if !visits.isEmpty { hasFailed.store(false, ordering: .relaxed) }
        } catch {
            // Once for as long as it lasts, not once a second.
            if !hasFailed.exchange(true, ordering: .relaxed) {
                logger.error(
                    "Visits of links cannot be written down; trying again until they can",
                    metadata: ["error": "\(error)"])
            }
            // Twice is worse than not at all: the trail says what happened.
            if let error = error as? PostgresError, error.isOutcomeUnknown { return }
            buffer.withLock { $0.giveBack(visits, at: .now) }
        }
    }
}
