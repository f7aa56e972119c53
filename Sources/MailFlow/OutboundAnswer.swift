import Foundation
import OneTimeLinks

/// What the service answers to an outgoing mail, in JSON, and the command reads.
public struct OutboundAnswer: Codable, Sendable {
    public struct Mail: Codable, Sendable {
        public let recipients: [String]
        /// The raw message; base64 in JSON.
        public let message: Data
        /// To be reported once the mail server has taken the mail.
        public let link: String?
    }

    /// See ``OutboundOutcome/word``.
    public let outcome: String
    /// To be handed on in this order.
    public let mails: [Mail]

    public init(_ filtered: FilteredOutboundMail) {
        outcome = filtered.outcome.word
        mails = filtered.mails.map { mail in
            Mail(recipients: mail.recipients, message: Data(mail.message), link: mail.link?.text)
        }
    }
}
