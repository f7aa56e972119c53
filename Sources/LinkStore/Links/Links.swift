import Foundation
import OneTimeLinks
import PostgresClient

/// The table `link`.
public struct Links: Sendable {
    let client: PostgresClient
    private let factReads: Batcher<FactsRequest, RedemptionFacts>
    private let spends: Batcher<Spending, SpendingOutcome>

    init(client: PostgresClient) {
        self.client = client
        factReads = Batcher { try await Self.readFacts($0, client: client) }
        spends = Batcher { try await Self.spend($0, client: client) }
    }

    /// Reads everything that decides what a click on the link does, as of one moment.
    ///
    /// - Parameters:
    ///   - id: the link; no row is an answer too.
    ///   - lifetimeDays: `LinkLifetime`; 0: links do not age.
    ///   - now: the moment to judge at; nil: the database's clock.
    public func facts(id: UUID, lifetimeDays: Int, now: Date? = nil) async throws -> RedemptionFacts {
        let facts = try await factReads.submit(FactsRequest(id: id, terms: .init(lifetimeDays: lifetimeDays, now: now)))
        return try await withMerges(facts, lifetimeDays: lifetimeDays)
    }

    /// Spends a link: marks it used, supersedes the person's older links for the ticket, and opens the session, to which the
    /// grants of the browser's session of the same person move.
    public func spend(_ spending: Spending) async throws -> SpendingOutcome {
        try await spends.submit(spending)
    }

    /// Makes a link that its caller has in hand: it is active at once and supersedes the person's older ones.
    ///
    /// Safe to repeat with the same id after a lost connection.
    ///
    /// - Parameter call: answered in the same transaction, so that there is either both the link and the answer, or neither.
    /// - Throws: ``AnsweredMeanwhile`` if somebody else has answered the call; then there is no link.
    public func issueActive(
        _ new: NewLink, allowance: TokenAllowance? = nil, actor: String, answering call: ClaimedCall? = nil,
        context: RequestContextFacts
    ) async throws {
        try await client.transaction("link.issue_active") { transaction in
            try await allowance?.take(in: transaction)
            if let call {
                let answer = CallAnswer.issued(link: new.id, keyID: new.keyID, ticketNumber: new.ticketNumber)
                let rows = try await transaction.query(APIRequestSQL.answer, parameters: call.parameters(answer))
                guard rows.affectedRows > 0 else { throw AnsweredMeanwhile() }
            }
            let superseding: [(Statement, [any PostgresEncodable])] = [
                (LinkSQL.lockPair, [new.ticketNumber.text, new.customerLogin]),
                (LinkSQL.supersedeOlder, [new.ticketNumber.text, new.customerLogin, new.id]),
            ]
            _ = try await transaction.pipeline(
                superseding + new.issuing(.active, actor: actor, context: context))
        }
    }

    /// Makes a link together with the mail that will carry it, in one transaction; the link is offered until the mail
    /// server has taken the mail.
    ///
    /// `decide` is called with the facts as they stand under the lock of the person and ticket, so that of two
    /// requests at the same instant the second sees what the first one did. It answers nil to leave all as it is.
    ///
    /// - Parameters:
    ///   - ticketNumber: of the new link's ticket.
    ///   - chain: the numbers of the old link's ticket and of those that it was merged into.
    /// - Returns: what was queued, or nil.
    public func offer(
        ticketNumber: TicketNumber, customerLogin: String, oldLink: UUID?, chain: [TicketNumber] = [],
        lifetimeDays: Int, now: Date? = nil, context: RequestContextFacts,
        decide: @Sendable (RedemptionFacts?) async throws -> (NewLink, NewMail)?
    ) async throws -> QueuedMail? {
        try await client.transaction("link.offer") { transaction in
            _ = try await transaction.query(LinkSQL.lockPair, ticketNumber.text, customerLogin)
            var facts: RedemptionFacts?
            if let oldLink {
                let request = FactsRequest(id: oldLink, terms: .init(lifetimeDays: lifetimeDays, now: now))
                let rows = try await transaction.query(LinkSQL.facts, parameters: request.parameters(ids: [oldLink]))
                facts = try rows.first.map(Self.decodeFacts)
                if let found = facts, chain.count > 1 {
                    facts = try await Self.over(chain, found, lifetimeDays: lifetimeDays) { statement, parameters in
                        try await transaction.query(statement, parameters: parameters)
                    }
                }
            }
            guard let (link, mail) = try await decide(facts) else { return nil }
            _ = try await transaction.pipeline(
                link.issuing(.offered, context: context) + [(MailSQL.insert, mail.parameters(link: link))])
            return QueuedMail(mailID: mail.id, linkID: link.id)
        }
    }

    /// Takes back a link, and with it the grant that it gave.
    ///
    /// - Returns: false when there is no such link, or it was revoked before.
    public func revoke(id: UUID, reason: String, actor: String, context: RequestContextFacts) async throws -> Bool {
        let rows = try await client.query(
            LinkSQL.revoke, id, reason, actor, context.clientAddress, context.userAgent, context.requestID)
        return !rows.isEmpty
    }

    /// Takes back every link of a ticket or a person that could still be clicked or has opened a session.
    ///
    /// - Returns: how many.
    public func revokeAll(
        ticketNumber: TicketNumber?, customerLogin: String?, reason: String, actor: String,
        context: RequestContextFacts
    ) async throws -> Int {
        let rows = try await client.query(
            LinkSQL.revokeAll, ticketNumber?.text, customerLogin, reason, actor, context.clientAddress,
            context.userAgent, context.requestID)
        return rows.count
    }

    /// The links of a ticket or a person, the newest first.
    public func list(ticketNumber: TicketNumber?, customerLogin: String?, limit: Int) async throws -> [LinkSummary] {
        try await listed(ticketNumber: ticketNumber, customerLogin: customerLogin, limit: limit).rows
    }

    /// The same, and the rows that cannot be read.
    public func listed(
        ticketNumber: TicketNumber?, customerLogin: String?, limit: Int
    ) async throws -> ReadableRows<LinkSummary> {
        try ReadableRows(
            try await client.query(LinkSQL.list, ticketNumber?.text, customerLogin, limit), Self.summary)
    }

    /// A link as lists show it; nil: there is none.
    public func find(id: UUID) async throws -> LinkSummary? {
        try await client.query(LinkSQL.find, id).first.map(Self.summary)
    }

    private static func summary(_ row: PostgresRow) throws -> LinkSummary {
        let (id, ticket, login, recipient, state, origin, createdAt, usedAt) = try row.decode(
            UUID.self, String.self, String.self, String.self, String.self, String.self, Date.self, Date?.self)
        return LinkSummary(
            id: id, ticketNumber: ticket, customerLogin: login, recipient: recipient, state: state, origin: origin,
            createdAt: createdAt, usedAt: usedAt)
    }

    /// How many rows each secret key signs; a key may leave the ring when its count is 0.
    public func countByKey() async throws -> [String: Int] {
        let pairs = try await client.query(LinkSQL.countByKey).map { try $0.decode(String.self, Int.self) }
        return Dictionary(pairs, uniquingKeysWith: +)
    }
}

/// A link about to be made.
public struct NewLink: Sendable {
    /// Made beforehand, so that after a lost connection the outcome can be read back.
    public var id: UUID
    public var ticketNumber: TicketNumber
    public var customerLogin: String
    public var recipient: String
    public var keyID: String
    public var origin: LinkOrigin

    public init(
        id: UUID, ticketNumber: TicketNumber, customerLogin: String, recipient: String, keyID: String,
        origin: LinkOrigin
    ) {
        self.id = id
        self.ticketNumber = ticketNumber
        self.customerLogin = customerLogin
        self.recipient = recipient
        self.keyID = keyID
        self.origin = origin
    }

    /// Writes the link, and the line of the audit trail that every new link has.
    func issuing(
        _ state: LinkState, actor: String? = nil, context: RequestContextFacts
    ) -> [(Statement, [any PostgresEncodable])] {
        let event = AuditEvent(
            "link.issued", link: id, ticket: ticketNumber, login: customerLogin, reason: origin.rawValue, actor: actor,
            context: context)
        return [
            (
                LinkSQL.insert,
                [id, ticketNumber.text, customerLogin, recipient, keyID, state.rawValue, origin.rawValue]
            ),
            (AuditSQL.insert, event.parameters),
        ]
    }
}

/// A link about to be spent.
public struct Spending: Sendable {
    public var linkID: UUID
    /// The session to open, made beforehand.
    public var sessionID: UUID
    /// The ticket that the grant is for: the last of the chain of merges.
    public var ticketNumber: TicketNumber
    /// Hash of the form cookie that the click's form was made for.
    public var browser: [UInt8]
    /// Hashes of all form cookies that came with the click: they tell the browser's other clicks.
    public var forms: [[UInt8]]
    /// The session of the same person that the browser had at the click; nil: it sent none.
    public var formerSession: UUID?
    /// What the grant counts for.
    public var scope: SessionScope
    /// Seconds: a former session that was not used for longer gives nothing.
    public var sessionIdleTime: TimeInterval
    public var context: RequestContextFacts
    /// The moment to write; nil: the database's clock.
    public var now: Date?

    /// - Parameter forms: nil: the one of `browser`.
    public init(
        linkID: UUID, sessionID: UUID, ticketNumber: TicketNumber, browser: [UInt8], forms: [[UInt8]]? = nil,
        formerSession: UUID? = nil, scope: SessionScope = .ticket,
        sessionIdleTime: TimeInterval = LinkSettings().sessionIdleTime, context: RequestContextFacts, now: Date? = nil
    ) {
        self.linkID = linkID
        self.sessionID = sessionID
        self.ticketNumber = ticketNumber
        self.browser = browser
        self.forms = forms ?? [browser]
        self.formerSession = formerSession
        self.scope = scope
        self.sessionIdleTime = sessionIdleTime
        self.context = context
        self.now = now
    }
}

/// What became of an attempt to spend a link.
public enum SpendingOutcome: Sendable, Hashable {
    /// The link is used and the session open.
    case spent
    /// The link was not to be spent any more; read and decide again.
    case lost
}

/// A mail that was queued with a link.
public struct QueuedMail: Sendable, Hashable {
    public var mailID: UUID
    public var linkID: UUID
}

/// A link as lists show it.
public struct LinkSummary: Sendable, Codable {
    public var id: UUID
    public var ticketNumber: String
    public var customerLogin: String
    public var recipient: String
    public var state: String
    public var origin: String
    public var createdAt: Date
    public var usedAt: Date?
}
