import Foundation

/// What a redeemed link left behind, as it is stored.
public struct Session: Hashable, Sendable {
    public var id: UUID
    /// The link that opened it; the row may have been deleted since.
    public var linkID: UUID
    public var customerLogin: String
    public var ticketNumber: TicketNumber
    public var scope: SessionScope
    public var createdAt: Date
    /// Written at most once a minute.
    public var lastSeenAt: Date
    public var revokedAt: Date?

    public init(
        id: UUID, linkID: UUID, customerLogin: String, ticketNumber: TicketNumber, scope: SessionScope = .ticket,
        createdAt: Date, lastSeenAt: Date, revokedAt: Date? = nil
    ) {
        self.id = id
        self.linkID = linkID
        self.customerLogin = customerLogin
        self.ticketNumber = ticketNumber
        self.scope = scope
        self.createdAt = createdAt
        self.lastSeenAt = lastSeenAt
        self.revokedAt = revokedAt
    }
}

/// What a session gives access to.
public enum SessionScope: String, Hashable, Sendable {
    /// The ticket of its link, on our own page, and nothing else.
    case ticket
    /// All that the customer user may see: the person is signed in at the desk by it.
    case account
}

/// Everything that decides whether a session still holds; read in one statement.
public struct SessionFacts: Sendable {
    /// The database's clock.
    public var now: Date
    public var session: Session
    /// Nil: the customer user is gone.
    public var customer: CustomerUser?
    /// The facts about the session's ticket and about those that it was merged into, in order.
    public var tickets: [TicketFacts]

    public init(now: Date, session: Session, customer: CustomerUser?, tickets: [TicketFacts]) {
        self.now = now
        self.session = session
        self.customer = customer
        self.tickets = tickets
    }
}

/// Does a session still hold?
public enum SessionDecision: Hashable, Sendable {
    /// Yes: until `validUntil` by the database's clock, if nothing else changes. The ticket is that of a session of scope
    /// `ticket`, or the one that it was merged into.
    case valid(CustomerUser, Ticket?, validUntil: Date)
    case ended(SessionEnd)
}

/// Why a session does not hold any more.
public enum SessionEnd: Hashable, Sendable {
    case unknown, revoked, idle, lifetime, customerGone, customerInvalid
    case ticket(TicketRefusal)
}

/// The rules of sessions: pure functions over facts.
public struct SessionRules: Sendable {
    /// The idle time is written at most once in so many seconds.
    public static let lastSeenResolution: TimeInterval = 60

    public var settings: LinkSettings

    public init(settings: LinkSettings) {
        self.settings = settings
    }

    /// Judges a session at `facts.now`.
    public func judge(_ facts: SessionFacts) -> SessionDecision {
        let session = facts.session
        if session.revokedAt != nil { return .ended(.revoked) }
        let idleEnd = session.lastSeenAt.addingTimeInterval(settings.sessionIdleTime)
        let lifetimeEnd = session.createdAt.addingTimeInterval(settings.sessionLifetime)
        if facts.now >= lifetimeEnd { return .ended(.lifetime) }
        if facts.now >= idleEnd { return .ended(.idle) }
        guard let customer = facts.customer else { return .ended(.customerGone) }
        guard customer.isValid else { return .ended(.customerInvalid) }
        // A session of the account outlives the ticket that it began with; which tickets it shows is asked for each.
        if session.scope == .account { return .valid(customer, nil, validUntil: min(idleEnd, lifetimeEnd)) }
        let access = TicketAccess.judge(
            chain: facts.tickets, login: session.customerLogin, accessDays: settings.accessDaysAfterClose,
            at: facts.now)
        switch access {
        case .refused(let refusal): return .ended(.ticket(refusal))
        case .granted(let ticket, let until):
            let end = [idleEnd, lifetimeEnd, until].compactMap { $0 }.min() ?? idleEnd
            return .valid(customer, ticket, validUntil: end)
        }
    }
}
