import Foundation
import LinkStore
import OneTimeLinks
import TicketSystem

/// Reads many tickets at once at the desk, each with those that it was merged into.
struct ReadTicketChains {
    /// No chain of merges is followed further.
    private static let longest = 16

    /// A ticket, and then those that it was merged into, one after the other.
    typealias Chain = [(number: TicketNumber, ticket: Ticket?)]

    let desk: any TicketSystem

    /// The chain of each of the tickets; one that the desk does not show is alone in its chain, and nil. Nil in place of a chain: the
    /// desk's answer about the ticket, or about one that it was merged into, cannot be understood.
    ///
    /// - Throws: `TicketSystemError`.
    func callAsFunction(_ tickets: [TicketWithLinks]) async throws -> [Chain?] {
        var known = try await readByID(tickets)
        var wanted = Set(tickets.map(\.number)).subtracting(known.keys)
        for _ in 0..<Self.longest {
            if !wanted.isEmpty {
                let readings = try await desk.tickets(numbers: wanted.sorted())
                for number in wanted { known[number] = readings[number] ?? .invisible }
            }
            wanted = Set(known.values.compactMap { $0.ticket?.mergedInto }).subtracting(known.keys)
            if wanted.isEmpty { break }
        }
        return tickets.map { chain(from: $0.number, known) }
    }

    /// By the desk's ids, which takes one call less. Those that it shows under another number are left out.
    private func readByID(_ tickets: [TicketWithLinks]) async throws -> [TicketNumber: TicketReading] {
        let ids = tickets.compactMap(\.ticketID)
        guard !ids.isEmpty else { return [:] }
        let readings = try await desk.tickets(ids: ids)
        var known: [TicketNumber: TicketReading] = [:]
        for ticket in tickets {
            guard let id = ticket.ticketID else { continue }
            let reading = readings[id] ?? .invisible
            if reading.ticket.map({ $0.number == ticket.number }) ?? true { known[ticket.number] = reading }
        }
        return known
    }

    private func chain(from number: TicketNumber, _ known: [TicketNumber: TicketReading]) -> Chain? {
        var chain: Chain = []
        var next: TicketNumber? = number
        while let current = next, chain.count < Self.longest, !chain.contains(where: { $0.number == current }) {
            guard let reading = known[current] else { break }
            if reading == .unreadable { return nil }
            chain.append((current, reading.ticket))
            next = reading.ticket?.mergedInto
        }
        return chain
    }
}
