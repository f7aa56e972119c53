import Foundation
import LinkStore
import OneTimeLinks
import TicketSystem

/// The act of telling whether a session cookie still signs somebody in.
public struct CheckSession: Sendable {
    private let store: LinkStore
    private let keys: KeyRing
    private let keeper: TicketKeeper
    private let cache: SessionCache

    /// How long facts count that are not fresh, after the desk was asked in vain.
    private static let pause = Duration.seconds(10)

    public init(store: LinkStore, keys: KeyRing, keeper: TicketKeeper, cache: SessionCache) {
        self.store = store
        self.keys = keys
        self.keeper = keeper
        self.cache = cache
    }

    /// Who is signed in by the text of a cookie; nil: nobody. A forged text costs no query, a remembered session none. The cookie of
    /// a session that was replaced within the last minute leads on, if a click of the same browser has replaced it.
    ///
    /// - Parameters:
    ///   - forms: hashes of the browser's form cookies.
    ///   - question: which tickets have to be known freshly.
    /// - Throws: `DeskUnavailable`, or an error of the database.
    public func callAsFunction(
        cookie: String, forms: [[UInt8]] = [], question: TicketQuestion = .any, settings: Settings
    ) async throws -> SignedIn? {
        guard let id = keys.verify(cookie, as: .session) else { return nil }
        return try await look(id, forms: forms, question: question, settings: settings, isUse: true)
    }

    /// Who is signed in by a session that a token of ours names; nil: nobody. If it was replaced, the one in its place counts. A
    /// program that asks is no use of the session, and does not prolong it.
    ///
    /// - Throws: `DeskUnavailable`, or an error of the database.
    public func callAsFunction(session id: UUID, settings: Settings) async throws -> SignedIn? {
        try await look(id, forms: nil, question: .any, settings: settings, isUse: false)
    }

    /// The ticket of that number, if the session shows it; nil: there is none, or it is not for this person.
    ///
    /// - Throws: `DeskUnavailable`, or an error of the database.
    public func ticket(_ number: TicketNumber, for signedIn: SignedIn, settings: Settings) async throws -> Ticket? {
        switch signedIn.standing(of: number) {
        case .shown(let ticket): return ticket
        case .deskAway where !signedIn.showsAllTickets: throw DeskUnavailable()
        case .stale where !signedIn.showsAllTickets:
            let asked = try await read(
                signedIn.session, question: .about(number), settings: settings, isUse: false)
            guard case .valid(let entry) = asked else { return nil }
            switch SignedIn(session: signedIn.session, entry: entry).standing(of: number) {
            case .shown(let ticket): return ticket
            case .deskAway: throw DeskUnavailable()
            case .none, .refused, .stale: return nil
            }
        case .none, .refused, .stale, .deskAway:
            return signedIn.showsAllTickets ? try await ownTicket(number, of: signedIn, settings: settings) : nil
        }
    }

    /// Numbers that nobody ever got a link for are not asked about, however many somebody tries.
    private func ownTicket(
        _ number: TicketNumber, of signedIn: SignedIn, settings: Settings
    ) async throws -> Ticket? {
        let known = try await store.tickets.chain(from: number)
        if known.isEmpty { return nil }
        let now = try await store.tickets.now()
        let tickets = try await keeper.chain(from: number, known: known, at: now)
        let access = TicketAccess.judge(
            chain: tickets, login: signedIn.customer.login, accessDays: settings.link.accessDaysAfterClose, at: now)
        guard case .granted(let ticket, _) = access else { return nil }
        return ticket
    }

    private func look(
        _ id: UUID, forms: [[UInt8]]?, question: TicketQuestion, settings: Settings, isUse: Bool
    ) async throws -> SignedIn? {
        if let entry = cache.entry(for: id), entry.answers(question) { return SignedIn(session: id, entry: entry) }
        switch try await read(id, question: question, settings: settings, isUse: isUse) {
        case .valid(let entry): return SignedIn(session: id, entry: entry)
        case .ended: return nil
        case .replaced:
            guard let successor = try await store.sessions.successor(of: id, forms: forms) else { return nil }
            if let entry = cache.entry(for: successor), entry.answers(question) {
                return SignedIn(session: successor, entry: entry, isFollowed: true)
            }
            let read = try await read(successor, question: question, settings: settings, isUse: isUse)
            guard case .valid(let entry) = read else { return nil }
            return SignedIn(session: successor, entry: entry, isFollowed: true)
        }
    }

    private enum Reading {
        case valid(SessionCache.Entry)
        case ended
        case replaced
    }

    private func read(
        _ id: UUID, question: TicketQuestion, settings: Settings, isUse: Bool
    ) async throws -> Reading {
        let reading = cache.ticketForReading()
        let sentAt = ContinuousClock.now
        guard var facts = try await store.sessions.facts(id: id) else { return .ended }
        if facts.session.replacedBy != nil { return .replaced }
        let rules = SessionRules(settings: settings.link)
        let (asked, away, cause) = try await freshen(&facts, question: question, rules: rules)
        let askedAgain = ContinuousClock.now + Self.pause
        guard case .valid(let customer, let held, _) = rules.judge(facts) else {
            // Of a ticket that the desk did not tell about, nothing is known that could end a session.
            if !away.isEmpty { throw DeskUnavailable(cause: cause) }
            return .ended
        }
        let unwritten = facts.now.timeIntervalSince(facts.session.lastSeenAt)
        let isTouchDue = isUse && unwritten >= SessionRules.lastSeenResolution
        if isTouchDue { try await store.sessions.touch(id: id) }
        let untilTouch = SessionRules.lastSeenResolution - (isTouchDue ? 0 : max(0, unwritten))
        let instant = { (date: Date) in sentAt + .seconds(date.timeIntervalSince(facts.now)) }
        let fresh = Dictionary(
            facts.grants.map { ($0.grant, $0.freshUntil) }, uniquingKeysWith: { first, _ in first })
        let grants = held.map { held in
            let end = fresh[held.grant].flatMap { $0 }.map(instant) ?? instant(held.until)
            return SessionCache.Entry.Grant(
                held: held, until: instant(held.until),
                freshUntil: asked.contains(held.grant) ? max(end, askedAgain) : end,
                isDeskAway: away.contains(held.grant))
        }
        let lastSeen = isTouchDue ? facts.now : facts.session.lastSeenAt
        let entry = SessionCache.Entry(
            customer: customer, grants: grants,
            idleEnd: instant(lastSeen.addingTimeInterval(settings.link.sessionIdleTime)),
            touchDue: sentAt + .seconds(untilTouch))
        // What the desk did not tell is not remembered: the next request asks again.
        if away.isEmpty { cache.remember(entry, for: id, readUnder: reading) }
        return .valid(entry)
    }

    /// Asks the desk about tickets that are not known freshly, until one grant is found that gives something, and about the ticket
    /// that the question names in any case.
    ///
    /// - Returns: the grants about whose tickets it was asked, or they were known freshly; and those about whose tickets it did not
    ///   answer, and what was known is too old; and why it did not.
    private func freshen(
        _ facts: inout SessionFacts, question: TicketQuestion, rules: SessionRules
    ) async throws -> (asked: Set<SessionGrant>, away: Set<SessionGrant>, cause: TicketSystemError?) {
        guard facts.session.revokedAt == nil, question != .none else { return ([], [], nil) }
        var cause: TicketSystemError?
        let login = facts.session.customerLogin
        let wanted: TicketNumber? = if case .about(let number) = question { number } else { nil }
        var (asked, away) = (Set<SessionGrant>(), Set<SessionGrant>())
        var hasGood = facts.grants.contains {
            $0.grant.showsAllTickets && rules.judge($0, login: login, at: facts.now) != nil
        }
        for index in rules.order(facts.grants, wanted: wanted) {
            let grant = facts.grants[index].grant
            guard let number = grant.ticketNumber, !grant.showsAllTickets else { continue }
            guard rules.judge(facts.grants[index], login: login, at: facts.now) != nil else { continue }
            // A question may name any ticket of the chain of merges, also if the desk need not be asked.
            if facts.grants[index].tickets.first?.ticket?.mergedInto != nil {
                facts.grants[index].tickets = try await store.tickets.chain(from: number)
            }
            if hasGood, !facts.grants[index].isFor(wanted) { continue }
            let known = facts.grants[index].tickets
            do {
                facts.grants[index].tickets = try await keeper.chain(from: number, known: known, at: facts.now)
                asked.insert(grant)
            } catch let error as DeskUnavailable {
                facts.grants[index].tickets = []
                away.insert(grant)
                cause = cause ?? error.cause
                continue
            }
            if rules.judge(facts.grants[index], login: login, at: facts.now)?.isGood == true { hasGood = true }
        }
        return (asked, away, cause)
    }
}

/// Which tickets of a session have to be known freshly before it is answered by.
public enum TicketQuestion: Hashable, Sendable {
    /// None: only who it is is asked, and the desk is not.
    case none
    /// One that gives something.
    case any
    /// This one, if the session has a grant for it.
    case about(TicketNumber)
}

extension GrantFacts {
    fileprivate func isFor(_ number: TicketNumber?) -> Bool {
        guard let number else { return false }
        return grant.ticketNumber == number
            || tickets.contains { $0.ticket?.number == number || $0.ticket?.mergedInto == number }
    }
}
