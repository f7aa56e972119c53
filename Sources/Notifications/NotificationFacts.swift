import OneTimeLinks
import TicketSystem

/// What the tags of a stored notification can stand for.
public struct NotificationFacts: Sendable {
    /// The customer's way to the ticket: the link with its token, or the desk's own page.
    public var link: String
    public var ticketNumber: TicketNumber
    /// Nil: nothing is known of it.
    public var ticket: Ticket?
    /// Nil: nothing is known of them.
    public var customer: CustomerUser?
    /// The latest article that the customer may read; nil: there is none, or nobody asked for it.
    public var article: TicketArticle?
    /// The desk's own page of the ticket, for the parts of its address; nil: unknown.
    public var deskURL: String?
    /// The address that our mails come from; nil: unknown.
    public var sender: String?
    public var settings: Settings

    public init(
        link: String, ticketNumber: TicketNumber, ticket: Ticket?, customer: CustomerUser?,
        article: TicketArticle? = nil, deskURL: String? = nil, sender: String? = nil, settings: Settings
    ) {
        self.link = link
        self.ticketNumber = ticketNumber
        self.ticket = ticket
        self.customer = customer
        self.article = article
        self.deskURL = deskURL
        self.sender = sender
        self.settings = settings
    }
}
