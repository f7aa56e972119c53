/// Why a mail server has not accepted a mail, as far as is known.
public struct MailSubmissionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// How far the conversation had come: what the client was waiting for when it failed.
    public enum Stage: String, Sendable, CaseIterable {
        /// The server's name is being resolved.
        case resolve
        /// The connection is being made.
        case connect
        /// The server's first line (220).
        case greeting
        /// The reply to `EHLO` or `HELO`.
        case hello
        /// The reply to `STARTTLS`, and the handshake.
        case tls
        /// The replies to `AUTH` and what follows it.
        case authentication
        /// The reply to `MAIL FROM`.
        case sender
        /// The reply to `RCPT TO`.
        case recipient
        /// The reply to `DATA`, and the sending of the message.
        case data
        /// The reply to the dot that ends the message.
        case endOfData
    }

    /// How it failed.
    public enum Cause: Sendable, Equatable {
        /// The server said no: see ``MailSubmissionError/replyCode`` and ``MailSubmissionError/replyText``.
        case refused
        /// No reply came in time.
        case timedOut
        /// The connection could not be made, or ended.
        case connectionLost
        /// The handshake failed, the certificate was not accepted, or TLS is required and not offered.
        case tls(reason: String)
        /// The server offers no way to authenticate that is known here.
        case noAuthentication
        /// An address is empty or has characters that cannot be sent.
        case invalidAddress
        /// An address is not ASCII, and the server does not offer SMTPUTF8 (RFC 6531).
        case nonASCIIAddress
        /// The server's reply has no end, or is longer than 64 KiB.
        case replyTooLong
        /// Anything else, under libcurl's number for it (libcurl-errors(3)).
        case other(code: Int32)
    }

    /// How far the conversation had come.
    public var stage: Stage

    /// How it failed.
    public var cause: Cause

    /// The server's refusal, 400 to 599; nil if it did not refuse.
    public var replyCode: Int?

    /// The words of the refusal: one line, in which addresses are replaced by `<address>`.
    public var replyText: String?

    /// An error as a ``CurlClient`` throws it.
    public init(stage: Stage, cause: Cause, replyCode: Int? = nil, replyText: String? = nil) {
        self.stage = stage
        self.cause = cause
        self.replyCode = replyCode
        self.replyText = replyText
    }

    /// Whether this mail will never be accepted, so that trying again is useless: an address that cannot be sent, or
    /// a 5xx reply to the sender, a recipient or the message. A server that greets with 5xx, fails at TLS or refuses
    /// the password (or asks for one: 530, 534, 535, 538 of RFC 4954) says nothing about this mail: an operator has
    /// to act, and then the mail can go.
    public var isPermanent: Bool {
        switch cause {
        case .invalidAddress, .nonASCIIAddress:
            return true
        case .refused:
            guard let replyCode, (500...599).contains(replyCode), ![530, 534, 535, 538].contains(replyCode) else {
                return false
            }
            return [.sender, .recipient, .data, .endOfData].contains(stage)
        case .timedOut, .connectionLost, .tls, .noAuthentication, .replyTooLong, .other:
            return false
        }
    }

    /// Whether the server may have accepted the mail all the same: the message was sent to its end, and the
    /// connection was lost, or no reply came in time. Trying again may deliver it twice.
    public var isOutcomeUnknown: Bool {
        guard stage == .endOfData else { return false }
        return cause != .refused
    }

    /// One line without addresses.
    public var description: String { "the mail was not accepted, \(explanation)" }

    /// The same of a conversation in which no mail was sent.
    public var explanation: String {
        var text = "at \(stage.rawValue): \(sentence)"
        if let replyCode { text += " \(replyCode)" }
        if let replyText { text += " \(replyText)" }
        return text
    }
}

extension MailSubmissionError {
    /// A name without an address, a port without a server, and a connection that ended are told apart.
    private var sentence: String {
        switch (cause, stage) {
        case (.connectionLost, .resolve): "the host's name could not be resolved"
        case (.connectionLost, .connect): "no server listens there, or the network does not lead there"
        case (.connectionLost, .greeting): "the connection ended before a mail server said anything"
        case (.timedOut, .connect): "no connection within the time; a firewall may drop it"
        case (.timedOut, .greeting):
            "the server said nothing within the time; a port such as 465 speaks TLS at once and wants smtps://"
        case (.tls(let reason), _) where TLSFailure.isPlainPort(reason):
            "the port does not begin with TLS; smtps:// is for ports such as 465, smtp:// for 25 and 587"
        default: cause.sentence
        }
    }
}

extension MailSubmissionError.Cause {
    fileprivate var sentence: String {
        switch self {
        case .refused: "the server refused with"
        case .timedOut: "no reply in time"
        case .connectionLost: "no connection, or the connection was lost"
        case .tls(let reason): "TLS failed: \(reason)"
        case .noAuthentication: "the server offers no usable authentication"
        case .invalidAddress: "an address cannot be sent"
        case .nonASCIIAddress: "an address is not ASCII, and the server does not support that"
        case .replyTooLong: "the server's reply is longer than allowed"
        case .other(let code): "libcurl failed with code \(code)"
        }
    }
}
