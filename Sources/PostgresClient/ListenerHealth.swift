import Synchronization

/// How a listening connection fares, for those who watch over it.
public final class ListenerHealth: Sendable {
    private struct State {
        var connects = 0
        var isConnected = false
        var isUnproven = false
        var confirmedAt: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    public init() {}

    /// Takes what the listener tells, in its order.
    public func apply(_ event: PostgresListener.Event) {
        state.withLock { state in
            switch event {
            case .listening(let sentAt):
                state.connects += 1
                state.isConnected = true
                state.isUnproven = false
                state.confirmedAt = sentAt
            case .confirmed(let sentAt): state.confirmedAt = sentAt
            case .lost: state.isConnected = false
            case .unproven:
                state.isConnected = false
                state.isUnproven = true
            case .notification: break
            }
        }
    }

    /// How often the connection was made.
    public var connects: Int { state.withLock(\.connects) }

    /// False before the connection was made, and while it is lost.
    public var isConnected: Bool { state.withLock(\.isConnected) }

    /// True while the connection reaches the database and does not hear what is committed there: a pooler in transaction mode is in between,
    /// or it is another database. Locks do not hold on such a connection either.
    public var isUnproven: Bool { state.withLock(\.isUnproven) }

    /// Time since the last answered round trip was sent; nil: there was none.
    public func leaseAge(at now: ContinuousClock.Instant = .now) -> Duration? {
        state.withLock { $0.confirmedAt.map { now - $0 } }
    }
}
