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
        case .refused(.customerUnknown): "refused-customer-unknown"
        case .refused(.customerInvalid): "refused-customer-invalid"
        case .refused(.ticket(let refusal)): "refused-ticket-\(refusal.rawValue)"
        case .noTicket: "no-ticket"
        }
    }
}

/// A mail to hand to the mail server.
public struct OutboundMail: Sendable, Hashable {
    public var recipients: [String]
    public var message: [UInt8]
    /// The link that it carries; to be reported once the mail server has taken the mail.
    public var link: UUID?

    public init(recipients: [String], message: [UInt8], link: UUID? = nil) {
        self.recipients = recipients
        self.message = message
        self.link = link
    }
}

/// What the filter made of an outgoing mail: one mail, or two where the archive gets a copy without the token.
public struct FilteredOutboundMail: Sendable, Hashable {
    /// To be handed on in this order.
    public var mails: [OutboundMail]
    public var outcome: OutboundOutcome
}
