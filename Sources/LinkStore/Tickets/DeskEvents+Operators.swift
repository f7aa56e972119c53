import Foundation
import OneTimeLinks
import PostgresClient

extension DeskEvents {
    /// Events for people to look at, the oldest first.
    ///
    /// - Parameter state: nil: those that wait and those that were given up.
    public func listed(state: String?, limit: Int) async throws -> ReadableRows<DeskEventSummary> {
        try ReadableRows(try await client.query(DeskEventQueueSQL.list, state, limit)) { row in
            DeskEventSummary(
                id: try row.decode("id"), state: try row.decode("state"), event: try row.decode("event"),
                ticketID: try row.decode("ticket_id"), ticketNumber: try row.decode("ticket_number"),
                articleID: try row.decode("article_id"), reports: try row.decode("reports"),
                attempts: try row.decode("attempts"), reportedAt: try row.decode("reported_at"),
                nextAttemptAt: try row.decode("next_attempt_at"), lastError: try row.decode("last_error"))
        }
    }

    /// Makes events that were given up, or wait for a later attempt, due now.
    ///
    /// - Parameter id: nil: all that were given up.
    /// - Returns: how many.
    public func retry(id: UUID?, actor: String) async throws -> Int {
        let answers = try await client.atomically([(DeskEventQueueSQL.retry, [id, actor]), (MailQueueSQL.wake, [])])
        return answers.first?.count ?? 0
    }

    /// How the events stand, for those who look after the service.
    public func standing() async throws -> DeskEventStanding {
        let row = try await client.query(DeskEventQueueSQL.standing).only()
        return DeskEventStanding(
            lastReport: try row.decode("last_report"), waiting: try row.decode("waiting"),
            oldestWait: try row.decode("oldest_wait"), dead: try row.decode("dead"),
            lastDead: try row.decode("last_dead"),
            lastRefusal: try await AuditTrail(client: client).lastRefusal(of: .deskEvent))
    }
}

/// An event of the desk as lists show it.
public struct DeskEventSummary: Sendable {
    public var id: UUID
    public var state: String
    public var event: String
    public var ticketID: Int64
    /// Nil: no ticket of that id was ever read.
    public var ticketNumber: String?
    /// 0: it is about no article.
    public var articleID: Int64
    public var reports: Int
    public var attempts: Int
    public var reportedAt: Date
    public var nextAttemptAt: Date
    public var lastError: String?
}

/// How the events of the desk stand.
public struct DeskEventStanding: Sendable {
    /// Nil: none within the last week, or none at all.
    public var lastReport: Date?
    public var waiting: Int
    /// In seconds; 0: none waits.
    public var oldestWait: Double
    public var dead: Int
    /// The last one that was given up, in words.
    public var lastDead: String?
    /// Within the last week.
    public var lastRefusal: LastRefusal?

    public init(
        lastReport: Date?, waiting: Int, oldestWait: Double, dead: Int, lastDead: String?,
        lastRefusal: LastRefusal?
    ) {
        self.lastReport = lastReport
        self.waiting = waiting
        self.oldestWait = oldestWait
        self.dead = dead
        self.lastDead = lastDead
        self.lastRefusal = lastRefusal
    }
}

enum DeskEventQueueSQL {
    static let list = Statement(
        "desk_event.list", repeatable: true,
        """
        SELECT id, state, event, ticket_id, article_id, reports, attempts, reported_at, next_attempt_at, last_error,
               (SELECT min(ticket.ticket_number)
                  FROM otalink.ticket
                 WHERE ticket.ticket_id = desk_event.ticket_id) AS ticket_number
          FROM otalink.desk_event
         WHERE state = COALESCE($1::text, state)
           AND ($1::text IS NOT NULL OR state IN ('queued', 'dead'))
         ORDER BY reported_at
         LIMIT $2
        """)

    /// What was given up begins anew, its age too, at the end of the line.
    static let retry = Statement(
        "desk_event.retry",
        """
        WITH due AS (
            UPDATE otalink.desk_event
               SET state = 'queued', next_attempt_at = now(), finished_at = NULL,
                   sequence = CASE WHEN state = 'dead'
                                   THEN nextval(pg_get_serial_sequence('otalink.desk_event', 'sequence'))
                                   ELSE sequence END,
                   attempts = CASE WHEN state = 'dead' THEN 0 ELSE attempts END,
                   created_at = CASE WHEN state = 'dead' THEN now() ELSE created_at END
             WHERE id = COALESCE($1::uuid, id)
               AND (state = 'dead' OR (state = 'queued' AND $1::uuid IS NOT NULL))
            RETURNING id, ticket_id, event
        )
        INSERT INTO otalink.audit_event (event, ticket_number, reason, actor)
        SELECT 'desk_event.retried',
               (SELECT min(ticket_number) FROM otalink.ticket WHERE ticket.ticket_id = due.ticket_id),
               due.event || ' of the ticket with the id ' || due.ticket_id, $2
          FROM due
        RETURNING id
        """)

    static let standing = Statement(
        "desk_event.standing", repeatable: true,
        """
        SELECT (SELECT max(reported_at) FROM otalink.desk_event) AS last_report,
               waiting.count AS waiting,
               COALESCE(EXTRACT(epoch FROM now() - waiting.oldest), 0)::double precision AS oldest_wait,
               (SELECT count(*) FROM otalink.desk_event WHERE state = 'dead') AS dead,
               (SELECT event || ' of the ticket with the id ' || ticket_id || ': ' || COALESCE(last_error, '')
                  FROM otalink.desk_event
                 WHERE state = 'dead'
                 ORDER BY finished_at DESC
                 LIMIT 1) AS last_dead
          FROM (SELECT count(*) AS count, min(created_at) AS oldest
                  FROM otalink.desk_event
                 WHERE state = 'queued') AS waiting
        """)
}
