import Foundation

/// What a mail is to say, as the rules decided it.
public struct MailContents: Sendable, Hashable {
    /// How the customer gets to the ticket.
    public enum Way: Sendable, Hashable {
        /// The link with its token.
        case link
        /// The desk's own page, for a person who has a password.
        case ticketPage
    }

    public var way: Way
    /// The ticket at the end of the chain of merges; nil: nothing is known of it.
    public var ticket: Ticket?
    /// When access to the ticket ends by the passing of time; nil: not at a known time.
    public var accessUntil: Date?

    public init(way: Way, ticket: Ticket?, accessUntil: Date?) {
        self.way = way
        self.ticket = ticket
        self.accessUntil = accessUntil
    }
}
