extension OTOBOConnector {
    /// Whether the desk has a dynamic field of that name for tickets, as the newest ticket shows, and whether otalink's agent may set
    /// it there. Changes nothing: it is set to the value that it has, which the desk passes over.
    public func checkField(_ name: String) async -> [TicketSystemFinding] {
        do {
            let newest = try await call(
                .ticketSearch, path: "/Ticket", parameters: [("Limit", "1")], as: OTOBOSearchResult.self
            ).ids.first
            guard let newest else {
                return [TicketSystemFinding(.field, .untried, "The desk has no ticket to look for the field in.")]
            }
            let answer = try await call(
                .ticketGet, path: "/Ticket/\(newest)", parameters: [("DynamicFields", "1")],
                as: OTOBOFieldsList.self)
            guard let field = answer.tickets.flatMap({ $0.fields ?? [] }).first(where: { $0.name.text == name }) else {
                let text =
                    "The desk has no valid dynamic field \(name) for tickets, so tickets of new customer users are not marked. "
                    + "Make it at the desk, or take it out of SetCheckBoxName."
                return [TicketSystemFinding(.field, .bad, text)]
            }
            return [
                TicketSystemFinding(.field, .good, "The dynamic field \(name) is there."),
                await checkWriting(name, value: field.value?.value?.text, ofTicket: newest),
            ]
        } catch {
            return [TicketSystemFinding(.field, .bad, "\(error)")]
        }
    }

    private func checkWriting(_ name: String, value: String?, ofTicket id: Int64) async -> TicketSystemFinding {
        guard let value, !value.isEmpty else {
            let text =
                "The field is not set at the newest ticket, so setting it cannot be tried without a change. otalink's agent needs the "
                + "permission rw on the queues of new tickets."
            return TicketSystemFinding(.writing, .untried, text)
        }
        do {
            try await setDynamicField(name, to: value, ofTicket: id)
            return TicketSystemFinding(.writing, .good, "otalink's agent may set the field.")
        } catch let error as TicketSystemError {
            guard case .refused(let code) = error.kind, code.hasSuffix("AccessDenied") else {
                return TicketSystemFinding(.writing, .bad, "\(error)")
            }
            let text =
                "otalink's agent may not set the field (\(code)): give it the permission rw on the queues of new tickets."
            return TicketSystemFinding(.writing, .bad, text)
        } catch {
            return TicketSystemFinding(.writing, .untried, "The check was cancelled.")
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
        /// One value; fields with several have a list here, which is no text.
        var value: Lenient<WireText>?

        private enum CodingKeys: String, CodingKey {
            case name = "Name"
            case value = "Value"
        }
    }

    var tickets: [Ticket]

    private enum CodingKeys: String, CodingKey {
        case tickets = "Ticket"
    }
}
