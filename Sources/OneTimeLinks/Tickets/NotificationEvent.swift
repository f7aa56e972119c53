/// What happens to a ticket that its customer may be told of.
public enum NotificationEvent: String, Sendable, CaseIterable {
    /// A ticket was made.
    case ticketCreate = "TicketCreate"
    /// An agent wrote something that the customer may read.
    case articleCreate = "ArticleCreate"
    /// A ticket went into a closed state.
    case ticketClose = "TicketClose"

    /// From the name that the desk's invoker posts, or that a notification of the desk names.
    ///
    /// The OTOBO family has no event for a close: `TicketStateUpdate` may be one, and the ticket's state tells.
    public init?(deskName: String) {
        switch deskName {
        case "TicketCreate": self = .ticketCreate
        case "ArticleCreate": self = .articleCreate
        case "TicketClose", "TicketStateUpdate": self = .ticketClose
        default: return nil
        }
    }

    /// The desk's event at which this may have happened.
    public var deskName: String { self == .ticketClose ? "TicketStateUpdate" : rawValue }
}
