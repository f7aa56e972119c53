import Foundation
import MailMessage
import OneTimeLinks

/// What the filter made of an outgoing mail. The mail goes out in every case.
public enum OutboundOutcome: Sendable, Hashable {
    /// There is no tag in it.
    case untouched
    /// It is signed or encrypted, and any change would break it: the tag stays.
    case protected(MessageProtection)
    /// It carries the customer user's link.
    case linked
    /// The desk's own address of the ticket stands in place of the tag: a password, several recipients, somebody unknown, or
    /// quoted text.
    case plainURL
    /// The same address: the API key has made all the tokens of this hour (`LinksPerAPIKeyAndHour`).
    case limited
    /// No link can be made; a sentence says so in place of the tag.
    case refused(IssueRefusal)
    /// Neither the tag nor the subject says which ticket; a sentence stands in place of the tag.
    case noTicket

    /// A short word for logs; holds nothing of the mail.
    public var word: String {
        switch self {
        case .untouched: "untouched"
        case .protected(let protection): protection.rawValue
        case .linked: "linked"
        case .plainURL: "plain-url"
        case .limited: "limited"
        case .refused(.customerUnknown): "refused-customer-unknown"
        case .refused(.customerInvalid): "refused-customer-invalid"
        case .refused(.ticket(let refusal)): "refused-ticket-\(refusal.rawValue)"
        case .noTicket: "no-ticket"
        }
    }
}

/// What an operator should know of a mail that went out all the same.
public enum OutboundWarning: String, Sendable, Hashable, CaseIterable {
    /// The mail is larger than what is looked at: it has the desk's address of the ticket in place of a link.
    case tooLarge = "too-large"
    /// A tag stands in a text that is too long to be read as one: it has become the desk's address of the ticket.
    case longText = "long-text"
    /// A part of the mail could not be read: it lies too deep in multiparts, is too long in base64, or is not valid in a character set
    /// that is not ASCII's. A tag in it stays as it is.
    case unread

    /// For the log.
    public var sentence: String {
        switch self {
        case .tooLarge, .longText: "A mail goes out with the plain address of its ticket in place of a link"
        case .unread: "A part of an outgoing mail could not be read; a tag in it stays as it is"
        }
    }
}

/// A mail to hand to the mail server.
public struct OutboundMail: Sendable, Hashable {
    public var recipients: [String]
    /// What changes in the message, in order.
    public var edits: [MessageEdit]
    /// The link that it carries; to be reported once the mail server has taken the mail.
    public var link: UUID?

    public init(recipients: [String], edits: [MessageEdit], link: UUID? = nil) {
        self.recipients = recipients
        self.edits = edits
        self.link = link
    }
}

/// What the filter made of an outgoing mail: one mail, or two where the archive gets a copy without the token.
public struct FilteredOutboundMail: Sendable {
    /// The message as it came.
    public var message: SpooledMessage
    /// To be handed on in this order.
    public var mails: [OutboundMail]
    public var outcome: OutboundOutcome
    public var warnings: [OutboundWarning]
}
