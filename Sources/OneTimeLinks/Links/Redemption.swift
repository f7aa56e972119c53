import Foundation

/// Everything that decides what the click on a link does; read in one statement, so that it is of one moment.
public struct RedemptionFacts: Sendable {
    /// The database's clock.
    public var now: Date
    /// Nil: no such link, or it was deleted.
    public var link: Link?
    /// Nil: no such customer user (any more).
    public var customer: CustomerUser?
    /// The facts about the link's ticket and about those that it was merged into, in order. Empty: never read.
    public var tickets: [TicketFacts]
    /// There is a newer link of the same person for the same ticket, active and within its lifetime.
    public var hasNewerActiveLink: Bool
    /// There is a newer link of the same person for the same ticket whose mail is on the way.
    public var hasNewerOfferedLink: Bool
    /// Refresh mails queued for this person and ticket within the last minute, and within the last hour.
    public var refreshMails: (lastMinute: Int, lastHour: Int)
    /// When the oldest refresh mail that counts within the hour was queued; says when the next is allowed.
    public var oldestRefreshMailAt: Date?
    /// The newest of those refresh mails was refused for good; it went to the address that is stored now.
    public var isMailRefused: Bool
    /// The session that this link opened, if it still stands.
    public var openSession: UUID?

    public init(
        now: Date, link: Link?, customer: CustomerUser?, tickets: [TicketFacts], hasNewerActiveLink: Bool = false,
        hasNewerOfferedLink: Bool = false, refreshMails: (lastMinute: Int, lastHour: Int) = (0, 0),
        oldestRefreshMailAt: Date? = nil, isMailRefused: Bool = false, openSession: UUID? = nil
    ) {
        self.now = now
        self.link = link
        self.customer = customer
        self.tickets = tickets
        self.hasNewerActiveLink = hasNewerActiveLink
        self.hasNewerOfferedLink = hasNewerOfferedLink
        self.refreshMails = refreshMails
        self.oldestRefreshMailAt = oldestRefreshMailAt
        self.isMailRefused = isMailRefused
        self.openSession = openSession
    }
}

/// What the click on a link does.
public enum RedemptionDecision: Hashable, Sendable {
    /// The link is spent, a session begins on the ticket. The session is over with the ticket at `until`, if set.
    case signIn(Ticket, until: Date?)
    /// A double click or a reload: the session of a moment ago goes on.
    case signInAgain(session: UUID, Ticket)
    /// The browser has a grant for the ticket already, and is led there.
    case signedInAlready(Ticket)
    /// `OneTimeAuth::CustomerErrorMessageLinkExpired`.
    case linkExpired(LinkExpiredReason)
    /// `OneTimeAuth::CustomerErrorMessageWrongLink`.
    case wrongLink
    /// `OneTimeAuth::CustomerErrorMessageNewLink`: one is on the way; with `mail`, it is to be made and mailed first.
    case newLink(mail: Bool)
    /// No new link is mailed now, and none is on the way.
    case noNewLink(NoMailReason)
    /// The person has a password by now and signs in at the desk.
    case deskLogin
}

/// Why a link does not work; for the audit trail, the customer sees one text.
public enum LinkExpiredReason: Hashable, Sendable {
    case unknown, revoked, customerGone, customerInvalid
    case ticket(TicketRefusal)

    /// A short word for logs and the audit trail.
    public var word: String {
        switch self {
        case .unknown: "unknown"
        case .revoked: "revoked"
        case .customerGone: "customer-gone"
        case .customerInvalid: "customer-invalid"
        case .ticket(let refusal): "ticket-\(refusal.rawValue)"
        }
    }
}

/// Why no new link is mailed although an old one gives a right to it.
public enum NoMailReason: Hashable, Sendable {
    /// Too many were mailed lately; the next is allowed in so many seconds.
    case limited(retryAfter: Int)
    /// The last one was refused for good by the mail server of the stored address.
    case refused

    /// A short word for logs and the audit trail.
    public var word: String {
        switch self {
        case .limited: "limited"
        case .refused: "mail-refused"
        }
    }
}

/// Why a click that would mail a new link at any other time does not now.
public enum RefreshDecision: Hashable, Sendable {
    /// A new link is to be made and mailed.
    case mail
    /// One is on the way already.
    case onTheWay
    /// None is mailed now, and none is on the way.
    case noMail(NoMailReason)
    /// The link gives no right to a new one: the answer is the same as a click on it would give.
    case refused(RedemptionDecision)
}

/// The rules of redeeming: pure functions over facts.
public struct RedemptionRules: Sendable {
    /// How long a click of the same browser counts as a double click, in seconds.
    public static let replayGrace: TimeInterval = 10

    public var settings: LinkSettings

    public init(settings: LinkSettings) {
        self.settings = settings
    }

    /// Decides what the click of a browser on a link does.
    ///
    /// - Parameters:
    ///   - facts: as they stand at `facts.now`; the facts about the tickets are not stale.
    ///   - browser: hashes of the form cookies that came with the click.
    ///   - hasGrant: the browser's session is this person's and has a grant for the ticket.
    public func decide(
        _ facts: RedemptionFacts, browser: [[UInt8]], hasGrant: Bool = false
    ) -> RedemptionDecision {
        switch standing(facts) {
        case .refused(let reason): return .linkExpired(reason)
        case .good(let ticket, let until): return .signIn(ticket, until: until)
        case .old(let link, let ticket):
            if hasGrant { return .signedInAlready(ticket) }
            if let session = sessionToResume(facts, link: link, browser: browser) {
                return .signInAgain(session: session, ticket)
            }
            return decideOld(facts)
        }
    }

    /// Decides about a person's request for a fresh link instead of an old one, from the page `WrongLink`.
    public func decideRefresh(_ facts: RedemptionFacts) -> RefreshDecision {
        switch standing(facts) {
        case .refused(let reason): return .refused(.linkExpired(reason))
        // Whoever holds a good link needs no mail; the page does not offer it.
        case .good(let ticket, let until): return .refused(.signIn(ticket, until: until))
        case .old:
            if sendsToDesk(facts) { return .refused(.deskLogin) }
            if facts.hasNewerOfferedLink { return .onTheWay }
            return reasonForNoMail(facts).map(RefreshDecision.noMail) ?? .mail
        }
    }

    /// True while a link made at `createdAt` has not outlived `LinkLifetime`.
    public func isWithinLifetime(createdAt: Date, at now: Date) -> Bool {
        guard settings.linkLifetimeDays > 0 else { return true }
        return now < createdAt.addingTimeInterval(TimeInterval(settings.linkLifetimeDays) * 86_400)
    }

    // MARK: -

    /// What the link is worth before the person's other links are looked at.
    private enum Standing {
        case good(Ticket, until: Date?)
        case old(Link, Ticket)
        case refused(LinkExpiredReason)
    }

    private func standing(_ facts: RedemptionFacts) -> Standing {
        guard let link = facts.link else { return .refused(.unknown) }
        if link.state == .revoked { return .refused(.revoked) }
        guard let customer = facts.customer else { return .refused(.customerGone) }
        guard customer.isValid else { return .refused(.customerInvalid) }
        let access = TicketAccess.judge(
            chain: facts.tickets, login: link.customerLogin, accessDays: settings.accessDaysAfterClose, at: facts.now)
        switch access {
        case .refused(let refusal): return .refused(.ticket(refusal))
        case .granted(let ticket, let until):
            let isUnspent = link.state == .offered || link.state == .active
            let isForThisAddress = AddressIdentity.isSame(link.recipient, customer.email)
            guard isUnspent, isForThisAddress, isWithinLifetime(createdAt: link.createdAt, at: facts.now) else {
                return .old(link, ticket)
            }
            return .good(ticket, until: until)
        }
    }

    private func decideOld(_ facts: RedemptionFacts) -> RedemptionDecision {
        if sendsToDesk(facts) { return .deskLogin }
        if facts.hasNewerActiveLink { return .wrongLink }
        if facts.hasNewerOfferedLink { return .newLink(mail: false) }
        return reasonForNoMail(facts).map(RedemptionDecision.noNewLink) ?? .newLink(mail: true)
    }

    /// Nil when a refresh mail may be queued now. One that was refused counts for an hour: the next would be refused too.
    private func reasonForNoMail(_ facts: RedemptionFacts) -> NoMailReason? {
        if facts.isMailRefused { return .refused }
        return secondsUntilNextRefresh(facts).map(NoMailReason.limited)
    }

    private func sessionToResume(_ facts: RedemptionFacts, link: Link, browser: [[UInt8]]) -> UUID? {
        guard link.state == .used, let usedAt = link.usedAt, let usedBy = link.usedByBrowser, browser.contains(usedBy),
            facts.now.timeIntervalSince(usedAt) < Self.replayGrace
        else { return nil }
        return facts.openSession
    }

    private func sendsToDesk(_ facts: RedemptionFacts) -> Bool {
        settings.plainURLWithPassword && facts.customer?.hasPassword == true
    }

    /// Nil when a refresh mail may be queued now.
    private func secondsUntilNextRefresh(_ facts: RedemptionFacts) -> Int? {
        if facts.refreshMails.lastHour >= settings.refreshMailsPerHour {
            let end = facts.oldestRefreshMailAt.map { $0.addingTimeInterval(3600).timeIntervalSince(facts.now) }
            return max(1, Int((end ?? 3600).rounded(.up)))
        }
        return facts.refreshMails.lastMinute >= settings.refreshMailsPerMinute ? 60 : nil
    }
}
