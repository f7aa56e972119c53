import Foundation
import OneTimeLinks
import PostgresClient

/// The tables `session` and `session_grant`.
public struct Sessions: Sendable {
    let client: PostgresClient
    private let reads: Batcher<UUID, SessionFacts?>

    init(client: PostgresClient) {
        self.client = client
        reads = Batcher { try await Self.readFacts($0, client: client) }
    }

    /// Everything that decides whether the session holds; nil when there is no such row. Of a merged ticket only the ticket itself
    /// is read.
    public func facts(id: UUID) async throws -> SessionFacts? {
        try await reads.submit(id)
    }

    /// The session that a replaced one's grants have moved to in the end; it may have ended since. Nil: it was not replaced, or
    /// the browser is not led on.
    ///
    /// - Parameter forms: hashes of the browser's form cookies: it is led on within a minute, and only from a session that a click of
    ///   its own has replaced. Nil: for what names the session in a signed text of ours, at any time.
    public func successor(of id: UUID, forms: [[UInt8]]?) async throws -> UUID? {
        try await client.query(
            SessionSQL.successor, id, forms?.map { Data($0) }, SessionRules.followingTime
        ).first?.decode(at: 0, as: UUID.self)
    }

    /// Writes that the session was used, unless that was written within the last minute.
    public func touch(id: UUID) async throws {
        _ = try await client.query(SessionSQL.touch, id, SessionRules.lastSeenResolution)
    }

    /// Ends a session before its time; if it was replaced, the one that holds its grants by now.
    ///
    /// - Returns: what was ended; empty when there is no such session, or it had ended before.
    @discardableResult
    public func revoke(id: UUID, reason: String, actor: String?, context: RequestContextFacts) async throws -> Set<UUID>
    {
        try await revoke(id: id, customerLogin: nil, reason: reason, actor: actor, context: context)
    }

    /// Ends all sessions of a customer user, also those that clicks at the same moment open in their place.
    ///
    /// - Returns: how many.
    public func revokeAll(
        customerLogin: String, reason: String, actor: String?, context: RequestContextFacts
    ) async throws -> Int {
        try await revoke(id: nil, customerLogin: customerLogin, reason: reason, actor: actor, context: context).count
    }

    private func revoke(
        id: UUID?, customerLogin: String?, reason: String, actor: String?, context: RequestContextFacts
    ) async throws -> Set<UUID> {
        var ended: Set<UUID> = []
        // A click that came first has moved the grants on: the next look finds where to. A person cannot click for ever.
        for _ in 0..<50 {
            let rows = try await client.query(
                SessionSQL.revoke, id, customerLogin, reason, actor, context.clientAddress, context.userAgent,
                context.requestID
            ).map { try $0.decode(UUID.self, Bool.self) }
            ended.formUnion(rows.filter(\.1).map(\.0))
            let isDone = customerLogin == nil ? rows.allSatisfy(\.1) : rows.isEmpty
            if isDone { break }
        }
        return ended
    }

    /// Ends one grant of a person's; a session without another is over then.
    ///
    /// - Returns: false when there is no such grant, it had ended before, or is another person's.
    public func endGrant(
        id: Int64, customerLogin: String, reason: String, actor: String?, context: RequestContextFacts
    ) async throws -> Bool {
        let rows = try await client.query(
            SessionSQL.endGrant, id, customerLogin, reason, actor, context.clientAddress, context.userAgent,
            context.requestID)
        return !rows.isEmpty
    }

    /// The sessions that nobody has ended, the newest first.
    public func listed(customerLogin: String?, limit: Int) async throws -> ReadableRows<SessionSummary> {
        var listed = try ReadableRows(try await client.query(SessionSQL.list, customerLogin, limit), Self.summary)
        listed.rows = try await withGrants(listed.rows)
        return listed
    }

    /// The sessions of a customer user that still hold by their times, the newest first, a hundred at most; each with the grants
    /// that do.
    public func open(customerLogin: String, settings: LinkSettings) async throws -> [SessionSummary] {
        let sessions = try ReadableRows(
            try await client.query(
                SessionSQL.open, customerLogin, settings.sessionLifetime, settings.sessionIdleTime), Self.summary
        ).rows
        let start = try await Tickets(client: client).now().addingTimeInterval(-settings.sessionLifetime)
        return try await withGrants(sessions).map { session in
            var session = session
            session.grants.removeAll { $0.createdAt <= start }
            return session
        }
    }

    private func withGrants(_ sessions: [SessionSummary]) async throws -> [SessionSummary] {
        var grants: [UUID: [GrantSummary]] = [:]
        for row in try await client.query(SessionSQL.grantsOf, sessions.map(\.id)) {
            // One that cannot be read gives nothing, and is not shown.
            guard let createdAt = try? row.decode("created_at", as: Date.self) else { continue }
            let grant = GrantSummary(
                id: try row.decode("id"), ticketNumber: try row.decode("ticket_number"), title: try row.decode("title"),
                countsAtDesk: try row.decode("counts_at_desk"), createdAt: createdAt)
            grants[try row.decode("session_id", as: UUID.self), default: []].append(grant)
        }
        return sessions.map { session in
            var session = session
            session.grants = grants[session.id] ?? []
            return session
        }
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
                id: try row.decode("id"), customerLogin: try row.decode("customer_login"),
                lastSeenAt: try row.decode("last_seen_at"), revokedAt: try row.decode("revoked_at"),
                replacedBy: try row.decode("replaced_by"))
            var known = facts[session.id]
            if known == nil {
                known = SessionFacts(
                    now: try row.decode("now"), session: session, customer: try CustomerUsers.decode(row), grants: [])
            }
            if let grant = try grant(row) { known?.grants.append(grant) }
            facts[session.id] = known
        }
        return ids.map { facts[$0] }
    }

    /// Nil where the session has none.
    private static func grant(_ row: PostgresRow) throws -> GrantFacts? {
        guard let createdAt = try row.decode("created_at", as: Date?.self) else { return nil }
        let number = try row.decode("ticket_number", as: String?.self)
        let grant = SessionGrant(
            id: try row.decode("grant_id"), linkID: try row.decode("link_id"),
            ticketNumber: number == nil ? nil : try row.ticketNumber("ticket_number"),
            countsAtDesk: try row.decode("counts_at_desk"), createdAt: createdAt)
        return GrantFacts(grant: grant, tickets: try Tickets.decode(row).map { [$0] } ?? [])
    }
}

/// A session as lists show it.
public struct SessionSummary: Sendable, Codable {
    public var id: UUID
    public var customerLogin: String
    /// Of its newest grant.
    public var ticketNumber: String
    public var createdAt: Date
    public var lastSeenAt: Date
    public var clientAddress: String?
    public var userAgent: String?
    /// The newest first.
    public var grants: [GrantSummary] = []
}

/// A grant as lists show it.
public struct GrantSummary: Sendable, Codable {
    /// Nil: the one grant of a session that the first release wrote.
    public var id: Int64?
    /// Nil: all tickets of the person.
    public var ticketNumber: String?
    /// As the ticket system told it last.
    public var title: String?
    public var countsAtDesk: Bool
    public var createdAt: Date
}
