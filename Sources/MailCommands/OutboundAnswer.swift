import Foundation
import MailMessage
import OutgoingMail

/// What the service answers to an outgoing mail, and the command reads: edits, or, from a service that knows no edits, whole mails.
public struct OutboundAnswer: Sendable {
    public struct Mail: Sendable {
        public let recipients: [String]
        public let message: EditedMessage
        /// To be reported once the mail server has taken the mail.
        public let link: String?

        public init(recipients: [String], message: EditedMessage, link: String?) {
            self.recipients = recipients
            self.message = message
            self.link = link
        }
    }

    /// Why an answer cannot be used.
    public struct Unusable: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// See ``OutboundOutcome/word``.
    public let outcome: String
    public let warnings: [String]
    /// To be handed on in this order.
    public let mails: [Mail]
    /// False for whole mails.
    public let isInEdits: Bool

    public init(outcome: String, warnings: [String], mails: [Mail], isInEdits: Bool = true) {
        self.outcome = outcome
        self.warnings = warnings
        self.mails = mails
        self.isInEdits = isInEdits
    }

    /// Reads the service's answer to a message.
    ///
    /// - Throws: ``Unusable``, or `DecodingError`.
    public init(decoding body: Data, mediaType: String?, to message: SpooledMessage) throws {
        let type = mediaType?.split(separator: ";").first?.trimmingCharacters(in: .whitespaces).lowercased()
        if type == OutboundEdits.mediaType {
            try self.init(JSONDecoder().decode(OutboundEdits.self, from: body), to: message)
        } else {
            let whole = try JSONDecoder().decode(WholeOutboundMails.self, from: body)
            let mails = try whole.mails.map { mail in
                Mail(
                    recipients: mail.recipients, message: try EditedMessage(SpooledMessage(Array(mail.message))),
                    link: mail.link)
            }
            self.init(outcome: whole.outcome, warnings: [], mails: mails, isInEdits: false)
        }
        // A mail that is nowhere handed on would be lost.
        guard !mails.isEmpty else { throw Unusable(description: "the service's answer has no mail in it") }
    }

    private init(_ answer: OutboundEdits, to message: SpooledMessage) throws {
        guard answer.version == OutboundEdits.version else {
            throw Unusable(description: "the service answered in version \(answer.version) of the edits")
        }
        guard answer.length == message.length else {
            throw Unusable(description: "the service filtered \(answer.length) bytes of \(message.length)")
        }
        let mails = try answer.mails.map { mail in
            let edits = try mail.edits.map { edit in
                guard edit.offset >= 0, edit.length >= 0, edit.offset <= message.length,
                    edit.length <= message.length - edit.offset
                else { throw MessageEditError() }
                return MessageEdit(
                    range: edit.offset..<(edit.offset + edit.length), replacement: Array(edit.replacement))
            }
            return Mail(
                recipients: mail.recipients, message: try EditedMessage(message, edits: edits), link: mail.link)
        }
        self.init(outcome: answer.outcome, warnings: answer.warnings, mails: mails)
    }
}

/// The wire form of the answer in whole mails.
private struct WholeOutboundMails: Decodable {
    struct Mail: Decodable {
        let recipients: [String]
        /// Base64 in JSON.
        let message: Data
        let link: String?
    }

    let outcome: String
    let mails: [Mail]
}
