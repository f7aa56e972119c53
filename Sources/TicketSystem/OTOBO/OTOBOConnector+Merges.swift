import Logging
import OneTimeLinks

extension OTOBOConnector {
    /// Fills in what merged tickets were merged into, from their histories.
    ///
    /// Where the desk refuses the history, or has none that names a target, the ticket stays merged into nothing.
    /// Transport trouble is thrown instead: it passes, and must not look like a merge into nothing meanwhile.
    func resolvingMerges(_ tickets: [Ticket]) async throws -> [Ticket] {
        let merged = tickets.filter { $0.stateType == .merged }.map(\.ticketID)
        guard !merged.isEmpty else { return tickets }
        let targets = try await mergeTargets(of: merged)
        return tickets.map { ticket in
            var ticket = ticket
            ticket.mergedInto = targets[ticket.ticketID]
            return ticket
        }
    }

    private func mergeTargets(of ids: [Int64]) async throws -> [Int64: TicketNumber] {
        do {
            var targets: [Int64: TicketNumber] = [:]
            for history in try await histories(of: ids) where ids.contains(history.ticketID.value) {
                targets[history.ticketID.value] = history.mergedInto
            }
            return targets
        } catch let error as TicketSystemError where !error.isTransient {
            // One refused history refuses the whole list; by itself, each of the others can be read.
            guard ids.count > 1, error.kind == .refused(errorCode: OTOBOOperation.ticketHistoryGet.accessDenied) else {
                logger.warning(
                    "The history of merged tickets cannot be read.", metadata: ["failure": "\(error.kind)"])
                return [:]
            }
            var targets: [Int64: TicketNumber] = [:]
            for id in ids { targets.merge(try await mergeTargets(of: [id])) { first, _ in first } }
            return targets
        }
    }

    func histories(of ids: [Int64]) async throws -> [OTOBOHistory.OfTicket] {
        try await call(
            .ticketHistoryGet, path: "/TicketHistory/" + ids.map(String.init).joined(separator: ","),
            as: OTOBOHistory.self
        ).tickets
    }
}
