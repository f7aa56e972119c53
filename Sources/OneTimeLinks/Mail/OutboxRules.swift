import Foundation

/// Everything that decides what becomes of a queued mail.
public struct OutboxFacts: Sendable {
    /// The database's clock.
    public var now: Date
    public var kind: MailKind
    /// Where the mail was to go when it was queued.
    public var recipient: String
    public var link: Link
    /// Nil: the customer user is gone.
    public var customer: CustomerUser?
    /// The facts about the link's ticket and about those that it was merged into, in order. Empty: never read.
    public var tickets: [TicketFacts]
    /// Of a mail with a link that nobody asked for; nil: of any other.
    public var firstLink: FirstLinkFacts?

    public init(
        now: Date, kind: MailKind, recipient: String, link: Link, customer: CustomerUser?, tickets: [TicketFacts],
        firstLink: FirstLinkFacts? = nil
    ) {
        self.now = now
        self.kind = kind
        self.recipient = recipient
        self.link = link
        self.customer = customer
        self.tickets = tickets
        self.firstLink = firstLink
    }
}

/// What decides whether a link that nobody asked for goes out.
public struct FirstLinkFacts: Hashable, Sendable {
    /// On the mail that began the ticket, as it stands now, and on the recipient's address.
    public var verdict: MailVerdict
    /// As many first links as an hour allows were mailed to the address before this one.
    public var isOverLimit: Bool

    public init(verdict: MailVerdict, isOverLimit: Bool = false) {
        self.verdict = verdict
        self.isOverLimit = isOverLimit
    }
}

/// What becomes of a queued mail.
public enum OutboxDecision: Hashable, Sendable {
    case send(MailContents)
    /// The news still counts, but its link does not: the mail is queued again with a fresh link, to the address as it
    /// is stored now.
    case renew(Ticket, CustomerUser)
    case drop(DropReason)
}

/// Why a queued mail is not wanted any more.
public enum DropReason: Hashable, Sendable {
    case linkRevoked
    /// Somebody has its token: an earlier attempt has arrived, or another mail of the same event.
    case linkUsed
    case linkSuperseded
    case linkTooOld
    case customerGone, customerInvalid
    case addressChanged
    /// The person signs in at the desk by now.
    case hasPassword
    case ticket(TicketRefusal)
    /// Another mail took its place.
    case renewed
    /// The mail that began the ticket is not to be answered by a program.
    case mail(MailVerdict)
    /// `FirstLinksPerAddressAndHour` were mailed to the address.
    case tooManyFirstLinks

    /// A short word for logs and the audit trail.
    public var word: String {
        switch self {
        case .linkRevoked: "link-revoked"
        case .linkUsed: "link-used"
        case .linkSuperseded: "link-superseded"
        case .linkTooOld: "link-too-old"
        case .customerGone: "customer-gone"
        case .customerInvalid: "customer-invalid"
        case .addressChanged: "address-changed"
        case .hasPassword: "has-password"
        case .ticket(let refusal): "ticket-\(refusal.rawValue)"
        case .renewed: "renewed"
        case .mail(let verdict): "mail-\(verdict.rawValue)"
        case .tooManyFirstLinks: "too-many-first-links"
        }
    }
}

/// The rules of sending: much can have happened since a mail was queued.
public struct OutboxRules: Sendable {
    public var settings: LinkSettings

    public init(settings: LinkSettings) {
        self.settings = settings
    }

    /// Decides at `facts.now`.
    public func decide(_ facts: OutboxFacts) -> OutboxDecision {
        if facts.link.state == .revoked { return .drop(.linkRevoked) }
        if facts.link.state == .used { return .drop(.linkUsed) }
        if let first = facts.firstLink {
            guard first.verdict.allowsFirstLink else { return .drop(.mail(first.verdict)) }
            if first.isOverLimit { return .drop(.tooManyFirstLinks) }
        }
        guard let customer = facts.customer else { return .drop(.customerGone) }
        guard customer.isValid else { return .drop(.customerInvalid) }
        let contents: MailContents
        switch contentsByTicket(facts) {
        case .success(let found): contents = found
        case .failure(let refused): return .drop(.ticket(refused.refusal))
        }
        if settings.plainURLWithPassword, customer.hasPassword {
            guard facts.kind == .notification, contents.ticket != nil else { return .drop(.hasPassword) }
            guard AddressIdentity.isSame(facts.recipient, customer.email) else { return .drop(.addressChanged) }
            return .send(MailContents(way: .ticketPage, ticket: contents.ticket, accessUntil: nil))
        }
        guard let defect = linkDefect(facts, customer: customer) else { return .send(contents) }
        if facts.kind == .notification, let ticket = contents.ticket { return .renew(ticket, customer) }
        return .drop(defect)
    }

    private struct Refused: Error {
        let refusal: TicketRefusal
    }

    /// What was never read refuses nothing: the click on the link will be judged by what the desk says then.
    private func contentsByTicket(_ facts: OutboxFacts) -> Result<MailContents, Refused> {
        guard let last = facts.tickets.last, last.ticket?.mergedInto == nil else {
            return .success(MailContents(way: .link, ticket: nil, accessUntil: nil))
        }
        let access = TicketAccess.judge(
            chain: facts.tickets, login: facts.link.customerLogin, accessDays: settings.accessDaysAfterClose,
            at: facts.now)
        switch access {
        case .granted(let ticket, let until):
            return .success(MailContents(way: .link, ticket: ticket, accessUntil: until))
        case .refused(let refusal): return .failure(Refused(refusal: refusal))
        }
    }

    private func linkDefect(_ facts: OutboxFacts, customer: CustomerUser) -> DropReason? {
        if facts.link.state == .superseded { return .linkSuperseded }
        guard AddressIdentity.isSame(facts.recipient, customer.email),
            AddressIdentity.isSame(facts.link.recipient, customer.email)
        else { return .addressChanged }
        let rules = RedemptionRules(settings: settings)
        return rules.isWithinLifetime(createdAt: facts.link.createdAt, at: facts.now) ? nil : .linkTooOld
    }
}
