import Logging
import OneTimeLinks

extension OTOBOConnector {
    public func ticket(id: Int64) async throws -> TicketReading {
        try await readable(tickets(ids: [id])[id])
    }

    public func ticket(number: TicketNumber) async throws -> TicketReading {
        try await readable(tickets(numbers: [number])[number])
    }

    /// Of one ticket that cannot be read nothing can be decided: that is no answer.
    private func readable(_ reading: TicketReading?) throws -> TicketReading {
        guard reading != .unreadable else { throw OTOBOOperation.ticketGet.error(.badAnswer(.unexpectedShape)) }
        return reading ?? .invisible
    }

    public func tickets(numbers: [TicketNumber]) async throws -> [TicketNumber: TicketReading] {
        var readings = Dictionary(numbers.map { ($0, TicketReading.invisible) }) { first, _ in first }
        let ids = try await search(numbers: numbers, stateTypes: [])
        let byID = try await tickets(ids: ids.sorted()).values
        // Which number an unreadable ticket has is unknown: it may be any that was not seen.
        if byID.contains(.unreadable) { for number in readings.keys { readings[number] = .unreadable } }
        for case .ticket(let ticket) in byID {
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
            let visible = try await visibleTickets(among: batch)
            for id in visible.unreadable { readings[id] = .unreadable }
            for ticket in try await resolvingMerges(visible.tickets) { readings[ticket.ticketID] = .ticket(ticket) }
        }
        return readings
    }

    /// Seen on a desk with four workers: 50 tickets with close times take 180 ms.
    private static let ticketsPerCall = 50

    /// What the desk shows of a list.
    private struct Visible {
        var tickets: [Ticket] = []
        /// Ids of tickets that it shows and of which nothing can be said.
        var unreadable: Set<Int64> = []

        static func + (left: Visible, right: Visible) -> Visible {
            Visible(tickets: left.tickets + right.tickets, unreadable: left.unreadable.union(right.unreadable))
        }
    }

    /// Reads those of the tickets that the desk shows.
    ///
    /// The desk refuses a whole list for one id that it does not show, without saying which. A search tells that in
    /// one call; where even its finds are refused, halving the list does.
    private func visibleTickets(among ids: [Int64]) async throws -> Visible {
        if let visible = try await list(ids) { return visible }
        guard ids.count > 1 else { return Visible() }
        var candidates = ids
        do {
            let found = try await search(ids: ids, stateTypes: [])
            candidates = ids.filter(found.contains)
            if candidates.count < ids.count, let visible = try await list(candidates) { return visible }
        } catch let error as TicketSystemError where !error.isTransient {
            logger.debug("The search could not tell which tickets are visible.", metadata: ["failure": "\(error.kind)"])
        }
        return try await visibleTicketsByHalving(candidates)
    }

    /// At most two calls for each id: a list is halved only after it was refused.
    private func visibleTicketsByHalving(_ ids: [Int64]) async throws -> Visible {
        guard ids.count > 1 else { return try await list(ids) ?? Visible() }
        var all = Visible()
        for half in [ids[..<(ids.count / 2)], ids[(ids.count / 2)...]].map(Array.init) {
            if let visible = try await list(half) {
                all = all + visible
            } else if half.count > 1 {
                all = all + (try await visibleTicketsByHalving(half))
            }
        }
        return all
    }

    /// Reads exactly the tickets of the list, or answers nil when the desk refuses it.
    private func list(_ ids: [Int64]) async throws -> Visible? {
        guard !ids.isEmpty else { return Visible() }
        let operation = OTOBOOperation.ticketGet
        do {
            let answer = try await call(
                operation, path: "/Ticket/" + ids.map(String.init).joined(separator: ","),
                parameters: [("Extended", "1")], as: OTOBOTicketList.self)
            return try visible(answer, among: Set(ids))
        } catch let error as TicketSystemError where error.kind == .refused(errorCode: operation.accessDenied) {
            return nil
        }
    }

    /// A ticket whose entry cannot be read must be among those that are missing; any other difference is somebody else's answer.
    private func visible(_ answer: OTOBOTicketList, among ids: Set<Int64>) throws -> Visible {
        let sent = Set(answer.tickets.map(\.ticketID.value))
        guard sent.isSubset(of: ids), ids.count - sent.count == answer.unreadable else {
            throw OTOBOOperation.ticketGet.error(.badAnswer(.otherTicket))
        }
        var visible = Visible(unreadable: ids.subtracting(sent))
        for wire in answer.tickets {
            guard let ticket = wire.ticket(times: times) else {
                visible.unreadable.insert(wire.ticketID.value)
                continue
            }
            if ticket.stateType == .closed, ticket.closedAt == nil {
                logger.warning("A closed ticket has no readable close time.", metadata: ["ticket": "\(ticket.number)"])
            }
            visible.tickets.append(ticket)
        }
        if !visible.unreadable.isEmpty {
            logger.warning(
                "The desk's answer about tickets cannot be read; they are left alone.",
                metadata: ["ticketIDs": "\(visible.unreadable.sorted().map(String.init).joined(separator: " "))"])
        }
        return visible
    }
}

extension Array {
    /// The elements in order, in groups.
    func batches(ofAtMost size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
