/// What a mail of ours is about.
public enum MailKind: String, Sendable {
    /// An old link was tried.
    case refresh
    /// Something happened to the ticket.
    case notification
}
