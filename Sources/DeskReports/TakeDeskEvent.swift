import Foundation
import LinkActs
import LinkStore
import OneTimeLinks
import TicketSystem

/// The act of working off what the desk reported of a ticket (`DeskEvents` keeps it).
///
/// What the desk reports is a hint: names and ids are taken from it, the facts are read at the desk.
public struct TakeDeskEvent: Sendable {
    private let store: LinkStore
    private let keys: KeyRing
    private let keeper: TicketKeeper
    private let reception: DeskReception

    public init(store: LinkStore, keys: KeyRing, keeper: TicketKeeper, reception: DeskReception) {
        self.store = store
        self.keys = keys
        self.keeper = keeper
        self.reception = reception
    }

    /// Reads the ticket, keeps its facts, and mails its customer user what the notifications of the event say; where no
    /// notification is for new tickets, their first link if `MailFirstLink` says so. What a program began, or what wants no
    /// automatic answer, is not answered.
    ///
    /// Of a ticket that the desk does not show, the stored facts say so.
    ///
    /// Safe to repeat, also at the same time on several replicas: each event is mailed at most once.
    ///
    /// - Throws: `TicketSystemError`, `CustomerTableUnreadable` or an error of the database; it is to be tried again later.
    public func callAsFunction(
        _ hint: DeskEventHint, settings: Settings, context: RequestContextFacts
    ) async throws -> DeskEventOutcome {
        let now = try await store.tickets.now()
        guard let number = try await keeper.number(ofTicket: hint.ticketID) else {
            try await store.tickets.markUnseen(ticketID: hint.ticketID)
            return hint.isDeletion ? .noted : .invisible
        }
        let chain = try await keeper.read(from: number, at: now)
        if let ticket = chain.last?.ticket {
            try await reception.welcome(ticket, event: hint.event, settings: settings, context: context)
        }
        guard let ticket = chain.first?.ticket, let news = try await news(hint, of: ticket, settings: settings),
            let recipient = try await recipient(chain, at: now, settings: settings)
        else { return .noted }
        // Somebody with a password needs no first link. An operator who misses the mail finds the reason.
        if news.isFirstLink, recipient.hasPassword {
            return try await withhold("has-password", hint, from: recipient, context: context)
        }
        let hasHadLink = try await !store.links.list(
            ticketNumber: recipient.ticket.number, customerLogin: recipient.customer.login, limit: 1
        ).isEmpty
        if news.isFirstLink, hasHadLink { return .noted }
        var judgement = TicketJudgement(verdict: .noMail)
        // An agent's answer goes out whatever it answers.
        if news.event != .articleCreate {
            judgement = try await judge(chain, for: recipient.customer, settings: settings)
            guard judgement.verdict.allowsNews(of: news.event, hasHadLink: hasHadLink) else {
                return try await withhold(judgement.reason, hint, from: recipient, context: context)
            }
        }
        let queued = try await queue(
            news, to: recipient, judgement: judgement, settings: settings, context: context)
        switch queued {
        case .queued(let mail): return .mailed(mail)
        case .told: return .noted
        case .limited: return try await withhold("too-many-first-links", hint, from: recipient, context: context)
        }
    }

    private typealias Recipient = (ticket: Ticket, customer: CustomerUser, hasPassword: Bool)

    /// Of a merged ticket, both beginnings count: its own, and that of the ticket that its link leads to.
    private func judge(
        _ chain: [TicketFacts], for customer: CustomerUser, settings: Settings
    ) async throws -> TicketJudgement {
        var judgements: [TicketJudgement] = []
        for ticket in [chain.first?.ticket, chain.count > 1 ? chain.last?.ticket : nil].compactMap(\.self) {
            judgements.append(try await reception.judge(ticket, for: customer, settings: settings))
        }
        return judgements.max { $0.verdict < $1.verdict } ?? TicketJudgement(verdict: .unread)
    }

    /// Told in the audit trail once for a ticket: the desk reports much that happens to one.
    private func withhold(
        _ reason: String, _ hint: DeskEventHint, from recipient: Recipient, context: RequestContextFacts
    ) async throws -> DeskEventOutcome {
        if hint.event == .ticketCreate {
            try await store.audit.record(
                AuditEvent(
                    "mail.withheld", ticket: recipient.ticket.number, login: recipient.customer.login, reason: reason,
                    context: context))
        }
        return .withheld(reason)
    }

    /// What is to be mailed of an event.
    private struct News {
        /// Nil: a first link is mailed, whatever happened.
        var event: NotificationEvent?
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
                    return News(event: event, eventKey: happening.key, notificationIDs: notifications.map(\.id))
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
    ) async throws -> Recipient? {
        guard let login = chain.last?.ticket?.customerLogin,
            let customer = try await keeper.customer(login: login, in: store)
        else { return nil }
        let facts = IssueFacts(now: now, customer: customer, tickets: chain)
        switch IssueRules(settings: settings.link).decide(facts) {
        case .issue(let ticket, _): return (ticket, customer, false)
        case .plainURL(let ticket): return (ticket, customer, true)
        case .refused: return nil
        }
    }

    private func queue(
        _ news: News, to recipient: Recipient, judgement: TicketJudgement, settings: Settings,
        context: RequestContextFacts
    ) async throws -> EventMail {
        let customer = recipient.customer
        let link = NewLink(
            id: .version7(), ticketNumber: recipient.ticket.number, customerLogin: customer.login,
            recipient: customer.email, keyID: keys.signingKeyID, origin: .notification)
        let language = customer.language ?? settings.text(SettingName.defaultLanguage) ?? "en"
        let isAnswer = news.event == .articleCreate || news.event == .ticketClose
        let origin = isAnswer ? nil : FirstLinkOrigin(verdictKey: judgement.key)
        let mails = news.notificationIDs.map { id in
            NewMail(id: .version7(), kind: .notification, notificationID: id, language: language, firstLink: origin)
        }
        return try await store.links.offer(
            link, in: mails, eventKey: news.eventKey, isFirst: news.isFirstLink,
            firstLinksPerHour: settings.firstLinksPerAddressAndHour, context: context)
    }
}

/// What an event of the desk came to.
public enum DeskEventOutcome: Sendable, Hashable {
    /// The facts are kept.
    case noted
    /// The facts are kept, and a mail to the customer user is queued; of several, the first.
    case mailed(QueuedMail)
    /// The facts are kept, and a mail that the settings ask for is not sent; the word says why.
    case withheld(String)
    /// The desk does not show us the ticket.
    case invisible
}
