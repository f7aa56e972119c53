import Foundation

/// A link that a mail of another program is to carry.
public struct LinkOffer: Sendable, Hashable {
    public var ticketNumber: TicketNumber
    /// Nil: the ticket's customer user.
    public var customerLogin: String?
    /// The only address that the mail goes to; a token goes to the stored address of the person and to no other.
    public var recipient: String
    /// Stands for the mail; a mail that comes again gets the same link.
    public var mailKey: [UInt8]

    public init(ticketNumber: TicketNumber, customerLogin: String?, recipient: String, mailKey: [UInt8]) {
        self.ticketNumber = ticketNumber
        self.customerLogin = customerLogin
        self.recipient = recipient
        self.mailKey = mailKey
    }
}

/// What a mail gets in place of the tag.
public enum OfferAnswer: Sendable, Hashable {
    /// The token is a secret: it goes into the mail and into no log.
    case offered(link: UUID, token: String)
    /// The desk's own address of the ticket: the person has a password, is unknown to us, or is not who gets the mail.
    case plainURL(TicketNumber, CustomerUser?)
    /// The same address: the caller has made all the tokens of this hour.
    case limited(TicketNumber, CustomerUser?)
    case refused(IssueRefusal, CustomerUser?)
}
