import Foundation

/// One message of a ticket, as its customer may read it.
public struct TicketArticle: Hashable, Sendable {
    /// Who wrote an article.
    public enum Sender: Hashable, Sendable {
        case agent, customer, system
        /// A kind of sender that an administrator added at the desk.
        case other(String)

        /// From the desk's `SenderType`.
        public init(_ text: String) {
            switch text {
            case "agent": self = .agent
            case "customer": self = .customer
            case "system": self = .system
            default: self = .other(text)
            }
        }
    }

    /// The desk's numeric id of the article.
    public var articleID: Int64
    public var sender: Sender
    /// The sender as the desk shows it, usually a name and an address.
    public var from: String
    public var subject: String
    /// Plain text, also where the desk keeps HTML.
    public var text: String
    /// Nil when the desk's time is not readable.
    public var createdAt: Date?
    /// The names of the files that came with it; a file without a name has an empty one. Images that stand in the text are left out.
    public var attachments: [String]

    public init(
        articleID: Int64, sender: Sender, from: String, subject: String, text: String, createdAt: Date?,
        attachments: [String] = []
    ) {
        self.articleID = articleID
        self.sender = sender
        self.from = from
        self.subject = subject
        self.text = text
        self.createdAt = createdAt
        self.attachments = attachments
    }
}
