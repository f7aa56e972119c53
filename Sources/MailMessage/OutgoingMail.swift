import Foundation

/// A mail that we write ourselves: what it says and whom it goes to. ``MailComposer`` makes its bytes.
///
/// The boundary and the Message-ID come from the caller, so that the same mail rendered twice is the same bytes.
public struct OutgoingMail: Sendable {
    /// A header field beside those that the composer writes.
    public struct Field: Sendable, Equatable {
        /// The name, for example `Auto-Submitted`.
        public var name: String
        /// The value, unencoded and on one line.
        public var value: String

        /// A field with this name and value.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The author.
    public var from: MailAddress
    /// The recipients; at least one.
    public var to: [MailAddress]
    /// The subject, unencoded.
    public var subject: String
    /// When the mail was written.
    public var date: Date
    /// The Message-ID without angle brackets, `unique@domain`.
    public var messageID: String
    /// More header fields, in their order after the standard ones: `Auto-Submitted`, `X-Auto-Response-Suppress`.
    public var fields: [Field]
    /// The plain text.
    public var text: String
    /// The same as HTML, or `nil` for a mail of plain text alone.
    public var html: String?
    /// What separates text and HTML; 1 to 70 of the characters of RFC 2046, section 5.1.1, and found in neither.
    public var boundary: String

    /// A mail; see the properties.
    public init(
        from: MailAddress, to: [MailAddress], subject: String, date: Date, messageID: String, fields: [Field] = [],
        text: String, html: String? = nil, boundary: String
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.date = date
        self.messageID = messageID
        self.fields = fields
        self.text = text
        self.html = html
        self.boundary = boundary
    }
}

/// Why a mail could not be rendered. All of these are mistakes of the caller or of a setting.
public enum CompositionError: Error, Sendable, Equatable {
    /// There is no recipient.
    case noRecipient
    /// The Message-ID is not of the form `unique@domain`.
    case invalidMessageID
    /// The boundary holds characters that a boundary may not have, or stands in one of the texts.
    case invalidBoundary
    /// A further field has the name of a field that the composer writes itself.
    case reservedField(String)
    /// A field has an invalid name, or a value with control characters.
    case invalidField(String)
}
