import Foundation
import OneTimeLinks

/// Tells a browser that had access to a ticket, and no other, that the ticket is gone: deleted at the desk, or not shown to us any more.
struct GoneTicket: Sendable {
    let service: LinkServiceDependencies

    /// - Parameter session: the browser's, also where it gives nothing any more but for the ticket that is gone.
    func isGone(_ number: TicketNumber?, session: UUID?, _ settings: Settings) async throws -> Bool {
        guard let number, let session, let facts = try await service.store.sessions.facts(id: session),
            try await hadAccess(to: number, facts, SessionRules(settings: settings.link))
        else { return false }
        let last = try await service.store.tickets.chain(from: number).last
        return last.map { $0.ticket == nil || $0.ticket?.stateType == .removed } ?? false
    }

    private func hadAccess(to number: TicketNumber, _ facts: SessionFacts, _ rules: SessionRules) async throws -> Bool {
        switch rules.judge(facts) {
        case .valid, .ended(.ticket): break
        case .ended: return false
        }
        let login = facts.session.customerLogin
        let held = facts.grants.compactMap { rules.judge($0, login: login, at: facts.now)?.grant }
        if held.contains(where: { $0.ticketNumber == number }) { return true }
        guard held.contains(where: \.showsAllTickets) else { return false }
        return try await !service.store.links.list(ticketNumber: number, customerLogin: login, limit: 1).isEmpty
    }
}
