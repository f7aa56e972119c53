import Foundation
import OneTimeLinks
import PostgresClient
import Synchronization

/// Sessions that this replica remembers, so that most requests need no query.
///
/// What is remembered counts under a lease only: one second of a clock that runs on through suspension, from the sending
/// of the last round trip on the listening connection; every notice that arrived before its answer has been applied by
/// then. A replica that was paused, or that has lost its listening connection, finds its lease run out and asks the
/// database. So a session that was revoked is accepted nowhere for longer than a second.
public final class SessionCache: Sendable {
    /// How long what is remembered counts after a round trip was sent.
    public static let lease: Duration = .seconds(1)

    /// What is remembered of a session that held when it was read. A class, since it is handed out with every request.
    public final class Entry: Sendable {
        public let customer: CustomerUser
        public let scope: SessionScope
        /// The ticket that a session of scope `ticket` shows.
        public let ticket: Ticket?
        /// The number of the ticket that the session was opened for; differs from the ticket's own after a merge.
        public let sessionTicket: TicketNumber
        /// When it began, by the database's clock.
        public let signedInAt: Date
        /// When it ends by the passing of time.
        public let validUntil: ContinuousClock.Instant
        /// When its use should be written next.
        public let touchDue: ContinuousClock.Instant

        public init(
            customer: CustomerUser, scope: SessionScope, ticket: Ticket?, sessionTicket: TicketNumber,
            signedInAt: Date, validUntil: ContinuousClock.Instant, touchDue: ContinuousClock.Instant
        ) {
            self.customer = customer
            self.scope = scope
            self.ticket = ticket
            self.sessionTicket = sessionTicket
            self.signedInAt = signedInAt
            self.validUntil = validUntil
            self.touchDue = touchDue
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
                now < entry.validUntil, now < entry.touchDue
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
            case .lost:
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
            entries = entries.filter { $0.value.ticket?.number != number && $0.value.sessionTicket != number }
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
