import Foundation
import OneTimeLinks
import PostgresClient

/// A mail about to be queued, with the link that it will carry.
public struct NewMail: Sendable {
    /// Made beforehand; the Message-ID comes from it.
    public var id: UUID
    public var kind: MailKind
    /// Nil: the built-in text.
    public var notificationID: Int?
    public var language: String
    /// Of a mail that carries a link which nobody asked for; nil: of any other.
    public var firstLink: FirstLinkOrigin?

    public init(
        id: UUID, kind: MailKind, notificationID: Int?, language: String, firstLink: FirstLinkOrigin? = nil
    ) {
        self.id = id
        self.kind = kind
        self.notificationID = notificationID
        self.language = language
        self.firstLink = firstLink
    }

    func parameters(link: NewLink) -> [any PostgresEncodable] {
        [
            id, kind.rawValue, notificationID, link.id, link.ticketNumber.text, link.customerLogin, link.recipient,
            language, firstLink.map { _ in AddressIdentity.canonical(link.recipient) }, firstLink?.verdictKey?.text,
            firstLink?.isJudged ?? false,
        ]
    }
}

/// What is known of the ticket's beginning when a mail with a first link is queued.
public struct FirstLinkOrigin: Hashable, Sendable {
    /// Names the filter's verdict on the mail that began the ticket; nil: there is none.
    public var verdictKey: MailKey?
    /// False: a program of the release before queued the mail, which judges nothing.
    public var isJudged: Bool

    public init(verdictKey: MailKey?, isJudged: Bool = true) {
        self.verdictKey = verdictKey
        self.isJudged = isJudged
    }
}

/// A mail that this replica has claimed, with what it takes to write it.
public struct ClaimedMail: Sendable {
    /// The row; the Message-ID is made from it.
    public var id: UUID
    public var kind: MailKind
    /// Nil: the built-in text.
    public var notificationID: Int?
    public var recipient: String
    public var language: String
    /// This attempt's number, from 1.
    public var attempt: Int
    public var createdAt: Date
    /// Stands in the Message-ID; nil: a program that made none tried the mail first.
    public var code: String?
    /// Nil: it carries no first link.
    public var firstLink: FirstLinkOrigin?
    public var link: Link
    /// The key that signs the link's token.
    public var keyID: String
    /// Nil: the customer user is gone.
    public var customer: CustomerUser?
    /// Stored preference `UserTimeZone` of the customer user, such as `Europe/Berlin`; nil: there is none.
    public var timeZone: String?
    /// The facts about the link's ticket; nil: never read.
    public var ticket: TicketFacts?
}

/// The table `mail_outbox`.
public struct MailOutbox: Sendable {
    let client: PostgresClient

    /// Claims the mail that is due longest, unless another mail to its recipient is being sent at this moment.
    ///
    /// - Parameters:
    ///   - replica: who claims; the claim is void after `lease`, and somebody else may send the mail.
    /// - Returns: nil when nothing is due.
    /// - Throws: `UnreadableRow` for a mail that cannot be read, or an error of the database.
    public func claim(by replica: String, lease: Duration) async throws -> ClaimedMail? {
        do {
            let rows = try await client.query(
                MailSQL.claim, replica, Int(lease.components.seconds), OwnMessageID.newCode())
            return try rows.first.map { row in
                try UnreadableRow.reading(row, id: "mail_id", createdAt: "mail_created_at", attempt: "attempts") {
                    try Self.decode(row)
                }
            }
        } catch let error as PostgresError where error.sqlState == "23505" {
            // Another replica claimed a mail to the same customer user at the same instant; ours has its turn later.
            return nil
        }
    }

    /// The mail server has taken the mail: its link becomes the person's active one, unless a newer one was accepted
    /// before it.
    public func markSent(_ mail: ClaimedMail, reply: String) async throws {
        try await client.transaction("mail.sent") { transaction in
            _ = try await transaction.pipeline([
                (LinkSQL.lockPair, [mail.link.ticketNumber.text, mail.link.customerLogin]),
                (MailSQL.finish, [mail.id, "sent", ForeignText.safe(reply), nil as String?]),
                (LinkSQL.supersedeOlderThan, [mail.link.id]),
                (LinkSQL.activate, [mail.link.id]),
            ])
        }
    }

    /// Sending failed for now; the mail is tried again after `pause`.
    public func postpone(_ mail: ClaimedMail, for pause: Duration, error: String) async throws {
        try await postpone(id: mail.id, for: pause, error: error)
    }

    /// The same for a mail of which no more than its id is known.
    public func postpone(id: UUID, for pause: Duration, error: String) async throws {
        _ = try await client.query(
            MailSQL.postpone, id, Int(pause.components.seconds), ForeignText.safe(error, limit: 500))
    }

    /// The mail was refused for good: it becomes a dead letter, and the older link keeps working.
    public func markDead(_ mail: ClaimedMail, error: String) async throws {
        try await markDead(id: mail.id, error: error)
    }

    /// The same for a mail of which no more than its id is known.
    public func markDead(id: UUID, error: String) async throws {
        try await end(id, state: "dead", reason: error)
    }

    /// The mail is not wanted any more.
    public func drop(_ mail: ClaimedMail, reason: String) async throws {
        try await end(mail.id, state: "dropped", reason: reason)
    }

    /// The ticket of the latest of these mails of ours; nil when none of them is ours.
    public func ticket(ofMails ids: [UUID]) async throws -> TicketNumber? {
        try await client.query(MailSQL.ticketOfMails, ids).first.map { try $0.ticketNumber("ticket_number") }
    }

    /// True if a mail of ours has that Message-ID.
    public func isOwn(_ messageID: OwnMessageID) async throws -> Bool {
        try await client.query(MailSQL.isOwn, messageID.mail, messageID.code).only().decode(Bool.self)
    }

    /// How many first links were mailed, or are queued to be, to an address within the last hour and before a moment.
    public func firstLinks(to address: String, before: Date) async throws -> Int {
        try await client.query(MailSQL.firstLinksBefore, AddressIdentity.canonical(address), before).only()
            .decode(Int.self)
    }

    /// When the next mail is due, by the database's clock, in seconds from now; nil when none is queued.
    public func secondsUntilDue() async throws -> Double? {
        try await client.query(MailSQL.nextDue).first.flatMap { try $0.decode("seconds", as: Double?.self) }
    }

    private func end(_ id: UUID, state: String, reason: String) async throws {
        // A mail server's refusal quotes what it was sent.
        let reason = ForeignText.safe(reason, limit: 500)
        _ = try await client.query(MailSQL.finish, id, state, reason, reason)
    }

    private static func decode(_ row: PostgresRow) throws -> ClaimedMail {
        let link = Link(
            id: try row.decode("id"), sequence: try row.decode("sequence"),
            ticketNumber: try row.ticketNumber("ticket_number"), customerLogin: try row.decode("customer_login"),
            recipient: try row.decode("recipient"), state: try row.rawValue("state"),
            createdAt: try row.decode("created_at"))
        let isFirst = try row.decode("first_link_to", as: String?.self) != nil
        let origin = FirstLinkOrigin(
            verdictKey: try row.decode("verdict_key", as: String?.self).flatMap(MailKey.init(text:)),
            isJudged: try row.decode("is_judged"))
        return ClaimedMail(
            id: try row.decode("mail_id"), kind: try row.rawValue("kind"),
            notificationID: try row.decode("notification_id"), recipient: try row.decode("mail_recipient"),
            language: try row.decode("language"), attempt: try row.decode("attempts"),
            createdAt: try row.decode("mail_created_at"), code: try row.decode("code"),
            firstLink: isFirst ? origin : nil, link: link, keyID: try row.decode("key_id"),
            customer: try CustomerUsers.decode(row), timeZone: try row.decode("time_zone"),
            ticket: try Tickets.decode(row))
    }
}

enum MailSQL {
    static let insert = Statement(
        "mail.insert",
        """
        INSERT INTO otalink.mail_outbox
               (id, kind, notification_id, link_id, ticket_number, customer_login, recipient, language, first_link_to,
                verdict_key, is_judged)
        VALUES ($1, $2, $3::bigint, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (id) DO NOTHING
        """)

    /// Claims one due mail. The row is locked for the statement alone; the claim outlives it. The first claim gives the mail its
    /// code; a mail that was tried without one keeps its Message-ID.
    static let claim = Statement(
        "mail.claim",
        """
        WITH due AS (
            SELECT mail.id
              FROM otalink.mail_outbox AS mail
             WHERE mail.state = 'queued'
               AND mail.next_attempt_at <= now()
               AND (mail.claimed_until IS NULL OR mail.claimed_until < now())
               AND NOT EXISTS (
                   SELECT
                     FROM otalink.mail_outbox AS other
                    WHERE other.customer_login = mail.customer_login
                      AND other.claimed_by IS NOT NULL
                      AND other.id <> mail.id)
             ORDER BY mail.next_attempt_at
             LIMIT 1
               FOR UPDATE SKIP LOCKED
        ),
        claimed AS (
            UPDATE otalink.mail_outbox AS mail
               SET claimed_by = $1, claimed_until = now() + make_interval(secs => $2), attempts = mail.attempts + 1,
                   code = CASE WHEN mail.attempts = 0 THEN COALESCE(mail.code, $3) ELSE mail.code END
              FROM due
             WHERE mail.id = due.id
            RETURNING mail.*
        )
        SELECT claimed.id AS mail_id, claimed.kind, claimed.notification_id::bigint, claimed.language,
               claimed.recipient AS mail_recipient, claimed.attempts, claimed.created_at AS mail_created_at,
               claimed.code, claimed.first_link_to, claimed.verdict_key, claimed.is_judged,
               link.id, link.sequence, link.ticket_number, link.customer_login, link.recipient, link.state,
               link.created_at, link.key_id, zone.preferences_value AS time_zone, \(CustomerUserSQL.columns), \(TicketSQL.columns)
          FROM claimed
          -- Without its link a mail says nothing; that it was claimed must be seen all the same.
          LEFT JOIN otalink.link ON link.id = claimed.link_id
          LEFT JOIN otalink.customer_user ON customer_user.login = link.customer_login
          LEFT JOIN otalink.customer_preference AS language
                 ON language.user_id = link.customer_login AND language.preferences_key = 'UserLanguage'
          LEFT JOIN otalink.customer_preference AS zone
                 ON zone.user_id = link.customer_login AND zone.preferences_key = 'UserTimeZone'
          LEFT JOIN otalink.ticket ON ticket.ticket_number = link.ticket_number
        """)

    /// Ends a mail and says so in the audit trail; a repeat after a lost connection does neither again.
    static let finish = Statement(
        "mail.finish",
        """
        WITH finished AS (
            UPDATE otalink.mail_outbox
               SET state = $2, finished_at = now(), claimed_by = NULL, claimed_until = NULL, last_error = $3
             WHERE id = $1
               AND state = 'queued'
            RETURNING link_id, ticket_number, customer_login
        )
        INSERT INTO otalink.audit_event (event, link_id, ticket_number, customer_login, reason)
        SELECT 'mail.' || $2, link_id, ticket_number, customer_login, $4
          FROM finished
        """)

    static let postpone = Statement(
        "mail.postpone",
        """
        UPDATE otalink.mail_outbox
           SET next_attempt_at = now() + make_interval(secs => $2), claimed_by = NULL, claimed_until = NULL,
               last_error = $3
         WHERE id = $1
           AND state = 'queued'
        """)

    static let ticketOfMails = Statement(
        "mail.ticket_of_mails", repeatable: true,
        """
        SELECT ticket_number
          FROM otalink.mail_outbox
         WHERE id = ANY ($1::uuid[])
         ORDER BY created_at DESC
         LIMIT 1
        """)

    /// Mails that a program without codes tried have none.
    static let isOwn = Statement(
        "mail.is_own", repeatable: true,
        "SELECT EXISTS (SELECT FROM otalink.mail_outbox WHERE id = $1 AND COALESCE(code, $2) = $2)")

    static let firstLinksBefore = Statement(
        "mail.first_links_before", repeatable: true,
        """
        SELECT count(DISTINCT link_id)
          FROM otalink.mail_outbox
         WHERE first_link_to = $1
           AND created_at > now() - interval '1 hour'
           AND created_at < $2
           AND state <> 'dropped'
        """)

    static let nextDue = Statement(
        "mail.next_due", repeatable: true,
        """
        SELECT EXTRACT(epoch FROM min(GREATEST(next_attempt_at, COALESCE(claimed_until, next_attempt_at))) - now())
               ::double precision AS seconds
          FROM otalink.mail_outbox
         WHERE state = 'queued'
           AND isfinite(next_attempt_at)
        """)
}
