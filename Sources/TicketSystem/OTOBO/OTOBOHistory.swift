import OneTimeLinks

/// The answer of `TicketHistoryGet`, of which the merges are used.
struct OTOBOHistory: Decodable, Sendable {
    struct OfTicket: Decodable, Sendable {
        var ticketID: WireInteger
        /// Oldest first.
        var entries: LenientList<Entry>

        private enum CodingKeys: String, CodingKey {
            case ticketID = "TicketID"
            case entries = "History"
        }

        /// The ticket that this one was merged into last.
        var mergedInto: TicketNumber? {
            entries.elements.reversed().lazy.compactMap { $0.merge(of: ticketID.value) }.first
        }
    }

    struct Entry: Decodable, Sendable {
        var type: WireText
        var name: WireText

        private enum CodingKeys: String, CodingKey {
            case type = "HistoryType"
            case name = "Name"
        }

        /// The target, if this entry says that the given ticket was merged into another.
        ///
        /// The target's own history has entries of the same type, in which the given ticket stands on the other side.
        func merge(of ticketID: Int64) -> TicketNumber? {
            guard type.text == "Merged", name.text.hasPrefix("%%") else { return nil }
            let parts = name.text.dropFirst(2).split(separator: "%%", omittingEmptySubsequences: false)
            guard parts.count >= 4, Int64(parts[1]) == ticketID, Int64(parts[3]) != ticketID else { return nil }
            return TicketNumber(parts[2])
        }
    }

    var tickets: [OfTicket] { list.elements }
    private let list: LenientList<OfTicket>

    private enum CodingKeys: String, CodingKey {
        case list = "TicketHistory"
    }
}
