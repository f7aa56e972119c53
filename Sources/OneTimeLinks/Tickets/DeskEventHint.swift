/// What the desk says has happened; a hint of which nothing counts but names and ids.
public struct DeskEventHint: Sendable, Hashable {
    /// The ticket, by the desk's id.
    public var ticketID: Int64
    /// Nil: something else, or the desk does not say.
    public var event: NotificationEvent?
    /// The article that an event is about, by the desk's id; nil: the desk does not say.
    public var articleID: Int64?
    /// The desk says that the ticket is deleted.
    public var isDeletion: Bool

    public init(
        ticketID: Int64, event: NotificationEvent? = nil, articleID: Int64? = nil, isDeletion: Bool = false
    ) {
        self.ticketID = ticketID
        self.event = event
        self.articleID = articleID
        self.isDeletion = isDeletion
    }
}
