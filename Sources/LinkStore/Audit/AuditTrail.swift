import Foundation
import OneTimeLinks
import PostgresClient

/// Where a request came from, as the audit trail keeps it.
public struct RequestContextFacts: Sendable, Hashable {
    public var clientAddress: String?
    public var userAgent: String?
    /// The request, as the logs name it.
    public var requestID: String?

    public init(clientAddress: String? = nil, userAgent: String? = nil, requestID: String? = nil) {
        self.clientAddress = clientAddress
        // Whatever a client calls itself, a line of the trail stays a line and carries no secret.
        self.userAgent = userAgent.map { ForeignText.safe($0, limit: 200) }
        self.requestID = requestID
    }

    /// What log lines name the request's id by: the HTTP library's word for it.
    public static let logKey = "hb.request.id"

    /// Of an act that no request asked for.
    public static let none = RequestContextFacts()
}

/// One line of the audit trail.
public struct AuditEvent: Sendable {
    let event: String
    let link: UUID?
    let session: UUID?
    let ticket: TicketNumber?
    let login: String?
    let reason: String?
    let actor: String?
    let context: RequestContextFacts

    /// - Parameter event: what happened, such as `link.refused`.
    public init(
        _ event: String, link: UUID? = nil, session: UUID? = nil, ticket: TicketNumber? = nil, login: String? = nil,
        reason: String? = nil, actor: String? = nil, context: RequestContextFacts = .none
    ) {
        self.event = event
        self.link = link
        self.session = session
        self.ticket = ticket
        self.login = login
        self.reason = reason
        self.actor = actor
        self.context = context
    }

    var parameters: [any PostgresEncodable] {
        [
            event, link, session, ticket?.text, login, reason, actor, context.clientAddress, context.userAgent,
            context.requestID,
        ]
    }
}

/// The table `audit_event`.
public struct AuditTrail: Sendable {
    let client: PostgresClient

    /// Writes one event that no other statement writes with its act.
    public func record(_ event: AuditEvent) async throws {
        _ = try await client.query(AuditSQL.insert, parameters: event.parameters)
    }

    /// Writes an event unless one of its kind was written within the last minute. Two at the same instant may both be.
    ///
    /// - Returns: whether it was written.
    public func recordOnceAMinute(_ event: AuditEvent) async throws -> Bool {
        try await client.query(AuditSQL.insertOnceAMinute, parameters: event.parameters).affectedRows > 0
    }

    /// The tickets that could not be marked at the desk within the last day, and the latest reason.
    public func unmarkedTickets() async throws -> (count: Int, reason: String?) {
        try await client.query(AuditSQL.unmarkedTickets).only().decode(Int.self, String?.self)
    }

    /// The refresh mails that a client has asked for within the last hour, and in how many seconds the oldest of them counts no
    /// more. Of an IPv6 client, those of its /64 network.
    public func refreshMails(from clientAddress: String) async throws -> (count: Int, seconds: Double) {
        try await client.query(AuditSQL.refreshMails, clientAddress).only().decode(Int.self, Double.self)
    }
}

enum AuditSQL {
    static let refreshMails = Statement(
        "audit.refresh_mails", repeatable: true,
        """
        SELECT count(*), COALESCE(EXTRACT(epoch FROM min(at) + interval '1 hour' - now()), 0)::double precision
          FROM otalink.audit_event
         WHERE event = 'link.issued'
           AND reason = 'refresh'
           AND otalink.client_network(client_address) = otalink.client_network($1)
           AND at > now() - interval '1 hour'
        """)

    static let unmarkedTickets = Statement(
        "audit.unmarked_tickets", repeatable: true,
        """
        SELECT count(DISTINCT ticket_number), (array_agg(reason ORDER BY at DESC))[1]
          FROM otalink.audit_event
         WHERE event = 'ticket.not_marked'
           AND at > now() - interval '1 day'
        """)

    static let insert = Statement(
        "audit.insert",
        """
        INSERT INTO otalink.audit_event
               (event, link_id, session_id, ticket_number, customer_login, reason, actor, client_address, user_agent,
                request_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """)

    static let insertOnceAMinute = Statement(
        "audit.insert_once_a_minute",
        """
        INSERT INTO otalink.audit_event
               (event, link_id, session_id, ticket_number, customer_login, reason, actor, client_address, user_agent,
                request_id)
        SELECT $1, $2::uuid, $3::uuid, $4, $5, $6, $7, $8, $9, $10
         WHERE NOT EXISTS (
               SELECT FROM otalink.audit_event
                WHERE event = $1
                  AND at > now() - interval '1 minute')
        """)
}
