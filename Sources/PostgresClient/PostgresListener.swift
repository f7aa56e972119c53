import Logging
import ServiceLifecycle

/// Listens on channels of the database (`LISTEN`), on a connection of its own that is made again whenever it is lost, and
/// proves in short intervals that nothing has been missed.
///
/// A connection counts only when it is proved to listen: a notice with a random payload that another connection commits has arrived while
/// this one was at rest, and each round trip is answered by the same server process, which names all channels. Behind a pooler in transaction
/// mode, or in another database, that fails (``Event/unproven``).
///
/// A receiver that caches what notifications invalidate may trust its cache for a while (its lease) from the
/// `sentAt` of ``Event/listening(sentAt:)`` or ``Event/confirmed(sentAt:)``, and not at all after ``Event/lost``. The
/// instants are of `ContinuousClock`, which on Linux runs on while the machine is suspended.
public struct PostgresListener: Sendable {
    /// What happens on the listening connection, in this order.
    public enum Event: Sendable, Equatable {
        /// A fresh connection listens on all channels. What was changed before `sentAt`, which was taken before LISTEN was
        /// sent, may have been missed and has to be read.
        case listening(sentAt: ContinuousClock.Instant)
        /// A notification.
        case notification(channel: String, payload: String)
        /// A round trip that began at `sentAt` has ended. Every notification that arrived before its answer has
        /// been delivered.
        case confirmed(sentAt: ContinuousClock.Instant)
        /// The connection is gone, and notifications may be missed until the next ``listening(sentAt:)``.
        case lost
        /// The connection was made, and does not hear what others commit: it goes through a pooler in transaction mode, or into another
        /// database. Notifications are missed until the next ``listening(sentAt:)``; it is tried again once a minute.
        case unproven
    }

    /// The channel of the notices that prove that a connection listens.
    static let proofChannel = "postgres_client_proof"

    let configuration: PostgresConfiguration
    let channels: [String]
    let roundTripEvery: Duration
    let answerLimit: Duration
    let notifier: PostgresClient?
    let logger: Logger
    let onEvent: @Sendable (Event) -> Void

    /// Prepares a listener; ``run()`` makes it work.
    ///
    /// - Parameters:
    ///   - configuration: a direct connection to the server: behind PgBouncer in transaction mode nobody can listen.
    ///   - channels: names, taken literally.
    ///   - roundTripEvery: from the start of one round trip to the start of the next.
    ///   - answerLimit: how long an answer may take before the connection counts as lost.
    ///   - notifier: commits the notice that has to arrive; the client whose changes are to be heard. Nil: the round trips are proof enough.
    ///   - logger: told of losses.
    ///   - onEvent: called in order, one call at a time, on the listener's thread; it must not block.
    public init(
        _ configuration: PostgresConfiguration,
        channels: [String],
        roundTripEvery: Duration = .milliseconds(300),
        answerLimit: Duration = .seconds(2),
        notifier: PostgresClient? = nil,
        logger: Logger,
        onEvent: @escaping @Sendable (Event) -> Void
    ) {
        self.configuration = configuration
        self.channels = channels
        self.roundTripEvery = roundTripEvery
        self.answerLimit = answerLimit
        self.notifier = notifier
        self.logger = logger
        self.onEvent = onEvent
    }
}

extension PostgresListener: Service {
    /// Listens until the service is to end or the task is cancelled. Throws ``PostgresError`` only if the connection string
    /// cannot be read; every other failure is logged and tried again.
    public func run() async throws {
        let connection = try ListeningConnection(self)
        connection.start()
        // Ends with a graceful shutdown, or by throwing when the task is cancelled; both mean the same here.
        try? await gracefulShutdown()
        await connection.stop()
    }
}
