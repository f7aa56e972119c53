import Foundation
import LinkStore
import OneTimeLinks
import TicketSystem

/// The act of taking note that something happened to a ticket at the desk.
///
/// What the desk sends is a hint: only the ticket's id is taken from it, the facts are read at the desk.
public struct TakeDeskEvent: Sendable {
    private let store: LinkStore
    private let keys: KeyRing
    private let keeper: TicketKeeper
    private let onTicket: @Sendable (Ticket, Settings, RequestContextFacts) async throws -> Void

    /// - Parameter onTicket: what else is done with each ticket that is reported, before its first link is mailed; the
    ///   customer user of a newcomer is made there.
    public init(
        store: LinkStore, keys: KeyRing, keeper: TicketKeeper,
        onTicket: @escaping @Sendable (Ticket, Settings, RequestContextFacts) async throws -> Void = { _, _, _ in }
    ) {
        self.store = store
        self.keys = keys
        self.keeper = keeper
        self.onTicket = onTicket
    }

    /// Reads the ticket, keeps its facts, and mails its customer user their first link if `MailFirstLink` says so.
    ///
    /// Safe to repeat: the desk sends an event again when our answer was lost.
    ///
    /// - Throws: `TicketSystemError` or an error of the database; the desk should try again later.
    public func callAsFunction(
        ticketID: Int64, settings: Settings, context: RequestContextFacts
    ) async throws -> DeskEventOutcome {
        let now = try await store.tickets.now()
        guard let number = try await keeper.number(ofTicket: ticketID) else { return .invisible }
        let chain = try await keeper.read(from: number, at: now)
        if let ticket = chain.last?.ticket { try await onTicket(ticket, settings, context) }
        guard settings.mailsFirstLink, let login = chain.last?.ticket?.customerLogin else { return .noted }
        let facts = IssueFacts(
            now: now, customer: try await store.customerUsers.find(login: login), tickets: chain)
        guard case .issue(let ticket, let customer) = IssueRules(settings: settings.link).decide(facts) else {
            return .noted
        }
        let link = NewLink(
            id: .version7(), ticketNumber: ticket.number, customerLogin: customer.login, recipient: customer.email,
            keyID: keys.signingKeyID, origin: .notification)
        let mail = NewMail(
            id: .version7(), kind: .notification, notificationID: nil,
            language: customer.language ?? settings.text(SettingName.defaultLanguage) ?? "en")
        let links = store.links
        let queued = try await links.offer(
            ticketNumber: ticket.number, customerLogin: customer.login, oldLink: nil,
            lifetimeDays: settings.link.linkLifetimeDays, context: context
        ) { _ in
            // Under the lock of person and ticket: a repeated event finds the link of the first.
            let earlier = try await links.list(ticketNumber: ticket.number, customerLogin: customer.login, limit: 1)
            return earlier.isEmpty ? (link, mail) : nil
        }
        return queued.map { .mailed($0) } ?? .noted
    }
}

/// What an event of the desk came to.
public enum DeskEventOutcome: Sendable, Hashable {
    /// The facts are kept.
    case noted
    /// The facts are kept, and the customer user's first link is queued.
    case mailed(QueuedMail)
    /// The desk does not show us the ticket.
    case invisible
}
