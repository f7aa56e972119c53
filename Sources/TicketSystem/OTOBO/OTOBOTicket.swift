import Foundation
import OneTimeLinks

/// The answer of `TicketGet`.
struct OTOBOTicketList: Decodable, Sendable {
    var tickets: [OTOBOTicket]

    private enum CodingKeys: String, CodingKey {
        case tickets = "Ticket"
    }
}

/// A ticket as `TicketGet` sends it; of its forty fields those that we use.
struct OTOBOTicket: Decodable, Sendable {
    var ticketID: WireInteger
    var number: WireText
    var title: WireText?
    var state: WireText
    var stateType: WireText
    var queue: WireText?
    var customerLogin: WireText?
    var customerID: WireText?
    var changed: WireText?
    /// Only with `Extended=1`; the latest close, which stays after a reopening.
    var closed: WireText?
    var articles: [OTOBOArticle]?

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
        let login = customerLogin?.text ?? ""
        return Ticket(
            number: number, ticketID: ticketID.value, title: title?.text ?? "", state: state.text, stateType: stateType,
            customerLogin: login.isEmpty ? nil : login, customerID: customerID?.text ?? "",
            closedAt: stateType == .closed ? closed.flatMap { times.date(from: $0.text) } : nil,
            mergedInto: nil, queue: queue?.text ?? "")
    }
}
