import Foundation
import MailMessage
import OneTimeLinks

/// Where our mails come from, and where their links lead.
public struct MailSite: Sendable {
    /// The author; the name beside the address is the setting `HelpDeskName`.
    public var from: MailAddress
    /// The address that bounces go to; empty: none (`MAIL FROM:<>`).
    public var envelopeFrom: String
    /// The right side of every Message-ID.
    public let messageIDHost: String
    /// The zone of the times in mails.
    public var timeZone: TimeZone
    /// The link that carries a token.
    public var linkURL: @Sendable (_ token: String) -> String
    /// The desk's own page of a ticket, for people who have a password.
    public var ticketURL: @Sendable (_ ticket: Ticket) -> String

    /// - Parameters:
    ///   - envelopeFrom: nil: the author.
    ///   - host: the host of the base URL; what cannot stand in a Message-ID becomes a hyphen.
    public init(
        from: MailAddress, envelopeFrom: String? = nil, host: String, timeZone: TimeZone,
        linkURL: @escaping @Sendable (_ token: String) -> String,
        ticketURL: @escaping @Sendable (_ ticket: Ticket) -> String
    ) {
        self.from = from
        self.envelopeFrom = envelopeFrom ?? from.address
        self.messageIDHost = Self.messageIDHost(host)
        self.timeZone = timeZone
        self.linkURL = linkURL
        self.ticketURL = ticketURL
    }

    private static func messageIDHost(_ host: String) -> String {
        let words = host.split { !$0.isASCII || !($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }
        return words.isEmpty ? "otalink" : words.joined(separator: "-")
    }
}
