import Foundation

/// A mail that the sink has taken.
public struct ReceivedMail: Sendable, Equatable {
    /// What `MAIL FROM` gave; empty for `<>`.
    public var envelopeFrom: String

    /// What `RCPT TO` gave, in that order.
    public var recipients: [String]

    /// The message with CRLF line ends, without the dots that the transfer adds.
    public var data: [UInt8]

    /// When the final dot came, by the sink's clock.
    public var receivedAt: Date

    /// A mail as it is received; tests make their own to compare.
    public init(envelopeFrom: String, recipients: [String], data: [UInt8], receivedAt: Date = Date()) {
        self.envelopeFrom = envelopeFrom
        self.recipients = recipients
        self.data = data
        self.receivedAt = receivedAt
    }

    /// The message as UTF-8; bytes that are none become U+FFFD.
    public var text: String {
        String(decoding: data, as: UTF8.self)
    }
}
