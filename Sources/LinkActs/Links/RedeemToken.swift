import Foundation
import LinkStore
import Logging
import OneTimeLinks
import PostgresClient

/// The act of redeeming a token: facts are read, the rules decide, the outcome is written with guards.
public struct RedeemToken: Sendable {
    let store: LinkStore
    let keys: KeyRing
    private let keeper: TicketKeeper
    let refresh: RefreshLink
    let logger: Logger

    public init(store: LinkStore, keys: KeyRing, keeper: TicketKeeper, refresh: RefreshLink, logger: Logger) {
        self.store = store
        self.keys = keys
        self.keeper = keeper
        self.refresh = refresh
        self.logger = logger
    }

    /// Redeems a token for a browser; see ``callAsFunction(link:browser:settings:language:context:)``.
    public func callAsFunction(
        token: String, browser: ClickingBrowser, settings: Settings, language: String, context: RequestContextFacts
    ) async throws -> RedeemAnswer {
        // A forged or damaged token costs no query.
        guard let id = keys.verify(token, as: .link) else { return .message(.linkExpired) }
        return try await self(
            link: id, browser: browser, settings: settings, language: language, context: context)
    }

    /// Redeems a link for a browser that has proved to know its token.
    ///
    /// - Parameter language: the browser's, for a mail that the click may cause.
    /// - Throws: `DeskUnavailable`, or an error of the database; then nothing was spent, or it is safe to try again.
    public func callAsFunction(
        link id: UUID, browser: ClickingBrowser, settings: Settings, language: String, context: RequestContextFacts
    ) async throws -> RedeemAnswer {
        let rules = RedemptionRules(settings: settings.link)
        // Whoever lost a race reads and decides again; a link can be lost once to a spender and once to a revoker.
        for _ in 0..<4 {
            let facts = try await currentFacts(id: id, settings: settings)
            let owned = browser.session(of: facts.link?.customerLogin)
            let hasGrant = owned?.hasGrant(for: Set(facts.chain)) ?? false
            switch rules.decide(facts, browser: browser.forms, hasGrant: hasGrant) {
            case .signIn(let ticket, _):
                if browser.isAnotherPerson(than: facts.link?.customerLogin), !browser.isAsked,
                    let owner = facts.customer
                {
                    return .accountQuestion(owner: owner)
                }
                let spending = Spending(
                    linkID: id, sessionID: .version7(), ticketNumber: ticket.number, browser: browser.form,
                    forms: browser.forms, formerSession: owned?.session, scope: settings.landing.scope,
                    sessionIdleTime: settings.link.sessionIdleTime, context: context)
                if try await spend(spending) { return .signedIn(session: spending.sessionID, ticket) }
            case .signInAgain(let session, let ticket):
                return .signedIn(session: session, ticket)
            case .signedInAlready(let ticket):
                guard let owned else { break }
                return .signedInAlready(session: owned.session, ticket)
            case .linkExpired(let reason):
                try await refuse(facts, id: id, reason: reason.word, context: context)
                return .message(.linkExpired)
            case .wrongLink:
                try await refuse(facts, id: id, reason: "newer-link-active", context: context)
                return .message(.wrongLink)
            case .deskLogin:
                try await refuse(facts, id: id, reason: "has-password", context: context)
                return .deskLogin(facts.tickets.last?.ticket)
            case .newLink(mail: false):
                try await refuse(facts, id: id, reason: "new-link-on-its-way", context: context)
                return .message(.newLink)
            case .newLink(mail: true):
                if let answer = try await newLink(facts, settings: settings, language: language, context: context) {
                    return answer
                }
            case .noNewLink(let reason):
                return try await noNewLink(reason, facts, context)
            }
        }
        throw LostEveryRace()
    }

    /// The facts, with the desk asked where they are not fresh.
    func currentFacts(id: UUID, settings: Settings) async throws -> RedemptionFacts {
        var facts = try await store.links.facts(id: id, lifetimeDays: settings.link.linkLifetimeDays)
        // A dead link needs no desk.
        guard let link = facts.link, link.state != .revoked, facts.customer?.isValid == true else { return facts }
        facts.tickets = try await keeper.chain(from: link.ticketNumber, known: facts.tickets, at: facts.now)
        return facts
    }

    /// False when somebody else was faster.
    private func spend(_ spending: Spending) async throws -> Bool {
        do {
            return try await store.links.spend(spending) == .spent
        } catch let error as PostgresError where error.isOutcomeUnknown {
            // The connection was lost after the statement was sent: whether it took effect stands in the database.
            return try await store.sessions.facts(id: spending.sessionID) != nil
        }
    }

    /// Mails a new link, and says what came of it; nil: somebody else was faster, and the rules have to be asked again.
    private func newLink(
        _ facts: RedemptionFacts, settings: Settings, language: String, context: RequestContextFacts
    ) async throws -> RedeemAnswer? {
        guard let old = facts.link else { return .message(.linkExpired) }
        do {
            if let seconds = try await secondsToWait(context, settings) {
                logger.notice(
                    "A client has asked for too many links, and none was mailed", metadata: ["link": "\(old.id.text)"])
                return try await noNewLink(.limited(retryAfter: seconds), facts, context)
            }
            switch try await refresh(old: old, facts: facts, settings: settings, language: language, context: context) {
            case .mail, .onTheWay: return .message(.newLink)
            case .noMail, .refused: return nil
            }
        } catch {
            logger.error(
                "A refresh mail could not be queued",
                metadata: [
                    "link": "\(old.id.text)", "error": "\(error)",
                    RequestContextFacts.logKey: "\(context.requestID ?? "none")",
                ])
            try? await refuse(facts, id: old.id, reason: "refresh-failed", context: context)
            return .message(.refreshFailed)
        }
    }

    private func noNewLink(
        _ reason: NoMailReason, _ facts: RedemptionFacts, _ context: RequestContextFacts
    ) async throws -> RedeemAnswer {
        guard let link = facts.link else { return .message(.linkExpired) }
        try await refuse(facts, id: link.id, reason: reason.word, context: context)
        return .noNewLink(reason)
    }

    private func refuse(
        _ facts: RedemptionFacts, id: UUID, reason: String, context: RequestContextFacts
    ) async throws {
        try await store.audit.record(
            AuditEvent(
                "link.refused", link: id, ticket: facts.link?.ticketNumber, login: facts.link?.customerLogin,
                reason: reason, context: context))
    }
}

/// The browser that a click comes from.
public struct ClickingBrowser: Sendable {
    /// Hash of the form cookie that the click's form was made for.
    public var form: [UInt8]
    /// Hashes of all form cookies that came with the click, that one among them.
    public var forms: [[UInt8]]
    /// Who the browser is signed in as; nil: nobody.
    public var signedIn: SignedIn?
    /// The person has said to go on as somebody else.
    public var isAsked: Bool

    public init(form: [UInt8], forms: [[UInt8]], signedIn: SignedIn? = nil, isAsked: Bool = false) {
        self.form = form
        self.forms = forms
        self.signedIn = signedIn
        self.isAsked = isAsked
    }

    /// The session, if it is that person's.
    func session(of login: String?) -> SignedIn? {
        guard let login, let signedIn, signedIn.customer.login.utf8.elementsEqual(login.utf8) else { return nil }
        return signedIn
    }

    func isAnotherPerson(than login: String?) -> Bool {
        signedIn != nil && session(of: login) == nil
    }
}

extension RedemptionFacts {
    /// The link's ticket, and those that it was merged into.
    fileprivate var chain: [TicketNumber] {
        [link?.ticketNumber].compactMap { $0 } + tickets.compactMap { $0.ticket?.number }
    }
}

/// What a click on a link comes to.
public enum RedeemAnswer: Sendable, Hashable {
    /// The browser gets the session's cookie and goes to the ticket.
    case signedIn(session: UUID, Ticket)
    /// The browser's session shows the ticket already, and goes on as it is.
    case signedInAlready(session: UUID, Ticket)
    /// The browser is signed in as somebody else, and the link would sign in this person: to be asked before it is spent.
    case accountQuestion(owner: CustomerUser)
    /// One of the four texts of the add-on.
    case message(RedeemMessage)
    /// No new link was mailed, and none is on the way.
    case noNewLink(NoMailReason)
    /// The person has a password by now and signs in at the desk.
    case deskLogin(Ticket?)
}

/// The four texts that a customer can be answered with; operators may set each.
public enum RedeemMessage: Sendable, Hashable {
    case linkExpired, wrongLink, newLink, refreshFailed
}

/// A link changed hands faster than it could be read, several times over.
public struct LostEveryRace: Error, CustomStringConvertible {
    public let description = "The link was changed by others each time it was read. Try again."

    public init() {}
}
