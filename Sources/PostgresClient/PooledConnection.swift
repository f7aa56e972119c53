/// A connection as its pool sees it: the state machine, libpq's side, and who may use it.
///
/// Belongs to the pool's actor and never leaves it.
final class PooledConnection {
    enum Use {
        /// Open to short statements and, when idle, to a lease.
        case shared
        /// Promised to a lease: what is in flight ends first, nothing new is taken.
        case reserved(PendingLease)
        /// Used by one caller.
        case leased
        /// Given back, and waits for what is in flight. Becomes `shared`.
        case returning
    }

    let id: ConnectionID
    let link: ServerLink
    var state: ConnectionState
    var use: Use
    /// Opened for one lease and closed after it, on top of the shared ones.
    let isDedicated: Bool
    /// While connecting: what the descriptor is waited for, and until when.
    var waitsForWriting = true
    let connectDeadline: ContinuousClock.Instant
    /// When something last came from the server.
    var heardAt = ContinuousClock.now
    /// What a shared connection has been given in this turn and will send at its end.
    var outgoing: [Attempt] = []
    /// What a leased connection cannot send yet, because a script is under way or comes first.
    var backlog = FIFO<PendingBatch>()

    init(
        id: ConnectionID, link: ServerLink, state: ConnectionState, lease: PendingLease?,
        connectDeadline: ContinuousClock.Instant
    ) {
        self.id = id
        self.link = link
        self.state = state
        self.connectDeadline = connectDeadline
        isDedicated = lease != nil
        use = lease.map { .reserved($0) } ?? .shared
    }

    /// What it has been given and not answered.
    var busyCount: Int { state.inFlightCount + outgoing.count }

    var isConnecting: Bool { state.phase == .connecting }

    var isShared: Bool {
        if case .shared = use { true } else { false }
    }
}

/// A request for a connection of one's own.
struct LeaseRequest: Sendable {
    /// What to send as soon as the connection is there, before its new user is even told: BEGIN.
    let opening: Batch.Content?
    /// Whether to open a connection for it that is closed afterwards, rather than to take one of the shared.
    let isDedicated: Bool
    let name: String
}

typealias PendingLease = Pending<LeaseRequest, ConnectionID>
