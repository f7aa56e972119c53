import Foundation

/// Does a session still hold?
public enum SessionDecision: Hashable, Sendable {
    /// Yes: until `validUntil` by the database's clock, if nothing else changes. The grants are those whose time is not over, the
    /// newest first; at least one of them gives something.
    case valid(CustomerUser, [HeldGrant], validUntil: Date)
    case ended(SessionEnd)
}

/// A grant whose own time is not over.
public struct HeldGrant: Hashable, Sendable {
    public enum Access: Hashable, Sendable {
        /// The ticket, or the one that it was merged into.
        case ticket(Ticket)
        /// Which tickets it shows is asked for each.
        case allTickets
        /// Not now: the ticket stands in the way.
        case refused(TicketRefusal)
    }

    public var grant: SessionGrant
    public var access: Access
    /// When it ends by the passing of time.
    public var until: Date
    /// The numbers of the tickets that its own was merged into, one after the other.
    public var mergedInto: [TicketNumber]

    public init(grant: SessionGrant, access: Access, until: Date, mergedInto: [TicketNumber] = []) {
        self.grant = grant
        self.access = access
        self.until = until
        self.mergedInto = mergedInto
    }

    /// True if it gives something.
    public var isGood: Bool {
        if case .refused = access { false } else { true }
    }

    /// The ticket that it shows; nil: none, or any.
    public var ticket: Ticket? {
        if case .ticket(let ticket) = access { ticket } else { nil }
    }

    /// True for the number of its ticket, before and after each merge.
    public func isFor(_ number: TicketNumber) -> Bool {
        grant.ticketNumber == number || ticket?.number == number || mergedInto.contains(number)
    }
}

/// Why a session does not hold any more.
public enum SessionEnd: Hashable, Sendable {
    /// `lifetime`: of every grant that it has.
    case unknown, revoked, idle, lifetime, customerGone, customerInvalid
    case ticket(TicketRefusal)
}

/// The rules of sessions: pure functions over facts.
public struct SessionRules: Sendable {
    /// The idle time is written at most once in so many seconds.
    public static let lastSeenResolution: TimeInterval = 60
    /// Seconds that a request with the cookie of a session that was replaced is led to the one in its place.
    public static let followingTime: TimeInterval = 60

    public var settings: LinkSettings

    public init(settings: LinkSettings) {
        self.settings = settings
    }

    /// Judges a session at `facts.now`, with what is known of its tickets.
    public func judge(_ facts: SessionFacts) -> SessionDecision {
        let session = facts.session
        if session.revokedAt != nil { return .ended(.revoked) }
        let idleEnd = session.lastSeenAt.addingTimeInterval(settings.sessionIdleTime)
        if facts.now >= idleEnd { return .ended(.idle) }
        let held = facts.grants.compactMap { judge($0, login: session.customerLogin, at: facts.now) }
            .sorted { $0.grant.createdAt > $1.grant.createdAt }
        if held.isEmpty { return .ended(.lifetime) }
        guard let customer = facts.customer else { return .ended(.customerGone) }
        guard customer.isValid else { return .ended(.customerInvalid) }
        guard let last = held.filter(\.isGood).map(\.until).max() else {
            if case .refused(let refusal) = held[0].access { return .ended(.ticket(refusal)) }
            return .ended(.lifetime)
        }
        return .valid(customer, held, validUntil: min(idleEnd, last))
    }

    /// Judges one grant at `now`; nil: its own time is over.
    public func judge(_ facts: GrantFacts, login: String, at now: Date) -> HeldGrant? {
        let end = facts.grant.createdAt.addingTimeInterval(settings.sessionLifetime)
        if now >= end { return nil }
        // What counts at the desk outlives the ticket that it began with.
        if facts.grant.showsAllTickets { return HeldGrant(grant: facts.grant, access: .allTickets, until: end) }
        let access = TicketAccess.judge(
            chain: facts.tickets, login: login, accessDays: settings.accessDaysAfterClose, at: now)
        let merges = facts.tickets.compactMap { $0.ticket?.mergedInto }
        switch access {
        case .refused(let refusal):
            return HeldGrant(grant: facts.grant, access: .refused(refusal), until: end, mergedInto: merges)
        case .granted(let ticket, let until):
            return HeldGrant(
                grant: facts.grant, access: .ticket(ticket), until: min(end, until ?? end), mergedInto: merges)
        }
    }

    /// In which order the desk is asked about grants whose tickets are not known freshly: the wanted ticket's first, then the
    /// newest.
    public func order(_ grants: [GrantFacts], wanted: TicketNumber?) -> [Int] {
        grants.indices.sorted { left, right in
            let (first, second) = (grants[left].grant, grants[right].grant)
            let isFirstWanted = wanted != nil && first.ticketNumber == wanted
            let isSecondWanted = wanted != nil && second.ticketNumber == wanted
            if isFirstWanted != isSecondWanted { return isFirstWanted }
            return first.createdAt > second.createdAt
        }
    }
}
