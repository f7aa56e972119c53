import Logging
import OneTimeLinks

extension OTOBOConnector {
    public func ticket(id: Int64) async throws -> TicketReading {
        try await tickets(ids: [id])[id] ?? .invisible
    }

    public func ticket(number: TicketNumber) async throws -> TicketReading {
        try await tickets(numbers: [number])[number] ?? .invisible
    }

    public func tickets(numbers: [TicketNumber]) async throws -> [TicketNumber: TicketReading] {
        var readings = Dictionary(numbers.map { ($0, TicketReading.invisible) }) { first, _ in first }
        let ids = try await search(numbers: numbers, stateTypes: [])
        for case .ticket(let ticket) in try await tickets(ids: ids.sorted()).values {
            // The search takes numbers for patterns; only what was asked for may come through.
            guard readings[ticket.number] != nil else { throw OTOBOOperation.ticketGet.error(.badAnswer(.otherTicket)) }
            readings[ticket.number] = .ticket(ticket)
        }
        return readings
    }

    public func tickets(ids: [Int64]) async throws -> [Int64: TicketReading] {
        var readings: [Int64: TicketReading] = [:]
        // Not sent: the desk takes an id of zero for a missing parameter and refuses the whole list.
        for id in ids { readings[id] = .invisible }
        let askable = readings.keys.filter { $0 > 0 }.sorted()
        for batch in askable.batches(ofAtMost: Self.ticketsPerCall) {
            for ticket in try await resolvingMerges(visibleTickets(among: batch)) {
                readings[ticket.ticketID] = .ticket(ticket)
            }
        }
        return readings
    }

    /// Seen on a desk with four workers: 50 tickets with close times take 180 ms.
    private static let ticketsPerCall = 50

    /// Reads those of the tickets that the desk shows.
    ///
    /// The desk refuses a whole list for one id that it does not show, without saying which. A search tells that in
    /// one call; where even its finds are refused, halving the list does.
    private func visibleTickets(among ids: [Int64]) async throws -> [Ticket] {
        if let tickets = try await list(ids) { return tickets }
        guard ids.count > 1 else { return [] }
        var candidates = ids
        do {
            let found = try await search(ids: ids, stateTypes: [])
            candidates = ids.filter(found.contains)
            if candidates.count < ids.count, let tickets = try await list(candidates) { return tickets }
        } catch let error as TicketSystemError where !error.isTransient {
            logger.debug("The search could not tell which tickets are visible.", metadata: ["failure": "\(error.kind)"])
        }
        return try await visibleTicketsByHalving(candidates)
    }

    /// At most two calls for each id: a list is halved only after it was refused.
    private func visibleTicketsByHalving(_ ids: [Int64]) async throws -> [Ticket] {
        guard ids.count > 1 else { return try await list(ids) ?? [] }
        var tickets: [Ticket] = []
        for half in [ids[..<(ids.count / 2)], ids[(ids.count / 2)...]].map(Array.init) {
            if let visible = try await list(half) {
                tickets += visible
            } else if half.count > 1 {
                tickets += try await visibleTicketsByHalving(half)
            }
        }
        return tickets
    }

    /// Reads exactly the tickets of the list, or answers nil when the desk refuses it.
    private func list(_ ids: [Int64]) async throws -> [Ticket]? {
        guard !ids.isEmpty else { return [] }
        let operation = OTOBOOperation.ticketGet
        do {
            let answer = try await call(
                operation, path: "/Ticket/" + ids.map(String.init).joined(separator: ","),
                parameters: [("Extended", "1")], as: OTOBOTicketList.self)
            guard Set(answer.tickets.map(\.ticketID.value)) == Set(ids) else {
                throw operation.error(.badAnswer(.otherTicket))
            }
            return try answer.tickets.map(ticket(from:))
        } catch let error as TicketSystemError where error.kind == .refused(errorCode: operation.accessDenied) {
            return nil
        }
    }

    private func ticket(from wire: OTOBOTicket) throws -> Ticket {
        guard let ticket = wire.ticket(times: times) else {
            throw OTOBOOperation.ticketGet.error(.badAnswer(.unexpectedShape))
        }
        if ticket.stateType == .closed, ticket.closedAt == nil {
            logger.warning("A closed ticket has no readable close time.", metadata: ["ticket": "\(ticket.number)"])
        }
        return ticket
    }
}

extension Array {
    /// The elements in order, in groups.
    func batches(ofAtMost size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
