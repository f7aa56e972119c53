import Foundation
import LinkStore
import OneTimeLinks
import Synchronization

/// The act of mailing a new link because an old one was tried.
public struct RefreshLink: Sendable {
    private let store: LinkStore
    private let keys: KeyRing

    public init(store: LinkStore, keys: KeyRing) {
        self.store = store
        self.keys = keys
    }

    /// Makes a new link for the person of an old one, and queues the mail that carries it, in one transaction.
    ///
    /// The rules are asked once more under the lock of the person and ticket, so that of many requests at the same
    /// instant, over all replicas, one queues a mail and the others find it on the way.
    ///
    /// - Parameter facts: as they were when the rules asked for a mail.
    /// - Returns: what the rules said under the lock.
    public func callAsFunction(
        old: Link, facts: RedemptionFacts, settings: Settings, language: String, context: RequestContextFacts
    ) async throws -> RefreshDecision {
        guard let ticket = facts.tickets.last?.ticket, let customer = facts.customer else {
            return .refused(.linkExpired(.unknown))
        }
        let rules = RedemptionRules(settings: settings.link)
        let link = NewLink(
            id: .version7(), ticketNumber: ticket.number, customerLogin: customer.login, recipient: customer.email,
            keyID: keys.signingKeyID, origin: .refresh)
        let mail = NewMail(
            id: .version7(), kind: .refresh, notificationID: settings.tokenRefreshNotificationID,
            language: customer.language ?? language)
        // Written by the closure, which runs once or not at all, before the transaction ends.
        let decision = Mutex(RefreshDecision.onTheWay)
        let queued = try await store.links.offer(
            ticketNumber: ticket.number, customerLogin: customer.login, oldLink: old.id,
            chain: [old.ticketNumber] + facts.tickets.dropFirst().compactMap { $0.ticket?.number },
            lifetimeDays: settings.link.linkLifetimeDays, context: context
        ) { locked in
            guard var locked else { return nil }
            locked.tickets = facts.tickets
            let decided = rules.decideRefresh(locked)
            decision.withLock { $0 = decided }
            return decided == .mail ? (link, mail) : nil
        }
        let decided = decision.withLock { $0 }
        // Nothing was queued although it was decided: then the old link is gone.
        return queued == nil && decided == .mail ? .refused(.linkExpired(.unknown)) : decided
    }
}
