extension OTOBOConnector {
    /// Whether the desk has a dynamic field of that name for tickets, as the newest ticket shows; changes nothing.
    public func checkField(_ name: String) async -> TicketSystemFinding {
        do {
            let newest = try await call(
                .ticketSearch, path: "/Ticket", parameters: [("Limit", "1")], as: OTOBOSearchResult.self
            ).ids.first
            guard let newest else {
                return TicketSystemFinding(.field, .untried, "The desk has no ticket to look for the field in.")
            }
            let answer = try await call(
                .ticketGet, path: "/Ticket/\(newest)", parameters: [("DynamicFields", "1")],
                as: OTOBOFieldsList.self)
            let names = answer.tickets.flatMap { $0.fields ?? [] }.map(\.name.text)
            guard names.contains(name) else {
                let text =
                    "The desk has no valid dynamic field \(name) for tickets, so tickets of new customer users are not marked. "
                    + "Make it at the desk, or take it out of SetCheckBoxName."
                return TicketSystemFinding(.field, .bad, text)
            }
            return TicketSystemFinding(.field, .good, "The dynamic field \(name) is there.")
        } catch {
            return TicketSystemFinding(.field, .bad, "\(error)")
        }
    }
}

/// The answer of `TicketGet` with `DynamicFields=1`, of which only the names count.
private struct OTOBOFieldsList: Decodable, Sendable {
    struct Ticket: Decodable, Sendable {
        var fields: [Field]?

        private enum CodingKeys: String, CodingKey {
            case fields = "DynamicField"
        }
    }

    struct Field: Decodable, Sendable {
        var name: WireText

        private enum CodingKeys: String, CodingKey {
            case name = "Name"
        }
    }

    var tickets: [Ticket]

    private enum CodingKeys: String, CodingKey {
        case tickets = "Ticket"
    }
}
