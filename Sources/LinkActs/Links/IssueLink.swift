import Foundation
import LinkStore
import OneTimeLinks

/// The act of making a link for a caller who has it in hand: a program with an API key, or an operator.
public struct IssueLink: Sendable {
    private let store: LinkStore
    private let keys: KeyRing
    private let keeper: TicketKeeper

    public init(store: LinkStore, keys: KeyRing, keeper: TicketKeeper) {
        self.store = store
        self.keys = keys
        self.keeper = keeper
    }

    /// Makes a link that is active at once, or says why there is none.
    ///
    /// - Parameters:
    ///   - id: made beforehand; a repeat with the same id makes no second link.
    ///   - actor: who asked, for the audit trail.
    ///   - allowance: how many tokens the caller may make; nil: any number.
    ///   - call: answered together with the making of the link.
    /// - Throws: `DeskUnavailable`, `CustomerTableUnreadable`, `AnsweredMeanwhile`, `TokenAllowanceUsedUp`, or an error of the database.
    public func callAsFunction(
        id: UUID = .version7(), ticketNumber: TicketNumber, customerLogin: String, settings: Settings,
        allowance: TokenAllowance? = nil, actor: String, answering call: ClaimedCall? = nil,
        context: RequestContextFacts
    ) async throws -> IssueAnswer {
        let (now, tickets) = try await keeper.chain(from: ticketNumber)
        let facts = IssueFacts(
            now: now, customer: try await keeper.customer(login: customerLogin, in: store), tickets: tickets)
        switch IssueRules(settings: settings.link).decide(facts) {
        case .refused(let refusal): return .refused(refusal)
        case .plainURL(let ticket): return .plainURL(ticket)
        case .issue(let ticket, let customer):
            let keyID = keys.signingKeyID
            guard let token = keys.sign(id, as: .link, keyID: keyID) else { throw SigningKeyMissing() }
            let link = NewLink(
                id: id, ticketNumber: ticket.number, customerLogin: customer.login, recipient: customer.email,
                keyID: keyID, origin: .api)
            try await store.links.issueActive(
                link, allowance: allowance, actor: actor, answering: call, context: context)
            return .issued(link: id, keyID: keyID, token: token, ticket)
        }
    }
}

/// What became of a call for a link.
public enum IssueAnswer: Sendable, Hashable {
    /// The token is a secret: it goes to the caller and into no log.
    case issued(link: UUID, keyID: String, token: String, Ticket)
    /// The person has a password and gets the plain ticket URL.
    case plainURL(Ticket)
    case refused(IssueRefusal)
}

/// The key ring has no key of the id that a link names.
public struct SigningKeyMissing: Error, CustomStringConvertible {
    public let description =
        "The secret key that signs this link is not in the key ring any more. Put it back; see: otalink keys list"

    public init() {}
}
