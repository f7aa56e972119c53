/// The first article of a ticket, as far as it tells who began the ticket, and how.
///
/// The desk keeps no more of a mail's header than this, or does not hand it out.
public struct TicketOrigin: Hashable, Sendable {
    public var sender: TicketArticle.Sender
    /// True if a mail came in, as far as the desk tells; false for a call, a form or a note.
    public var isMail: Bool
    /// The fields of the mail, decoded; empty where there is none.
    public var from: String
    public var to: String
    public var subject: String
    /// With its angle brackets.
    public var messageID: String

    public init(
        sender: TicketArticle.Sender, isMail: Bool, from: String, to: String = "", subject: String = "",
        messageID: String = ""
    ) {
        self.sender = sender
        self.isMail = isMail
        self.from = from
        self.to = to
        self.subject = subject
        self.messageID = messageID
    }
}
