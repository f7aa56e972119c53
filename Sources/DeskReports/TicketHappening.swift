import Foundation
import LinkActs
import LinkStore
import OneTimeLinks

/// Something that happened to a ticket, as its facts bear it out.
enum TicketHappening: Hashable, Sendable {
    case created(ticketID: Int64)
    case answered(ticketID: Int64, articleID: Int64)
    case closed(ticketID: Int64, at: Date)

    var event: NotificationEvent {
        switch self {
        case .created: .ticketCreate
        case .answered: .articleCreate
        case .closed: .ticketClose
        }
    }

    /// The same for every report of the same event, and for no other event.
    var key: String {
        switch self {
        case .created(let ticketID): "\(event.rawValue) \(ticketID)"
        case .answered(let ticketID, let articleID): "\(event.rawValue) \(ticketID) \(articleID)"
        case .closed(let ticketID, let date): "\(event.rawValue) \(ticketID) \(date.ISO8601Format())"
        }
    }
}

extension TicketKeeper {
    /// What of a hint is true: asks the desk where the ticket alone does not tell. Nil: nothing that is mailed.
    ///
    /// - Parameter ticket: the ticket of the hint as it was read just now.
    /// - Throws: `TicketSystemError`.
    func happening(_ hint: DeskEventHint, to ticket: Ticket) async throws -> TicketHappening? {
        switch hint.event {
        case nil: return nil
        case .ticketCreate: return .created(ticketID: ticket.ticketID)
        case .ticketClose:
            guard ticket.stateType == .closed, let date = ticket.closedAt else { return nil }
            return .closed(ticketID: ticket.ticketID, at: date)
        case .articleCreate:
            // At a merge, the desk writes an article of its own into the ticket that ends. What agents had answered there has moved on.
            guard ticket.stateType != .merged else { return nil }
            let articles = try await articles(ofTicket: ticket.ticketID)
            let article = hint.articleID.map { id in articles.first { $0.articleID == id } } ?? articles.last
            guard let article, article.sender == .agent else { return nil }
            return .answered(ticketID: ticket.ticketID, articleID: article.articleID)
        }
    }
}
