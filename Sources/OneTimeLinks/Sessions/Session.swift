import Foundation

/// What a click left in a browser, as it is stored: a person, and what the browser was granted.
public struct Session: Hashable, Sendable {
    public var id: UUID
    public var customerLogin: String
    /// Written at most once a minute.
    public var lastSeenAt: Date
    /// Set too where it was replaced.
    public var revokedAt: Date?
    /// The session of a later click of the same browser, to which the grants have moved.
    public var replacedBy: UUID?

    public init(id: UUID, customerLogin: String, lastSeenAt: Date, revokedAt: Date? = nil, replacedBy: UUID? = nil) {
        self.id = id
        self.customerLogin = customerLogin
        self.lastSeenAt = lastSeenAt
        self.revokedAt = revokedAt
        self.replacedBy = replacedBy
    }
}

/// What one click gave a session: one ticket, or all tickets of the person. One that was ended is not read.
public struct SessionGrant: Hashable, Sendable {
    /// Nil: the one grant of a session that the first release wrote.
    public var id: Int64?
    /// The link that was clicked; the row may have been deleted since. Nil: no link stands behind it.
    public var linkID: UUID?
    /// Nil: all tickets of the person, on our own pages.
    public var ticketNumber: TicketNumber?
    /// Whether the person is signed in at the desk and at other programs by it.
    public var countsAtDesk: Bool
    /// When it was clicked; its own end is counted from here.
    public var createdAt: Date

    public init(
        id: Int64?, linkID: UUID?, ticketNumber: TicketNumber?, countsAtDesk: Bool = false, createdAt: Date
    ) {
        self.id = id
        self.linkID = linkID
        self.ticketNumber = ticketNumber
        self.countsAtDesk = countsAtDesk
        self.createdAt = createdAt
    }

    /// True for a grant that shows more than one ticket: whether it shows one is asked for each.
    public var showsAllTickets: Bool { countsAtDesk || ticketNumber == nil }
}

/// What a session counts for.
public enum SessionScope: String, Hashable, Sendable {
    /// Tickets on our own pages, and nothing else.
    case ticket
    /// All that the customer user may see: the person is signed in at the desk by it.
    case account
}

/// A grant, and what is known of its ticket.
public struct GrantFacts: Hashable, Sendable {
    public var grant: SessionGrant
    /// The facts about the grant's ticket and about those that it was merged into, in order. Empty: never read.
    public var tickets: [TicketFacts]

    public init(grant: SessionGrant, tickets: [TicketFacts]) {
        self.grant = grant
        self.tickets = tickets
    }

    /// Until when what is known of the ticket is fresh; nil: no ticket decides.
    public var freshUntil: Date? {
        if grant.showsAllTickets { return nil }
        return tickets.map(\.freshUntil).min() ?? .distantPast
    }
}

/// Everything that decides whether a session still holds; read in one statement.
public struct SessionFacts: Sendable {
    /// The database's clock.
    public var now: Date
    public var session: Session
    /// Nil: the customer user is gone.
    public var customer: CustomerUser?
    /// Those that were not ended.
    public var grants: [GrantFacts]

    public init(now: Date, session: Session, customer: CustomerUser?, grants: [GrantFacts]) {
        self.now = now
        self.session = session
        self.customer = customer
        self.grants = grants
    }
}
