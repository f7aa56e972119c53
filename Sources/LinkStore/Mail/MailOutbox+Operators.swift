import Foundation
import OneTimeLinks
import PostgresClient

extension MailOutbox {
    /// Mails for people to look at, the oldest first.
    ///
    /// - Parameter state: nil: those that wait and those that were given up.
    public func listed(state: String?, limit: Int) async throws -> ReadableRows<MailSummary> {
        try ReadableRows(try await client.query(MailQueueSQL.list, state, limit)) { row in
            MailSummary(
                id: try row.decode("id"), kind: try row.decode("kind"), state: try row.decode("state"),
                recipient: try row.decode("recipient"), ticketNumber: try row.decode("ticket_number"),
                attempts: try row.decode("attempts"), createdAt: try row.decode("created_at"),
                nextAttemptAt: try row.decode("next_attempt_at"), lastError: try row.decode("last_error"))
        }
    }

    /// Makes dead letters, and mails that wait for a later attempt, due now. Whether they are still wanted is decided when they
    /// are sent.
    ///
    /// - Parameter id: nil: all dead letters.
    /// - Returns: how many.
    public func retry(id: UUID?, actor: String) async throws -> Int {
        let answers = try await client.atomically([(MailQueueSQL.retry, [id, actor]), (MailQueueSQL.wake, [])])
        return answers.first?.count ?? 0
    }

    /// Gives up a mail that waits or is a dead letter; one that is being sent at this moment is left alone.
    ///
    /// - Returns: false when there is none to give up.
    public func drop(id: UUID, actor: String) async throws -> Bool {
        try await !client.query(MailQueueSQL.drop, id, actor).isEmpty
    }
}

/// A mail as lists show it.
public struct MailSummary: Sendable {
    public var id: UUID
    public var kind: String
    public var state: String
    public var recipient: String
    public var ticketNumber: String
    public var attempts: Int
    public var createdAt: Date
    public var nextAttemptAt: Date
    public var lastError: String?
}

enum MailQueueSQL {
    static let list = Statement(
        "mail.list", repeatable: true,
        """
        SELECT id, kind, state, recipient, ticket_number, attempts, created_at, next_attempt_at, last_error
          FROM otalink.mail_outbox
         WHERE state = COALESCE($1::text, state)
           AND ($1::text IS NOT NULL OR state IN ('queued', 'dead'))
         ORDER BY created_at
         LIMIT $2
        """)

    /// A dead letter begins anew, its age too.
    static let retry = Statement(
        "mail.retry",
        """
        WITH due AS (
            UPDATE otalink.mail_outbox
               SET state = 'queued', next_attempt_at = now(), finished_at = NULL,
                   attempts = CASE WHEN state = 'dead' THEN 0 ELSE attempts END,
                   created_at = CASE WHEN state = 'dead' THEN now() ELSE created_at END
             WHERE id = COALESCE($1::uuid, id)
               AND (state = 'dead' OR (state = 'queued' AND $1::uuid IS NOT NULL))
            RETURNING id, link_id, ticket_number, customer_login
        )
        INSERT INTO otalink.audit_event (event, link_id, ticket_number, customer_login, actor)
        SELECT 'mail.retried', link_id, ticket_number, customer_login, $2
          FROM due
        RETURNING id
        """)

    static let wake = Statement("mail.wake", "SELECT pg_notify('otalink_mail', '')")

    static let drop = Statement(
        "mail.drop",
        """
        WITH dropped AS (
            UPDATE otalink.mail_outbox
               SET state = 'dropped', finished_at = now(), claimed_by = NULL, claimed_until = NULL
             WHERE id = $1
               AND (state = 'dead' OR (state = 'queued' AND (claimed_until IS NULL OR claimed_until < now())))
            RETURNING link_id, ticket_number, customer_login
        )
        INSERT INTO otalink.audit_event (event, link_id, ticket_number, customer_login, actor, reason)
        SELECT 'mail.dropped', link_id, ticket_number, customer_login, $2, 'by an operator'
          FROM dropped
        RETURNING id
        """)
}
