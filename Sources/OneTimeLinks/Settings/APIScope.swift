/// What the holder of an API key may do.
public enum APIScope: String, Sendable, CaseIterable {
    /// Make links, and have them in hand.
    case issueLinks = "links:issue"
    /// Take back links and sessions.
    case revokeLinks = "links:revoke"
    /// Have incoming mail filtered.
    case inboundMail = "mail:inbound"
    /// Have outgoing mail filtered.
    case outboundMail = "mail:outbound"
    /// Report that something happened to a ticket.
    case deskEvents = "desk:events"
    /// Look at links and sessions.
    case read
}
