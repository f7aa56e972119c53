import Foundation
import LinkStore
import OneTimeLinks

extension RedeemToken {
    /// The request for a fresh link instead of an old one, from the page that says that a newer one exists: the mail server
    /// may have accepted the newer one's mail and lost it.
    ///
    /// - Throws: `DeskUnavailable`, or an error of the database; then nothing was queued.
    public func freshLink(
        link id: UUID, settings: Settings, language: String, context: RequestContextFacts
    ) async throws -> FreshLinkAnswer {
        let facts = try await currentFacts(id: id, settings: settings)
        let decision = RedemptionRules(settings: settings.link).decideRefresh(facts)
        guard decision == .mail, let old = facts.link else { return answer(to: decision, facts) }
        if let seconds = try await secondsToWait(context, settings) { return .noMail(.limited(retryAfter: seconds)) }
        let decided = try await refresh(
            old: old, facts: facts, settings: settings, language: language, context: context)
        return answer(to: decided, facts)
    }

    private func answer(to decision: RefreshDecision, _ facts: RedemptionFacts) -> FreshLinkAnswer {
        switch decision {
        case .mail, .onTheWay: .message(.newLink)
        case .noMail(let reason): .noMail(reason)
        case .refused(.deskLogin): .deskLogin(facts.tickets.last?.ticket)
        // A link that works needs no other.
        case .refused(.signIn), .refused(.signInAgain), .refused(.signedInAlready): .linkWorks
        case .refused: .message(.linkExpired)
        }
    }
}

extension RedeemToken {
    /// How long a client has to wait that has asked for many refresh mails, on whichever replica and for whomever; nil: it need not.
    /// Of several requests at the same instant each counts those before it.
    func secondsToWait(_ context: RequestContextFacts, _ settings: Settings) async throws -> Int? {
        let limit = settings.refreshMailsPerClientAndHour
        guard limit > 0, let client = context.clientAddress else { return nil }
        let mails = try await store.audit.refreshMails(from: client)
        return mails.count < limit ? nil : max(1, Int(mails.seconds.rounded(.up)))
    }
}

/// What a request for a fresh link comes to.
public enum FreshLinkAnswer: Sendable, Hashable {
    case message(RedeemMessage)
    /// None was mailed, and none is on the way.
    case noMail(NoMailReason)
    /// The link itself still signs in.
    case linkWorks
    /// The person has a password by now and signs in at the desk.
    case deskLogin(Ticket?)
}
