import Foundation
import LinkStore
import OneTimeLinks

/// The act of looking up a link request, and mailing one if the address is the stored one of the ticket's customer user.
public struct AnswerLinkRequest: Sendable {
    private let store: LinkStore
    private let keys: KeyRing
    private let keeper: TicketKeeper

    public init(store: LinkStore, keys: KeyRing, keeper: TicketKeeper) {
        self.store = store
        self.keys = keys
        self.keeper = keeper
    }

    /// - Throws: `DeskUnavailable`, `CustomerTableUnreadable`, or an error of the database; the link request is to be looked up again.
    public func callAsFunction(_ linkRequest: LinkRequest, settings: Settings) async throws -> LinkRequestOutcome {
        let (now, tickets) = try await keeper.chain(from: linkRequest.ticketNumber)
        guard let login = tickets.last?.ticket?.customerLogin,
            let customer = try await keeper.customer(login: login, in: store),
            AddressIdentity.isSame(customer.email, linkRequest.email)
        else { return .unknown }
        let facts = IssueFacts(now: now, customer: customer, tickets: tickets)
        switch IssueRules(settings: settings.link).decide(facts) {
        case .refused: return .refused
        // They sign in at the desk, as the page says.
        case .plainURL: return .hasPassword
        case .issue(let ticket, let customer):
            let link = NewLink(
                id: .version7(), ticketNumber: ticket.number, customerLogin: customer.login, recipient: customer.email,
                keyID: keys.signingKeyID, origin: .refresh)
            let mail = NewMail(
                id: .version7(), kind: .refresh, notificationID: settings.tokenRefreshNotificationID,
                language: customer.language ?? linkRequest.language)
            let isQueued = try await store.links.offer(
                requested: link, mail: mail, perMinute: settings.link.refreshMailsPerMinute,
                perHour: settings.link.refreshMailsPerHour, context: linkRequest.context)
            return isQueued ? .mailed : .onTheWay
        }
    }
}

/// What came of a link request. The page does not tell the person who made it.
public enum LinkRequestOutcome: String, Sendable, Hashable {
    case mailed
    /// One is on its way, or enough were mailed lately.
    case onTheWay = "on-the-way"
    /// There is no such ticket, or it is somebody else's.
    case unknown
    /// The ticket or the account is closed.
    case refused
    case hasPassword = "has-password"
    /// The ticket system did not answer for too long, or the link request could not be handled.
    case givenUp = "given-up"
}
