import Foundation
import LinkStore
import OneTimeLinks

/// The act of telling whether a session cookie still signs somebody in.
public struct CheckSession: Sendable {
    private let store: LinkStore
    private let keys: KeyRing
    private let keeper: TicketKeeper
    private let cache: SessionCache

    public init(store: LinkStore, keys: KeyRing, keeper: TicketKeeper, cache: SessionCache) {
        self.store = store
        self.keys = keys
        self.keeper = keeper
        self.cache = cache
    }

    /// Who is signed in by the text of a cookie; nil: nobody. A forged text costs no query, a remembered session none.
    ///
    /// - Throws: `DeskUnavailable`, or an error of the database.
    public func callAsFunction(cookie: String, settings: Settings) async throws -> SignedIn? {
        guard let id = keys.verify(cookie, as: .session) else { return nil }
        if let entry = cache.entry(for: id) { return SignedIn(session: id, entry: entry) }
        return try await read(id, settings: settings)
    }

    /// Who is signed in by a session that a token of ours names; nil: nobody. A program that asks is no use of the session, and does
    /// not prolong it.
    ///
    /// - Throws: `DeskUnavailable`, or an error of the database.
    public func callAsFunction(session id: UUID, settings: Settings) async throws -> SignedIn? {
        if let entry = cache.entry(for: id) { return SignedIn(session: id, entry: entry) }
        return try await read(id, settings: settings, isUse: false)
    }

    /// The ticket of that number, if the session shows it; nil: there is none, or it is not for this person.
    ///
    /// - Throws: `DeskUnavailable`, or an error of the database.
    public func ticket(_ number: TicketNumber, for signedIn: SignedIn, settings: Settings) async throws -> Ticket? {
        switch signedIn.scope {
        case .ticket: return signedIn.ticket?.number == number ? signedIn.ticket : nil
        case .account:
            // Numbers that nobody ever got a link for are not asked about, however many somebody tries.
            let known = try await store.tickets.chain(from: number)
            if known.isEmpty { return nil }
            let now = try await store.tickets.now()
            let tickets = try await keeper.chain(from: number, known: known, at: now)
            let access = TicketAccess.judge(
                chain: tickets, login: signedIn.customer.login, accessDays: settings.link.accessDaysAfterClose, at: now)
            guard case .granted(let ticket, _) = access else { return nil }
            return ticket
        }
    }

    private func read(_ id: UUID, settings: Settings, isUse: Bool = true) async throws -> SignedIn? {
        let reading = cache.ticketForReading()
        let sentAt = ContinuousClock.now
        guard var facts = try await store.sessions.facts(id: id) else { return nil }
        let rules = SessionRules(settings: settings.link)
        if facts.session.scope == .ticket, facts.session.revokedAt == nil,
            facts.tickets.contains(where: { $0.freshness(at: facts.now) == .stale })
        {
            facts.tickets = try await keeper.chain(
                from: facts.session.ticketNumber, known: facts.tickets, at: facts.now)
        }
        guard case .valid(let customer, let ticket, let end) = rules.judge(facts) else { return nil }
        let unwritten = facts.now.timeIntervalSince(facts.session.lastSeenAt)
        let isTouchDue = isUse && unwritten >= SessionRules.lastSeenResolution
        if isTouchDue { try await store.sessions.touch(id: id) }
        let untilTouch = SessionRules.lastSeenResolution - (isTouchDue ? 0 : max(0, unwritten))
        let validUntil = sentAt + .seconds(end.timeIntervalSince(facts.now))
        let entry = SessionCache.Entry(
            customer: customer, scope: facts.session.scope, ticket: ticket,
            sessionTicket: facts.session.ticketNumber, signedInAt: facts.session.createdAt, validUntil: validUntil,
            touchDue: sentAt + .seconds(untilTouch))
        cache.remember(entry, for: id, readUnder: reading)
        return SignedIn(session: id, entry: entry)
    }
}

/// Somebody who is signed in.
public struct SignedIn: Sendable {
    public let session: UUID
    private let entry: SessionCache.Entry

    init(session: UUID, entry: SessionCache.Entry) {
        self.session = session
        self.entry = entry
    }

    public var customer: CustomerUser { entry.customer }
    public var scope: SessionScope { entry.scope }
    /// The ticket that the session began with.
    public var sessionTicket: TicketNumber { entry.sessionTicket }
    /// When the session began, by the database's clock.
    public var signedInAt: Date { entry.signedInAt }
    /// The ticket of a session of scope `ticket`.
    var ticket: Ticket? { entry.ticket }
    /// When the session ends, if it is not used and nothing else changes.
    public var validUntil: ContinuousClock.Instant { entry.validUntil }
}
