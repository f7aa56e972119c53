import Foundation
import OneTimeLinks

/// The answer of `TicketGet`.
struct OTOBOTicketList: Decodable, Sendable {
    var tickets: [OTOBOTicket]
    /// Tickets of the list of which nothing can be said.
    var unreadable: Int

    /// - Throws: if there is no list, or nothing in it can be read.
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let list = try container.decode(LenientList<OTOBOTicket>.self, forKey: .tickets)
        guard list.unreadable == 0 || !list.elements.isEmpty else {
            throw DecodingError.dataCorruptedError(forKey: .tickets, in: container, debugDescription: "no ticket")
        }
        tickets = list.elements
        unreadable = list.unreadable
    }

    private enum CodingKeys: String, CodingKey {
        case tickets = "Ticket"
    }
}

/// A ticket as `TicketGet` sends it; of its forty fields those that we use. Without id, number and state nothing can be decided; any
/// other field of an unexpected type counts as missing.
struct OTOBOTicket: Decodable, Sendable {
    var ticketID: WireInteger
    var number: WireText
    var title: Lenient<WireText>?
    var state: Lenient<WireText>?
    var stateType: WireText
    var queue: Lenient<WireText>?
    var customerLogin: Lenient<WireText>?
    var customerID: Lenient<WireText>?
    var changed: Lenient<WireText>?
    /// Only with `Extended=1`; the latest close, which stays after a reopening.
    var closed: Lenient<WireText>?
    var articles: Lenient<LenientList<OTOBOArticle>>?

    private enum CodingKeys: String, CodingKey {
        case ticketID = "TicketID"
        case number = "TicketNumber"
        case title = "Title"
        case state = "State"
        case stateType = "StateType"
        case queue = "Queue"
        case customerLogin = "CustomerUserID"
        case customerID = "CustomerID"
        case changed = "Changed"
        case closed = "Closed"
        case articles = "Article"
    }

    /// The ticket of the domain, or nil when the desk's number cannot be one.
    ///
    /// The close time is handed on for closed tickets only: the desk keeps it after a reopening, when it means
    /// nothing.
    func ticket(times: DeskTimeFormat) -> Ticket? {
        guard let number = TicketNumber(number.text) else { return nil }
        let stateType = TicketStateType(stateType.text)
        return Ticket(
            number: number, ticketID: ticketID.value, title: title?.value?.text ?? "", state: state?.value?.text ?? "",
            stateType: stateType, customerLogin: login, customerID: customerID?.value?.text ?? "",
            closedAt: stateType == .closed ? closed?.value.flatMap { times.date(from: $0.text) } : nil,
            mergedInto: nil, queue: queue?.value?.text ?? "")
    }

    /// Nil also for a login with U+0000: without it, it could be somebody else's.
    private var login: String? {
        guard let wire = customerLogin?.value, wire.isWhole, !wire.text.isEmpty else { return nil }
        return wire.text
    }
}
