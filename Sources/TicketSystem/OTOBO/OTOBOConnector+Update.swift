import Foundation

extension OTOBOConnector {
    public func setDynamicField(_ name: String, to value: String, ofTicket id: Int64) async throws {
        let operation = OTOBOOperation.ticketUpdate
        let answer = try await call(operation, as: OTOBOUpdateAnswer.self) { key in
            let body = OTOBOUpdate(sessionID: key, dynamicField: .init(name: name, value: value))
            return OTOBORequest(
                method: .patch, url: "\(configuration.url)/Ticket/\(id)", body: Array(try JSONEncoder().encode(body)))
        }
        guard answer.ticketID.value == id else { throw operation.error(.badAnswer(.otherTicket)) }
    }
}

/// The body of `PATCH /Ticket/:TicketID`. It names no ticket: a number in it would override the id in the path.
private struct OTOBOUpdate: Encodable {
    struct DynamicField: Encodable {
        var name: String
        var value: String

        private enum CodingKeys: String, CodingKey {
            case name = "Name"
            case value = "Value"
        }
    }

    var sessionID: String
    var dynamicField: DynamicField

    private enum CodingKeys: String, CodingKey {
        case sessionID = "SessionID"
        case dynamicField = "DynamicField"
    }
}

/// What the desk answers to an update; the types of the two differ from version to version.
struct OTOBOUpdateAnswer: Decodable, Sendable {
    var ticketID: WireInteger

    private enum CodingKeys: String, CodingKey {
        case ticketID = "TicketID"
    }
}
