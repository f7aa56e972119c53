import Foundation

extension DemoDeskState {
    /// The desk's default `SearchLimit`.
    private static let defaultLimit = 500

    func searchTickets(_ input: OperationInput) throws(OperationFailure) -> DeskJSON {
        let caller = try authenticate(input, for: .ticketSearch)
        let limit = input.text("Limit").flatMap(Int.init) ?? Self.defaultLimit
        // A filter or a sort key that makes no sense finds nothing; an unknown parameter is not even looked at.
        guard let filters = filters(input), let sorted = sorted(candidates(input), input) else { return [:] }
        let found = sorted.filter { ticket in canRead(ticket, caller) && filters.allSatisfy { $0(ticket) } }
        guard !found.isEmpty else { return [:] }
        return ["TicketID": .array(found.prefix(max(0, limit)).map { .text(String($0.ticketID)) })]
    }

    /// A desk with many tickets looks ids up instead of trying them on each ticket.
    private func candidates(_ input: OperationInput) -> [DemoTicket] {
        let ids = Set(input.texts("TicketID"))
        return ids.isEmpty ? Array(tickets.values) : ids.compactMap { Int64($0).flatMap { tickets[$0] } }
    }

    private typealias Filter = (DemoTicket) -> Bool

    private func filters(_ input: OperationInput) -> [Filter]? {
        var filters: [Filter] = []
        func add(_ name: String, _ matches: @escaping (DemoTicket, String) -> Bool) {
            let values = input.texts(name)
            if !values.isEmpty { filters.append { ticket in values.contains { matches(ticket, $0) } } }
        }
        add("TicketNumber") { Self.matches($0.number, pattern: $1) }
        add("Title") { Self.matches($0.title, pattern: $1) }
        let ids = Set(input.texts("TicketID"))
        if !ids.isEmpty { filters.append { ids.contains(String($0.ticketID)) } }
        add("CustomerID") { Self.matches($0.customerID, pattern: $1) }
        add("CustomerUserLogin") { Self.matches($0.customerLogin, pattern: $1) }
        add("States") { $0.state.rawValue == $1 }
        add("Queues") { $0.queue == $1 }
        switch input.text("SearchInArchive") {
        case "AllTickets": break
        case "ArchivedTickets": filters.append { $0.isArchived }
        default: filters.append { !$0.isArchived }
        }
        add("StateType") { ticket, type in
            switch type {
            case "Open": ["new", "open", "pending reminder", "pending auto"].contains(ticket.state.type)
            case "Closed": ticket.state.type == "closed"
            default: ticket.state.type == type
            }
        }
        let times: [(name: String, time: (DemoTicket) -> Date?)] = [
            ("TicketCreateTime", { $0.created }), ("TicketChangeTime", { $0.changed }),
            ("TicketLastChangeTime", { $0.changed }), ("TicketCloseTime", { $0.closed }),
        ]
        for (name, time) in times {
            for isNewer in [true, false] {
                guard let text = input.text(name + (isNewer ? "NewerDate" : "OlderDate")) else { continue }
                guard let limit = wallClock.date(text) else { return nil }
                filters.append { ticket in
                    guard let time = time(ticket) else { return false }
                    return isNewer ? time >= limit : time <= limit
                }
            }
        }
        return filters
    }

    /// Newest first unless the input says otherwise; nil for a sort key that is none.
    private func sorted(_ tickets: [DemoTicket], _ input: OperationInput) -> [DemoTicket]? {
        let key: (DemoTicket) -> Date
        switch input.text("SortBy") ?? "Age" {
        case "Age", "TicketNumber": key = { $0.created }
        case "Changed": key = { $0.changed }
        default: return nil
        }
        let descending = tickets.sorted { (key($0), $0.ticketID) > (key($1), $1.ticketID) }
        return input.text("OrderBy") == "Up" ? descending.reversed() : descending
    }

    /// `*` and `%` stand for any text; upper and lower case are the same.
    private static func matches(_ text: String, pattern: String) -> Bool {
        let parts = pattern.lowercased().split(omittingEmptySubsequences: false) { $0 == "*" || $0 == "%" }
        let text = text.lowercased()
        guard let first = parts.first, let last = parts.last, parts.count > 1 else {
            return text == pattern.lowercased()
        }
        guard text.hasPrefix(first), text.count >= first.count + last.count, text.hasSuffix(last) else { return false }
        var rest = text.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}
