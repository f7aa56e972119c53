import Foundation
import LinkStore
import OneTimeLinks

/// The act of making a link for a mail that another program sends to its customer user.
public struct OfferLink: Sendable {
    private let store: LinkStore
    private let keys: KeyRing
    private let keeper: TicketKeeper

    public init(store: LinkStore, keys: KeyRing, keeper: TicketKeeper) {
        self.store = store
        self.keys = keys
        self.keeper = keeper
    }

    /// Makes a link that becomes active once the mail server has taken the mail, or says what the mail gets instead.
    ///
    /// - Parameter allowance: how many tokens the caller may make; nil: any number.
    /// - Throws: `DeskUnavailable`, `CustomerTableUnreadable`, or an error of the database.
    public func callAsFunction(
        _ wanted: LinkOffer, allowance: TokenAllowance? = nil, settings: Settings, actor: String,
        context: RequestContextFacts
    ) async throws -> OfferAnswer {
        let (now, tickets) = try await keeper.chain(from: wanted.ticketNumber)
        let login = wanted.customerLogin ?? tickets.last?.ticket?.customerLogin
        var customer: CustomerUser?
        if let login { customer = try await keeper.customer(login: login, in: store) }
        let facts = IssueFacts(now: now, customer: customer, tickets: tickets)
        switch IssueRules(settings: settings.link).decide(facts) {
        // Whom we do not know may well have a password at the desk.
        case .refused(.customerUnknown): return .plainURL(wanted.ticketNumber, customer)
        case .refused(let refusal): return .refused(refusal, customer)
        case .plainURL(let ticket): return .plainURL(ticket.number, customer)
        case .issue(let ticket, let customer):
            guard AddressIdentity.isSame(customer.email, wanted.recipient) else {
                return .plainURL(ticket.number, customer)
            }
            let link = NewLink(
                id: .version7(), ticketNumber: ticket.number, customerLogin: customer.login, recipient: customer.email,
                keyID: keys.signingKeyID, origin: .notification)
            let offered: (id: UUID, keyID: String)
            do {
                offered = try await store.outboundLinks.offer(
                    link, mailKey: wanted.mailKey, allowance: allowance, actor: actor, context: context)
            } catch is TokenAllowanceUsedUp {
                // The mail has to get out, so that the customer reads it; they can ask for a link themselves.
                return .limited(ticket.number, customer)
            }
            guard let token = keys.sign(offered.id, as: .link, keyID: offered.keyID) else { throw SigningKeyMissing() }
            return .offered(link: offered.id, token: token)
        }
    }
}
