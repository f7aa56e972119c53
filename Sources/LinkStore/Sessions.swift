import Foundation
import OneTimeLinks
import PostgresClient

/// The table `session`.
public struct Sessions: Sendable {
    let client: PostgresClient
    private let reads: Batcher<UUID, SessionFacts?>

    init(client: PostgresClient) {
        self.client = client
        reads = Batcher { try await Self.readFacts($0, client: client) }
    }

    /// Everything that decides whether the session holds; nil when there is no such row.
    public func facts(id: UUID) async throws -> SessionFacts? {
        guard var facts = try await reads.submit(id) else { return nil }
        if facts.tickets.first?.ticket?.mergedInto != nil {
            facts.tickets = try await Tickets(client: client).chain(from: facts.session.ticketNumber)
        }
        return facts
    }

    /// Writes that the session was used, unless that was written within the last minute.
    public func touch(id: UUID) async throws {
        _ = try await client.query(SessionSQL.touch, id, SessionRules.lastSeenResolution)
    }

    /// Ends a session before its time.
    ///
    /// - Returns: false when there is no such session, or it had ended before.
    public func revoke(id: UUID, reason: String, actor: String?, context: RequestContextFacts) async throws -> Bool {
        let rows = try await client.query(
            SessionSQL.revoke, id, nil as String?, reason, actor, context.clientAddress, context.userAgent,
            context.requestID)
        return !rows.isEmpty
    }

    /// Ends all sessions of a customer user.
    ///
    /// - Returns: how many.
    public func revokeAll(
        customerLogin: String, reason: String, actor: String?, context: RequestContextFacts
    ) async throws -> Int {
        try await client.query(
            SessionSQL.revoke, nil as UUID?, customerLogin, reason, actor, context.clientAddress, context.userAgent,
            context.requestID
        ).count
    }

    /// The sessions that nobody has ended, the newest first.
    public func list(customerLogin: String?, limit: Int) async throws -> [SessionSummary] {
        try await client.query(SessionSQL.list, customerLogin, limit).map(Self.summary)
    }

    /// The sessions of a customer user that still hold by their times, the newest first, a hundred at most.
    public func open(customerLogin: String, settings: LinkSettings) async throws -> [SessionSummary] {
        try await client.query(
            SessionSQL.open, customerLogin, settings.sessionLifetime, settings.sessionIdleTime
        ).map(Self.summary)
    }

    private static func summary(_ row: PostgresRow) throws -> SessionSummary {
        let (id, login, ticket, createdAt, lastSeenAt, address, agent) = try row.decode(
            UUID.self, String.self, String.self, Date.self, Date.self, String?.self, String?.self)
        return SessionSummary(
            id: id, customerLogin: login, ticketNumber: ticket, createdAt: createdAt, lastSeenAt: lastSeenAt,
            clientAddress: address, userAgent: agent)
    }

    /// Deletes sessions that ended, by revocation or by their lifetime, longer than a day ago.
    ///
    /// - Parameter connection: the connection that holds the job's lock.
    /// - Returns: how many.
    public static func deleteEnded(
        lifetime: TimeInterval, on connection: PostgresConnectionHandle
    ) async throws -> Int {
        try await connection.query(SessionSQL.deleteEnded, lifetime).affectedRows
    }

    private static func readFacts(_ ids: [UUID], client: PostgresClient) async throws -> [SessionFacts?] {
        var facts: [UUID: SessionFacts] = [:]
        for row in try await client.query(SessionSQL.facts, Array(Set(ids))) {
            let session = Session(
                id: try row.decode("id"), linkID: try row.decode("link_id"),
                customerLogin: try row.decode("customer_login"), ticketNumber: try row.ticketNumber("ticket_number"),
                scope: try row.rawValue("scope"), createdAt: try row.decode("created_at"),
                lastSeenAt: try row.decode("last_seen_at"),
                revokedAt: try row.decode("revoked_at"))
            facts[session.id] = SessionFacts(
                now: try row.decode("now"), session: session, customer: try CustomerUsers.decode(row),
                tickets: try Tickets.decode(row).map { [$0] } ?? [])
        }
        return ids.map { facts[$0] }
    }
}

/// A session as lists show it.
public struct SessionSummary: Sendable, Codable {
    public var id: UUID
    public var customerLogin: String
    public var ticketNumber: String
    public var createdAt: Date
    public var lastSeenAt: Date
    public var clientAddress: String?
    public var userAgent: String?
}

enum SessionSQL {
    static let facts = Statement(
        "session.facts", repeatable: true,
        """
        SELECT clock_timestamp() AS now, session.id, session.link_id, session.customer_login, session.ticket_number,
               session.scope, session.created_at, session.last_seen_at, session.revoked_at,
               \(CustomerUserSQL.columns), \(TicketSQL.columns)
          FROM otalink.session
          LEFT JOIN otalink.customer_user ON customer_user.login = session.customer_login
          LEFT JOIN otalink.customer_preference AS language
                 ON language.user_id = session.customer_login AND language.preferences_key = 'UserLanguage'
          LEFT JOIN otalink.ticket ON ticket.ticket_number = session.ticket_number
         WHERE session.id = ANY ($1::uuid[])
        """)

    static let touch = Statement(
        "session.touch", repeatable: true,
        """
        UPDATE otalink.session
           SET last_seen_at = clock_timestamp()
         WHERE id = $1
           AND revoked_at IS NULL
           AND last_seen_at < clock_timestamp() - make_interval(secs => $2)
        """)

    static let revoke = Statement(
        "session.revoke",
        """
        WITH locked AS MATERIALIZED (
            SELECT id
              FROM otalink.session
             WHERE (id = $1 OR customer_login = $2)
               AND revoked_at IS NULL
             ORDER BY id
               FOR UPDATE
        ),
        revoked AS (
            UPDATE otalink.session
               SET revoked_at = now(), revoke_reason = $3
             WHERE id IN (SELECT id FROM locked)
            RETURNING id, link_id, customer_login, ticket_number
        )
        INSERT INTO otalink.audit_event
               (event, session_id, link_id, customer_login, ticket_number, reason, actor, client_address, user_agent,
                request_id)
        SELECT 'session.revoked', id, link_id, customer_login, ticket_number, $3, $4, $5, $6, $7
          FROM revoked
        RETURNING session_id
        """)

    static let list = Statement(
        "session.list", repeatable: true,
        """
        SELECT id, customer_login, ticket_number, created_at, last_seen_at, client_address, user_agent
          FROM otalink.session
         WHERE revoked_at IS NULL
           AND ($1::text IS NULL OR customer_login = $1)
         ORDER BY created_at DESC
         LIMIT $2
        """)

    static let open = Statement(
        "session.open", repeatable: true,
        """
        SELECT id, customer_login, ticket_number, created_at, last_seen_at, client_address, user_agent
          FROM otalink.session
         WHERE revoked_at IS NULL
           AND customer_login = $1
           AND created_at > now() - make_interval(secs => $2)
           AND last_seen_at > now() - make_interval(secs => $3)
         ORDER BY created_at DESC
         LIMIT 100
        """)

    static let deleteEnded = Statement(
        "session.delete_ended",
        """
        DELETE FROM otalink.session
         WHERE created_at < now() - make_interval(secs => $1) - interval '1 day'
            OR revoked_at < now() - interval '1 day'
        """)
}
