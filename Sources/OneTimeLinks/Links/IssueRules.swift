import Foundation

/// Everything that decides whether a customer user may get a link.
public struct IssueFacts: Sendable {
    /// The database's clock.
    public var now: Date
    /// Nil: no such customer user.
    public var customer: CustomerUser?
    /// The facts about the ticket and about those that it was merged into, in order; not stale.
    public var tickets: [TicketFacts]

    public init(now: Date, customer: CustomerUser?, tickets: [TicketFacts]) {
        self.now = now
        self.customer = customer
        self.tickets = tickets
    }
}

/// May a customer user get a link to a ticket?
public enum IssueDecision: Hashable, Sendable {
    /// Yes: to this ticket, which is the one at the end of the chain of merges, at the stored address.
    case issue(Ticket, CustomerUser)
    /// The person has a password and gets the plain ticket URL.
    case plainURL(Ticket)
    case refused(IssueRefusal)
}

/// Why no link is made.
public enum IssueRefusal: Hashable, Sendable {
    case customerUnknown, customerInvalid
    case ticket(TicketRefusal)
}

/// The rules of issuing: pure functions over facts.
public struct IssueRules: Sendable {
    public var settings: LinkSettings

    public init(settings: LinkSettings) {
        self.settings = settings
    }

    /// Decides at `facts.now`.
    public func decide(_ facts: IssueFacts) -> IssueDecision {
        guard let customer = facts.customer else { return .refused(.customerUnknown) }
        guard customer.isValid else { return .refused(.customerInvalid) }
        let access = TicketAccess.judge(
            chain: facts.tickets, login: customer.login, accessDays: settings.accessDaysAfterClose, at: facts.now)
        switch access {
        case .refused(let refusal): return .refused(.ticket(refusal))
        case .granted(let ticket, _):
            return settings.plainURLWithPassword && customer.hasPassword
                ? .plainURL(ticket) : .issue(ticket, customer)
        }
    }
}
