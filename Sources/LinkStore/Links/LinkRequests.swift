import Foundation
import OneTimeLinks
import PostgresClient

/// A link request, as somebody typed it.
public struct LinkRequest: Sendable {
    public var id: UUID
    public var ticketNumber: TicketNumber
    /// Canonical.
    public var email: String
    /// The language of the page.
    public var language: String
    public var createdAt: Date
    public var context: RequestContextFacts

    public init(
        id: UUID, ticketNumber: TicketNumber, email: String, language: String, createdAt: Date,
        context: RequestContextFacts
    ) {
        self.id = id
        self.ticketNumber = ticketNumber
        self.email = email
        self.language = language
        self.createdAt = createdAt
        self.context = context
    }
}

/// How many link requests are taken.
public struct LinkRequestLimits: Sendable, Hashable {
    /// For one ticket and address.
    public var perMinute: Int
    public var perHour: Int
    /// From one client.
    public var perClientAndHour: Int

    public init(perMinute: Int, perHour: Int, perClientAndHour: Int) {
        self.perMinute = perMinute
        self.perHour = perHour
        self.perClientAndHour = perClientAndHour
    }
}

/// The table `link_request`.
public struct LinkRequests: Sendable {
    let client: PostgresClient

    /// Writes a link request down, under the limits. Known and unknown pairs take the same way, and the same time.
    ///
    /// - Parameter key: stands for ticket and address.
    /// - Returns: nil; or after how many seconds the next link request will be taken.
    public func queue(_ linkRequest: LinkRequest, key: [UInt8], limits: LinkRequestLimits) async throws -> Int? {
        let context = linkRequest.context
        let answers = try await client.atomically([
            (LinkRequestSQL.lock, [key]),
            (
                LinkRequestSQL.queue,
                [
                    linkRequest.id, key, linkRequest.ticketNumber.text, linkRequest.email, linkRequest.language,
                    context.clientAddress,
                    context.userAgent, context.requestID, limits.perMinute, limits.perHour, limits.perClientAndHour,
                ]
            ),
        ])
        guard let row = answers.last?.first else { throw StoredValueError(column: "link_request.id") }
        let (isQueued, seconds) = try row.decode(Bool.self, Double.self)
        return isQueued ? nil : max(1, Int(seconds.rounded(.up)))
    }

    /// Takes the link request that is due longest; void after `lease`, when somebody else may take it.
    ///
    /// - Throws: `UnreadableRow` for a link request that cannot be read, or an error of the database.
    public func claim(lease: Duration) async throws -> LinkRequest? {
        guard let row = try await client.query(LinkRequestSQL.claim, Int(lease.components.seconds)).first else {
            return nil
        }
        return try UnreadableRow.reading(row, id: "id", createdAt: "created_at") {
            LinkRequest(
                id: try row.decode("id"), ticketNumber: try row.ticketNumber("ticket_number"),
                email: try row.decode("email"),
                language: try row.decode("language"), createdAt: try row.decode("created_at"),
                context: RequestContextFacts(
                    clientAddress: try row.decode("client_address"), userAgent: try row.decode("user_agent"),
                    requestID: try row.decode("request_id")))
        }
    }

    /// The link request was looked up: forgets what was typed, and says in the audit trail what came of it.
    ///
    /// - Parameter outcome: a word.
    public func finish(_ linkRequest: LinkRequest, outcome: String) async throws {
        try await finish(id: linkRequest.id, outcome: outcome, context: linkRequest.context)
    }

    /// The same for a link request of which no more than its id is known.
    public func finish(id: UUID, outcome: String, context: RequestContextFacts = .none) async throws {
        _ = try await client.query(
            LinkRequestSQL.finish, id, outcome, context.clientAddress, context.userAgent, context.requestID)
    }

    /// A link request could not be looked up for now; it is looked up again after the pause.
    public func postpone(id: UUID, for pause: Duration) async throws {
        _ = try await client.query(LinkRequestSQL.postpone, id, Int(pause.components.seconds))
    }

    /// Deletes what no longer counts for a limit.
    public func deleteOld() async throws {
        _ = try await client.query(LinkRequestSQL.deleteOld)
    }

    /// When the next link request is due, in seconds from now; nil when none is open.
    public func secondsUntilDue() async throws -> Double? {
        try await client.query(LinkRequestSQL.nextDue).first.flatMap { try $0.decode("seconds", as: Double?.self) }
    }
}

enum LinkRequestSQL {
    private static let isSameClient = "otalink.client_network(client_address) = otalink.client_network($6)"

    /// One writer at a time for what was typed, so that of link requests at the same instant each counts the others.
    static let lock = Statement(
        "link_request.lock",
        "SELECT pg_advisory_xact_lock(hashtextextended('otalink wish ' || encode($1, 'hex'), 0))")

    static let queue = Statement(
        "link_request.queue",
        """
        WITH recent AS (
            SELECT count(*) FILTER (WHERE input_key = $2 AND created_at > now() - interval '1 minute') AS minute,
                   count(*) FILTER (WHERE input_key = $2) AS hour,
                   count(*) FILTER (WHERE \(isSameClient)) AS client,
                   min(created_at) FILTER (WHERE input_key = $2) AS oldest_input,
                   min(created_at) FILTER (WHERE \(isSameClient)) AS oldest_client
              FROM otalink.link_request
             WHERE (input_key = $2 OR \(isSameClient))
               AND created_at > now() - interval '1 hour'
        ),
        queued AS (
            INSERT INTO otalink.link_request
                   (id, input_key, ticket_number, email, language, client_address, user_agent, request_id)
            SELECT $1, $2, $3, $4, $5, $6, $7, $8
              FROM recent
             WHERE recent.minute < $9 AND recent.hour < $10 AND recent.client < $11
            RETURNING id
        )
        SELECT EXISTS (SELECT FROM queued),
               EXTRACT(epoch FROM GREATEST(
                   interval '1 minute',
                   CASE WHEN recent.hour >= $10 THEN recent.oldest_input + interval '1 hour' - now() END,
                   CASE WHEN recent.client >= $11 THEN recent.oldest_client + interval '1 hour' - now() END))
               ::double precision
          FROM recent
        """)

    static let claim = Statement(
        "link_request.claim",
        """
        UPDATE otalink.link_request
           SET claimed_until = now() + make_interval(secs => $1)
         WHERE id = (
               SELECT id
                 FROM otalink.link_request
                WHERE finished_at IS NULL
                  AND next_attempt_at <= now()
                  AND (claimed_until IS NULL OR claimed_until < now())
                ORDER BY next_attempt_at
                LIMIT 1
                  FOR UPDATE SKIP LOCKED)
        RETURNING id, ticket_number, email, language, created_at, client_address, user_agent, request_id
        """)

    static let finish = Statement(
        "link_request.finish",
        """
        WITH finished AS (
            UPDATE otalink.link_request
               SET finished_at = now(), claimed_until = NULL, ticket_number = NULL, email = NULL
             WHERE id = $1
               AND finished_at IS NULL
            RETURNING id
        )
        INSERT INTO otalink.audit_event (event, reason, client_address, user_agent, request_id)
        SELECT 'link.wished', $2, $3, $4, $5
          FROM finished
        """)

    static let postpone = Statement(
        "link_request.postpone",
        """
        UPDATE otalink.link_request
           SET next_attempt_at = now() + make_interval(secs => $2), claimed_until = NULL
         WHERE id = $1
           AND finished_at IS NULL
        """)

    static let deleteOld = Statement(
        "link_request.delete_old", "DELETE FROM otalink.link_request WHERE created_at < now() - interval '1 hour'")

    static let nextDue = Statement(
        "link_request.next_due", repeatable: true,
        """
        SELECT EXTRACT(epoch FROM min(GREATEST(next_attempt_at, COALESCE(claimed_until, next_attempt_at))) - now())
               ::double precision AS seconds
          FROM otalink.link_request
         WHERE finished_at IS NULL
           AND isfinite(next_attempt_at)
        """)
}
