import Foundation

/// What may happen to a link in its life.
public enum LinkState: String, Sendable, CaseIterable {
    /// Made; the mail that carries it has not been accepted by the mail server yet.
    case offered
    /// The person's one link for the ticket that is meant to be clicked.
    case active
    /// Someone signed in with it.
    case used
    /// A newer link of the same person for the same ticket took its place.
    case superseded
    /// Taken back by an operator or by the desk.
    case revoked
}

/// Where a link came from.
public enum LinkOrigin: String, Sendable, CaseIterable {
    /// A program or an operator asked for it and has it in hand.
    case api
    /// It goes out with a notification about the ticket.
    case notification
    /// It replaces an old link that somebody tried.
    case refresh
    /// The old add-on mailed it; imported.
    case addOn = "add-on"
}

/// A link: one chance for one customer user on one ticket to sign in.
public struct Link: Hashable, Sendable {
    public var id: UUID
    /// Grows with every link, given by the database: the only thing that decides which of two links is newer.
    public var sequence: Int64
    public var ticketNumber: TicketNumber
    public var customerLogin: String
    /// The address it was made for. If the customer user's stored address differs by now, the link counts as superseded.
    public var recipient: String
    public var state: LinkState
    public var createdAt: Date
    public var usedAt: Date?
    /// Hash of the form cookie of the browser that spent the link.
    public var usedByBrowser: [UInt8]?

    public init(
        id: UUID, sequence: Int64, ticketNumber: TicketNumber, customerLogin: String, recipient: String,
        state: LinkState, createdAt: Date, usedAt: Date? = nil, usedByBrowser: [UInt8]? = nil
    ) {
        self.id = id
        self.sequence = sequence
        self.ticketNumber = ticketNumber
        self.customerLogin = customerLogin
        self.recipient = recipient
        self.state = state
        self.createdAt = createdAt
        self.usedAt = usedAt
        self.usedByBrowser = usedByBrowser
    }
}
