import Foundation
import OneTimeLinks
import PostgresClient
import Synchronization

/// Sessions that this replica remembers, so that most requests need no query.
///
/// What is remembered counts under a lease only: one second of a clock that runs on through suspension, from the sending
/// of the last round trip on the listening connection; every notice that arrived before its answer has been applied by
/// then. A replica that was paused, that has lost its listening connection, or whose connection is not proved to listen, has no lease and
/// asks the database. So a session that was revoked is accepted nowhere for longer than a second.
public final class SessionCache: Sendable {
    /// How long what is remembered counts after a round trip was sent.
    public static let lease: Duration = .seconds(1)

    /// What is remembered of a session that held when it was read. A class, since it is handed out with every request.
    public final class Entry: Sendable {
        /// A grant whose time was not over.
        public struct Grant: Sendable {
            public var held: HeldGrant
            /// When it ends by the passing of time.
            public var until: ContinuousClock.Instant
            /// Until when what is known of its ticket is fresh; the desk has to be asked then.
            public var freshUntil: ContinuousClock.Instant
            /// The desk was asked, and did not answer.
            public var isDeskAway: Bool

            public init(
                held: HeldGrant, until: ContinuousClock.Instant, freshUntil: ContinuousClock.Instant,
                isDeskAway: Bool = false
            ) {
                self.held = held
                self.until = until
                self.freshUntil = freshUntil
                self.isDeskAway = isDeskAway
            }

            func isGood(at now: ContinuousClock.Instant) -> Bool { held.isGood && now < until && now < freshUntil }
        }

        public let customer: CustomerUser
        /// The newest first.
        public let grants: [Grant]
        /// When it ends if it is not used.
        public let idleEnd: ContinuousClock.Instant
        /// When its use should be written next.
        public let touchDue: ContinuousClock.Instant

        public init(
            customer: CustomerUser, grants: [Grant], idleEnd: ContinuousClock.Instant,
            touchDue: ContinuousClock.Instant
        ) {
            self.customer = customer
            self.grants = grants
            self.idleEnd = idleEnd
            self.touchDue = touchDue
        }

        /// False where a ticket has to be known freshly, and is not any more.
        func answers(_ question: TicketQuestion, at now: ContinuousClock.Instant = .now) -> Bool {
            switch question {
            case .none: true
            case .any: grants.contains { $0.isGood(at: now) }
            case .about(let number):
                grants.contains { $0.isGood(at: now) }
                    && grants.allSatisfy { !$0.held.isFor(number) || now < $0.freshUntil }
            }
        }
    }

    fileprivate struct State {
        var entries: [UUID: Entry] = [:]
        var leaseEnd: ContinuousClock.Instant?
        /// Grows with every notice: what was read before one must not be remembered after it.
        var notices: UInt64 = 0
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// - Parameter capacity: sessions remembered at most; all are forgotten when there are more.
    public init(capacity: Int = 100_000) {
        self.capacity = capacity
    }

    /// What is remembered of the session, if it counts at this moment.
    public func entry(for id: UUID, at now: ContinuousClock.Instant = .now) -> Entry? {
        state.withLock { state in
            guard let leaseEnd = state.leaseEnd, now < leaseEnd, let entry = state.entries[id],
                now < entry.idleEnd, now < entry.touchDue, entry.grants.contains(where: { now < $0.until })
            else { return nil }
            return entry
        }
    }

    /// To be taken before a session is read, and given back with what was read.
    public func ticketForReading() -> UInt64 {
        state.withLock(\.notices)
    }

    /// Remembers a session, unless a notice has arrived since it was read.
    public func remember(_ entry: Entry, for id: UUID, readUnder reading: UInt64) {
        state.withLock { state in
            guard state.notices == reading, state.leaseEnd != nil else { return }
            if state.entries.count >= capacity { state.entries.removeAll(keepingCapacity: true) }
            state.entries[id] = entry
        }
    }

    /// Applies what the listening connection tells; events must come in their order.
    public func apply(_ event: PostgresListener.Event) {
        state.withLock { state in
            switch event {
            case .listening(let sentAt):
                // What happened while nobody listened is unknown.
                state.entries.removeAll(keepingCapacity: true)
                state.notices += 1
                state.leaseEnd = sentAt + Self.lease
            case .confirmed(let sentAt):
                state.leaseEnd = sentAt + Self.lease
            case .lost, .unproven:
                state.entries.removeAll(keepingCapacity: true)
                state.notices += 1
                state.leaseEnd = nil
            case .notification(let channel, let payload):
                guard channel == AccessNotice.channel else { return }
                state.notices += 1
                state.forget(AccessNotice(payload))
            }
        }
    }
}

extension SessionCache.State {
    fileprivate mutating func forget(_ notice: AccessNotice) {
        switch notice {
        case .session(let id): entries[id] = nil
        case .customer(let login): entries = entries.filter { $0.value.customer.login != login }
        case .ticket(let number):
            entries = entries.filter { !$0.value.grants.contains { $0.held.isFor(number) } }
        case .all: entries.removeAll(keepingCapacity: true)
        }
    }
}

/// What the triggers of the schema tell when access was taken away.
public enum AccessNotice: Hashable, Sendable {
    case session(UUID)
    case customer(login: String)
    case ticket(TicketNumber)
    /// Many rows at once, or a notice that this version does not know.
    case all

    /// The channel that the triggers notify on.
    public static let channel = "otalink_access"

    /// From the text of a notification.
    public init(_ payload: String) {
        let parts = payload.split(separator: " ", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count == 2 ? parts[1] : nil) {
        case ("session", let key?): self = UUID(uuidString: key).map(AccessNotice.session) ?? .all
        case ("customer", let key?): self = .customer(login: key)
        case ("ticket", let key?): self = TicketNumber(key).map(AccessNotice.ticket) ?? .all
        default: self = .all
        }
    }
}
