import IncomingMail
import LinkStore
import OneTimeLinks
import TicketSystem

extension OutboxWorker {
    /// What decides whether a link that nobody asked for goes out: asked again here, since a second copy of the mail that began
    /// the ticket may have had a worse verdict since, and a program of the release before asks nothing when it queues.
    ///
    /// - Throws: `TicketSystemError` where the desk has to be asked and does not answer, or an error of the database.
    func firstLink(of mail: ClaimedMail, ticket: Ticket?, settings: Settings) async throws -> FirstLinkFacts? {
        guard let first = mail.firstLink else { return nil }
        let policy = try await InboundPolicy(settings: settings, store: store)
        if MailJudge(policy: policy).reason(forAddress: mail.recipient) != nil {
            return FirstLinkFacts(verdict: .robot)
        }
        let remembered = try await store.mailVerdicts.find([first.verdictKey].compactMap(\.self))
        var facts = FirstLinkFacts(verdict: remembered.map(\.verdict).max() ?? .noMail)
        if !first.isJudged {
            if let desk, let ticket {
                let judge = TicketJudge(store: store, desk: desk)
                facts.verdict = try await judge(ticket, addresses: [], policy: policy).verdict
            }
            let before = try await store.outbox.firstLinks(to: mail.recipient, before: mail.createdAt)
            facts.isOverLimit = before >= settings.firstLinksPerAddressAndHour
        }
        return facts
    }
}
