import OneTimeLinks

/// What became of an attempt to send a mail.
public enum MailOutcome: Sendable, Hashable {
    case sent
    /// Another attempt follows. `isOutcomeUnknown`: this one may have delivered the mail all the same.
    case postponed(isOutcomeUnknown: Bool)
    /// Given up; the older link keeps working.
    case dead
    case dropped(DropReason)
    /// The database did not take the outcome: the claim lapses, and the mail is repeated with the same Message-ID.
    case unrecorded

    /// A short word for logs and counters.
    public var word: String {
        switch self {
        case .sent: "sent"
        case .postponed(isOutcomeUnknown: false): "postponed"
        case .postponed(isOutcomeUnknown: true): "postponed-outcome-unknown"
        case .dead: "dead"
        case .dropped(let reason): "dropped-\(reason.word)"
        case .unrecorded: "unrecorded"
        }
    }
}
