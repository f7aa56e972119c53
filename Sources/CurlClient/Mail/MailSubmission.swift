/// One mail for one SMTP transaction.
public struct MailSubmission: Sendable {
    /// The address that bounces go to; empty: none (`MAIL FROM:<>`).
    public var envelopeFrom: String

    /// The addresses that the mail goes to, at least one. It is sent to all or none: one refused recipient ends the
    /// transaction.
    public var recipients: [String]

    /// The message (RFC 5322). Its line ends may be LF, CR or CRLF and are sent as CRLF; a missing one is added at
    /// the end. Nothing else is changed: 8-bit bytes go out as they are.
    public var message: [UInt8]

    /// A mail to submit.
    public init(envelopeFrom: String, recipients: [String], message: [UInt8]) {
        self.envelopeFrom = envelopeFrom
        self.recipients = recipients
        self.message = message
    }
}

/// The mail server has taken over the responsibility for a mail.
public struct MailAcceptance: Sendable, Equatable {
    /// The text of the server's positive reply, for the log: one line, usually with its queue id,
    /// in which addresses are replaced by `<address>`.
    public var reply: String

    /// An acceptance with the server's words.
    public init(reply: String) {
        self.reply = reply
    }
}
