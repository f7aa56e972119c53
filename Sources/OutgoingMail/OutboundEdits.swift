import Foundation
import MailMessage

/// The wire form of the filter's answer in edits: what changes in the mail, not the mail. Its media type is what programs ask for by
/// `Accept`; those that do not get whole mails, see ``OutboundAnswer``.
public struct OutboundEdits: Codable, Sendable {
    public static let mediaType = "application/vnd.otalink.edits+json"
    public static let version = 1

    public struct Mail: Codable, Sendable {
        public let recipients: [String]
        /// In order; none touches another.
        public let edits: [Edit]
        /// To be reported once the mail server has taken the mail.
        public let link: String?
    }

    public struct Edit: Codable, Sendable {
        /// In bytes from the start of the message as it was sent.
        public let offset: Int
        /// How many bytes go.
        public let length: Int
        /// What comes in their place; base64 in JSON.
        public let replacement: Data
    }

    public let version: Int
    /// See ``OutboundOutcome/word``.
    public let outcome: String
    /// See ``OutboundWarning``.
    public let warnings: [String]
    /// The length of the message that was filtered, so that edits of a truncated one are not applied.
    public let length: Int
    /// To be handed on in this order.
    public let mails: [Mail]

    public init(_ filtered: FilteredOutboundMail) {
        version = Self.version
        outcome = filtered.outcome.word
        warnings = filtered.warnings.map(\.rawValue)
        length = filtered.message.length
        mails = filtered.mails.map { mail in
            Mail(
                recipients: mail.recipients,
                edits: mail.edits.map {
                    Edit(offset: $0.range.lowerBound, length: $0.range.count, replacement: Data($0.replacement))
                },
                link: mail.link?.text)
        }
    }

    /// True if an `Accept` field asks for this form in this version.
    public static func isAccepted(by field: String?) -> Bool {
        (field ?? "").split(separator: ",").contains { range in
            let parts = range.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
            guard parts.first == mediaType else { return false }
            let parameters = Dictionary(
                parts.dropFirst().map { part in
                    let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
                    return (pair.first ?? "", pair.count > 1 ? pair[1] : "")
                }, uniquingKeysWith: { first, _ in first })
            let isRefused = parameters["q"].flatMap(Double.init) == 0
            return !isRefused && parameters["version"].map { $0 == "\(version)" } ?? true
        }
    }
}
