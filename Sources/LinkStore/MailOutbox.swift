import Foundation
import OneTimeLinks
import PostgresClient

/// What a mail of ours is about.
public enum MailKind: String, Sendable {
    /// An old link was tried.
    case refresh
    /// Something happened to the ticket.
    case notification
}

/// A mail about to be queued, with the link that it will carry.
public struct NewMail: Sendable {
    /// Made beforehand; the Message-ID comes from it.
    public var id: UUID
    public var kind: MailKind
    /// Nil: the built-in text.
    public var notificationID: Int?
    public var language: String

    public init(id: UUID, kind: MailKind, notificationID: Int?, language: String) {
        self.id = id
        self.kind = kind
        self.notificationID = notificationID
        self.language = language
    }

    func parameters(link: NewLink) -> [any PostgresEncodable] {
        [
            id, kind.rawValue, notificationID, link.id, link.ticketNumber.text, link.customerLogin, link.recipient,
            language,
        ]
    }
}

enum MailSQL {
    static let insert = Statement(
        "mail.insert",
        """
        INSERT INTO otalink.mail_outbox
               (id, kind, notification_id, link_id, ticket_number, customer_login, recipient, language)
        VALUES ($1, $2, $3::bigint, $4, $5, $6, $7, $8)
        ON CONFLICT (id) DO NOTHING
        """)
}
