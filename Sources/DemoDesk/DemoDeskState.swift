import Foundation

/// Everything that the stand-in desk knows, in memory.
///
/// Tests and the admin side change it directly; the web service reads and changes it as the real one does.
public actor DemoDeskState {
    public let configuration: DemoDeskConfiguration
    let wallClock: DeskWallClock
    var tickets: [Int64: DemoTicket] = [:]
    var sessions: [String: DemoSession] = [:]
    var faults = DemoFaults()
    var requests: [DemoRequestRecord] = []
    private var lastTicketID: Int64 = 0
    private var lastArticleID: Int64 = 0

    public init(configuration: DemoDeskConfiguration) {
        self.configuration = configuration
        wallClock = DeskWallClock(timeZone: configuration.timeZone)
    }

    var now: Date { configuration.now() }

    /// The ticket with the number, hidden or not.
    public func ticket(_ number: String) -> DemoTicket? {
        tickets.values.first { $0.number == number }
    }

    /// All tickets, oldest first.
    public var allTickets: [DemoTicket] {
        tickets.values.sorted { $0.ticketID < $1.ticketID }
    }

    /// Puts a ticket in exactly as it is, history included. For tests that need given ids, numbers and times.
    public func seed(_ ticket: DemoTicket) {
        tickets[ticket.ticketID] = ticket
        lastTicketID = max(lastTicketID, ticket.ticketID)
        lastArticleID = max(lastArticleID, ticket.articles.map(\.articleID).max() ?? 0)
    }

    func nextTicketID() -> Int64 {
        lastTicketID += 1
        return lastTicketID
    }

    func nextArticleID() -> Int64 {
        lastArticleID += 1
        return lastArticleID
    }

    func announce(_ name: DemoDeskEvent.Name, of ticket: DemoTicket) {
        configuration.onEvent(
            DemoDeskEvent(
                name: name, ticketID: ticket.ticketID, ticketNumber: ticket.number,
                articleID: name == .articleCreate ? ticket.articles.last?.articleID : nil))
    }
}

/// A mistake of whoever directs the stand-in desk.
public enum DemoDeskError: Error, Hashable, CustomStringConvertible {
    case noSuchTicket(String)
    case invalid(String)

    public var description: String {
        switch self {
        case .noSuchTicket(let number): "There is no ticket \(number)."
        case .invalid(let what): what
        }
    }
}
