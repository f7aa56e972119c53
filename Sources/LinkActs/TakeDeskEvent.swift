import Foundation
import LinkStore
import OneTimeLinks
import TicketSystem

/// The act of taking note that something happened to a ticket at the desk.
///
/// What the desk sends is a hint: names and ids are taken from it, the facts are read at the desk.
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

    /// Reads the ticket, keeps its facts, and mails its customer user what the notifications of the event say; where no
    /// notification is for new tickets, their first link if `MailFirstLink` says so.
    ///
    /// A deletion is written down before the desk is asked, so that no link of the ticket is spent meanwhile, and is answered also while the
    /// desk is away. Of any other ticket that the desk does not show, the stored facts say so at once.
    ///
    /// Safe to repeat: the desk sends an event again when our answer was lost, and each is mailed at most once.
    ///
    /// - Throws: `TicketSystemError` or an error of the database; the desk should try again later.
    public func callAsFunction(
        _ hint: DeskEventHint, settings: Settings, context: RequestContextFacts
    ) async throws -> DeskEventOutcome {
        if hint.isDeletion { try await store.tickets.markUnseen(ticketID: hint.ticketID) }
        let now = try await store.tickets.now()
        let shown: TicketNumber?
        do {
            shown = try await keeper.number(ofTicket: hint.ticketID)
        } catch is TicketSystemError where hint.isDeletion {
            return .noted
        }
        guard let number = shown else {
            try await store.tickets.markUnseen(ticketID: hint.ticketID)
            return hint.isDeletion ? .noted : .invisible
        }
        let chain = try await keeper.read(from: number, at: now)
        if let ticket = chain.last?.ticket { try await onTicket(ticket, settings, context) }
        guard let ticket = chain.first?.ticket, let news = try await news(hint, of: ticket, settings: settings),
            let recipient = try await recipient(chain, at: now, settings: settings)
        else { return .noted }
        let queued = try await queue(news, to: recipient, settings: settings, context: context)
        return queued.map { .mailed($0) } ?? .noted
    }

    /// What is to be mailed of an event.
    private struct News {
        var eventKey: String?
        /// The notifications that say it; a nil among them is the built-in text.
        var notificationIDs: [Int?]
        /// The person must not have had a link for the ticket before.
        var isFirstLink = false
    }

    private func news(_ hint: DeskEventHint, of ticket: Ticket, settings: Settings) async throws -> News? {
        var eventKey: String?
        if let event = hint.event {
            let notifications = try await store.notifications.find(event: event)
            let isAnnounced = !notifications.isEmpty || event == .ticketCreate
            if isAnnounced, let happening = try await keeper.happening(hint, to: ticket) {
                if !notifications.isEmpty {
                    return News(eventKey: happening.key, notificationIDs: notifications.map(\.id))
                }
                eventKey = happening.key
            }
        }
        guard settings.mailsFirstLink, try await store.notifications.find(event: .ticketCreate).isEmpty else {
            return nil
        }
        return News(eventKey: eventKey, notificationIDs: [nil], isFirstLink: true)
    }

    /// Who is told, and of which ticket: a merged one leads to the ticket that it was merged into.
    private func recipient(
        _ chain: [TicketFacts], at now: Date, settings: Settings
    ) async throws -> (ticket: Ticket, customer: CustomerUser, hasPassword: Bool)? {
        guard let login = chain.last?.ticket?.customerLogin,
            let customer = try await store.customerUsers.find(login: login)
        else { return nil }
        let facts = IssueFacts(now: now, customer: customer, tickets: chain)
        switch IssueRules(settings: settings.link).decide(facts) {
        case .issue(let ticket, _): return (ticket, customer, false)
        case .plainURL(let ticket): return (ticket, customer, true)
        case .refused: return nil
        }
    }

    private func queue(
        _ news: News, to recipient: (ticket: Ticket, customer: CustomerUser, hasPassword: Bool), settings: Settings,
        context: RequestContextFacts
    ) async throws -> QueuedMail? {
        // Somebody with a password needs no first link.
        if news.isFirstLink, recipient.hasPassword { return nil }
        let customer = recipient.customer
        let link = NewLink(
            id: .version7(), ticketNumber: recipient.ticket.number, customerLogin: customer.login,
            recipient: customer.email, keyID: keys.signingKeyID, origin: .notification)
        let language = customer.language ?? settings.text(SettingName.defaultLanguage) ?? "en"
        let mails = news.notificationIDs.map { id in
            NewMail(id: .version7(), kind: .notification, notificationID: id, language: language)
        }
        return try await store.links.offer(
            link, in: mails, eventKey: news.eventKey, isFirst: news.isFirstLink, context: context)
    }
}

/// What an event of the desk came to.
public enum DeskEventOutcome: Sendable, Hashable {
    /// The facts are kept.
    case noted
    /// The facts are kept, and a mail to the customer user is queued; of several, the first.
    case mailed(QueuedMail)
    /// The desk does not show us the ticket.
    case invisible
}
