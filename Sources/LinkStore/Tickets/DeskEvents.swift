import Foundation
import OneTimeLinks
import PostgresClient

/// An event of the desk that this replica has claimed.
public struct ClaimedDeskEvent: Sendable {
    public var id: UUID
    public var hint: DeskEventHint
    /// This attempt's number, from 1.
    public var attempt: Int
    /// How often the event had been reported when it was claimed.
    public var reports: Int
    /// Since when it waits.
    public var createdAt: Date
    /// Of the report.
    public var context: RequestContextFacts
    /// The replica that has claimed it.
    public var claimedBy: String
}

/// The table `desk_event`: what the desk reported, one row for ticket, event and article.
public struct DeskEvents: Sendable {
    let client: PostgresClient

    /// Writes down what the desk reported. In the same statement, what is stored of the ticket stops being fresh, or, after a deletion,
    /// says that the ticket is gone.
    ///
    /// A report of what waits already adds nothing. A report of what is being worked on has the work done again.
    public func note(_ hint: DeskEventHint, context: RequestContextFacts) async throws {
        _ = try await client.query(
            DeskEventSQL.note, UUID.version7(), hint.ticketID, hint.word, hint.storedArticle, hint.isDeletion,
            context.clientAddress, context.userAgent, context.requestID)
    }

    /// Claims the event that is due longest, unless an earlier one of its ticket waits, or one of it is being worked on.
    ///
    /// - Parameters:
    ///   - replica: who claims; the claim is void after `lease`, and another replica may work on the event.
    /// - Returns: nil when nothing is due.
    /// - Throws: `UnreadableRow` for an event that cannot be read, or an error of the database.
    public func claim(by replica: String, lease: Duration) async throws -> ClaimedDeskEvent? {
        do {
            let rows = try await client.query(DeskEventSQL.claim, replica, Int(lease.components.seconds))
            return try rows.first.map { row in
                try UnreadableRow.reading(row, id: "id", createdAt: "created_at", attempt: "attempts") {
                    try Self.decode(row, claimedBy: replica)
                }
            }
        } catch let error as PostgresError where error.sqlState == "23505" {
            // Another replica claimed an event of the same ticket at the same instant; ours has its turn later.
            return nil
        }
    }

    /// The event was worked off; if it was reported again meanwhile, it is due once more.
    public func finish(_ event: ClaimedDeskEvent) async throws {
        _ = try await client.query(DeskEventSQL.finish, event.id, event.attempt, event.reports, event.claimedBy)
    }

    /// The work failed for now; it is tried again after `pause`.
    ///
    /// - Parameter replica: that of the claim.
    public func postpone(
        id: UUID, attempt: Int, by replica: String, for pause: Duration, error: String
    ) async throws {
        _ = try await client.query(
            DeskEventSQL.postpone, id, attempt, Int(pause.components.seconds), ForeignText.safe(error, limit: 500),
            replica)
    }

    /// The event is given up, and the audit trail says so. Later events of its ticket go on.
    ///
    /// - Parameter replica: that of the claim.
    public func markDead(id: UUID, attempt: Int, by replica: String, error: String) async throws {
        _ = try await client.query(DeskEventSQL.markDead, id, attempt, ForeignText.safe(error, limit: 500), replica)
    }

    /// When the next event is due, by the database's clock, in seconds from now; nil when none waits.
    public func secondsUntilDue() async throws -> Double? {
        try await client.query(DeskEventSQL.nextDue).first.flatMap { try $0.decode("seconds", as: Double?.self) }
    }

    /// Deletes events that were done seven days ago, or given up thirty days ago.
    ///
    /// - Parameter connection: the connection that holds the job's lock.
    /// - Returns: how many.
    public static func deleteOld(on connection: PostgresConnectionHandle) async throws -> Int {
        try await connection.deletingAll(DeskEventSQL.deleteOld)
    }

    private static func decode(_ row: PostgresRow, claimedBy replica: String) throws -> ClaimedDeskEvent {
        let word = try row.decode("event", as: String.self)
        guard
            let hint = DeskEventHint(
                ticketID: try row.decode("ticket_id"), word: word, storedArticle: try row.decode("article_id"))
        else { throw StoredValueError(column: "desk_event.event") }
        return ClaimedDeskEvent(
            id: try row.decode("id"), hint: hint, attempt: try row.decode("attempts"),
            reports: try row.decode("reports"), createdAt: try row.decode("created_at"),
            context: RequestContextFacts(
                clientAddress: try row.decode("client_address"), userAgent: try row.decode("user_agent"),
                requestID: try row.decode("request_id")),
            claimedBy: replica)
    }
}

extension DeskEventHint {
    private static let deletion = "TicketDelete"
    /// Whatever has no mail of its own; what is true of the ticket is read all the same.
    private static let other = "other"

    /// What stands in the column `event`.
    var word: String { isDeletion ? Self.deletion : event?.rawValue ?? Self.other }

    /// 0: the event is about no article, or the desk did not say.
    var storedArticle: Int64 { event == .articleCreate ? articleID ?? 0 : 0 }

    /// Nil for a word that this version does not know.
    init?(ticketID: Int64, word: String, storedArticle: Int64) {
        let event = NotificationEvent(rawValue: word)
        guard event != nil || word == Self.deletion || word == Self.other else { return nil }
        self.init(
            ticketID: ticketID, event: event, articleID: storedArticle == 0 ? nil : storedArticle,
            isDeletion: word == Self.deletion)
    }
}

enum DeskEventSQL {
    private static let waits = "event.state = 'queued'"

    /// The event's row before those of the ticket, and these in the order of their keys, as all writers of tickets. What waits keeps
    /// its place, its age and its next attempt; what was done or given up begins anew at the end of the line.
    static let note = Statement(
        "desk_event.note", repeatable: true,
        """
        WITH noted AS (
            INSERT INTO otalink.desk_event AS event
                   (id, ticket_id, event, article_id, client_address, user_agent, request_id)
            VALUES ($1, $2, $3, $4, $6, $7, $8)
            ON CONFLICT (ticket_id, event, article_id) DO UPDATE
               SET reports = event.reports + 1, reported_at = clock_timestamp(), state = 'queued',
                   sequence = CASE WHEN \(waits) THEN event.sequence ELSE excluded.sequence END,
                   attempts = CASE WHEN \(waits) THEN event.attempts ELSE 0 END,
                   created_at = CASE WHEN \(waits) THEN event.created_at ELSE now() END,
                   next_attempt_at = CASE WHEN \(waits) THEN event.next_attempt_at ELSE now() END,
                   last_error = CASE WHEN \(waits) THEN event.last_error END,
                   finished_at = NULL, client_address = excluded.client_address, user_agent = excluded.user_agent,
                   request_id = excluded.request_id
            RETURNING ticket_id
        ),
        locked AS MATERIALIZED (
            SELECT ticket.ticket_number
              FROM otalink.ticket
             WHERE ticket.ticket_id = (SELECT ticket_id FROM noted)
             ORDER BY ticket.ticket_number
               FOR UPDATE OF ticket
        )
        UPDATE otalink.ticket
           SET reported_at = CASE WHEN $5::boolean THEN reported_at ELSE clock_timestamp() END,
               is_visible = is_visible AND NOT $5::boolean,
               unseen_since = CASE WHEN $5::boolean THEN COALESCE(unseen_since, clock_timestamp())
                                   ELSE unseen_since END,
               read_at = CASE WHEN $5::boolean THEN clock_timestamp() ELSE read_at END
         WHERE ticket_number IN (SELECT ticket_number FROM locked)
        """)

    /// No other event of the ticket is worked on, and no older one waits. An event that has a claim of its own, which has run out, is the
    /// ticket's next whatever its place: sequences may be committed out of order, and the others wait for that claim.
    private static let isNext = """
        (event.claimed_by IS NOT NULL OR NOT EXISTS (
            SELECT
              FROM otalink.desk_event AS other
             WHERE other.ticket_id = event.ticket_id
               AND other.id <> event.id
               AND (other.claimed_by IS NOT NULL
                    OR (other.state = 'queued' AND other.sequence < event.sequence))))
        """

    /// Claims one due event. The row is locked for the statement alone; the claim outlives it.
    static let claim = Statement(
        "desk_event.claim",
        """
        WITH due AS (
            SELECT event.id
              FROM otalink.desk_event AS event
             WHERE \(waits)
               AND event.next_attempt_at <= now()
               AND (event.claimed_until IS NULL OR event.claimed_until < now())
               AND \(isNext)
             ORDER BY event.next_attempt_at
             LIMIT 1
               FOR UPDATE SKIP LOCKED
        )
        UPDATE otalink.desk_event AS event
           SET claimed_by = $1, claimed_until = now() + make_interval(secs => $2), attempts = event.attempts + 1
          FROM due
         WHERE event.id = due.id
        RETURNING event.id, event.ticket_id, event.event, event.article_id, event.attempts, event.reports,
                  event.created_at, event.client_address, event.user_agent, event.request_id
        """)

    /// By the replica and the number of the attempt: a replica whose claim has become void ends nothing of another's, which has the
    /// same number if the event was done and reported anew.
    static let finish = Statement(
        "desk_event.finish",
        """
        UPDATE otalink.desk_event
           SET state = CASE WHEN reports = $3 THEN 'done' ELSE 'queued' END,
               finished_at = CASE WHEN reports = $3 THEN now() END,
               created_at = CASE WHEN reports = $3 THEN created_at ELSE reported_at END,
               next_attempt_at = CASE WHEN reports = $3 THEN next_attempt_at ELSE now() END,
               claimed_by = NULL, claimed_until = NULL, last_error = NULL
         WHERE id = $1
           AND attempts = $2
           AND claimed_by = $4
           AND state = 'queued'
        """)

    static let postpone = Statement(
        "desk_event.postpone",
        """
        UPDATE otalink.desk_event
           SET next_attempt_at = now() + make_interval(secs => $3), claimed_by = NULL, claimed_until = NULL,
               last_error = $4
         WHERE id = $1
           AND attempts = $2
           AND claimed_by = $5
           AND state = 'queued'
        """)

    static let markDead = Statement(
        "desk_event.mark_dead",
        """
        WITH dead AS (
            UPDATE otalink.desk_event
               SET state = 'dead', finished_at = now(), claimed_by = NULL, claimed_until = NULL, last_error = $3
             WHERE id = $1
               AND attempts = $2
               AND claimed_by = $4
               AND state = 'queued'
            RETURNING ticket_id, event, client_address, user_agent, request_id
        )
        INSERT INTO otalink.audit_event (event, ticket_number, reason, client_address, user_agent, request_id)
        SELECT 'desk_event.dead',
               (SELECT min(ticket_number) FROM otalink.ticket WHERE ticket.ticket_id = dead.ticket_id),
               dead.event || ' of the ticket with the id ' || dead.ticket_id, dead.client_address, dead.user_agent,
               dead.request_id
          FROM dead
        """)

    /// Of a ticket whose event is worked on at this moment, the next is looked at when that ends.
    static let nextDue = Statement(
        "desk_event.next_due", repeatable: true,
        """
        SELECT EXTRACT(epoch FROM min(GREATEST(event.next_attempt_at, COALESCE(event.claimed_until, event.next_attempt_at)))
                                  - now())::double precision AS seconds
          FROM otalink.desk_event AS event
         WHERE \(waits)
           AND isfinite(event.next_attempt_at)
           AND \(isNext)
        """)

    static let deleteOld = Statement(
        "desk_event.delete_old",
        """
        DELETE FROM otalink.desk_event
         WHERE id = ANY (ARRAY(
               SELECT id
                 FROM otalink.desk_event
                WHERE state <> 'queued'
                  AND finished_at < now() - CASE state WHEN 'done' THEN interval '7 days' ELSE interval '30 days' END
                LIMIT $1))
        """)
}
