/// What a mail is worth as the beginning of a ticket, from the best to the worst. If a mail has several verdicts, the worst
/// counts.
///
/// Two questions are answered by it, on every road by which a ticket can come in: may its sender become a customer user, and
/// may the ticket's customer user be mailed a link that nobody asked for.
public enum MailVerdict: String, Sendable, CaseIterable, Comparable {
    /// No mail began the ticket: an agent wrote its first article, or took a call.
    case noMail = "no-mail"
    /// A person wrote it.
    case person
    /// A person wrote it by all that the desk stores, but our mail server did not say so where the settings ask for that.
    case unverified
    /// A person wrote it and wants no automatic answer (`X-Auto-Response-Suppress: All`).
    case quiet
    /// The desk has not stored the ticket's first article yet.
    case unread
    /// It came when a limit of new customer users was reached.
    case limited
    /// Our mail server did not authenticate its sender.
    case unauthenticated
    /// Its sender cannot be told for certain.
    case noSender = "no-sender"
    /// A program sent it.
    case robot

    /// True if the sender may become a customer user.
    public var allowsAccount: Bool {
        switch self {
        case .noMail, .person, .quiet: true
        case .unverified, .unread, .limited, .unauthenticated, .noSender, .robot: false
        }
    }

    /// True if the ticket's customer user may be mailed a link without having asked for one.
    public var allowsFirstLink: Bool {
        switch self {
        case .noMail, .person, .unverified: true
        case .quiet, .unread, .limited, .unauthenticated, .noSender, .robot: false
        }
    }

    /// True if news of the ticket may be mailed to its customer user.
    ///
    /// An agent's answer always may: a person decided to write. A close may tell whoever wants no automatic *answer*, and whoever
    /// has had a link for the ticket already.
    public func allowsNews(of event: NotificationEvent?, hasHadLink: Bool) -> Bool {
        switch event {
        case .articleCreate: true
        case .ticketClose: allowsFirstLink || self == .quiet || hasHadLink
        case .ticketCreate, nil: allowsFirstLink
        }
    }

    /// Worse verdicts are greater.
    public static func < (left: MailVerdict, right: MailVerdict) -> Bool { left.badness < right.badness }

    private var badness: Int { Self.allCases.firstIndex(of: self) ?? Self.allCases.count }
}

/// What was found out about the mail that began a ticket.
public struct TicketJudgement: Hashable, Sendable {
    public var verdict: MailVerdict
    /// A short word for logs and the audit trail; holds nothing of the mail.
    public var reason: String
    /// The canonical address that the verdict is about; nil: none can be told.
    public var sender: String?
    /// The name that the mail gives the ticket's customer user; nil: none, or the mail is somebody else's.
    public var customerName: String?
    /// Names the verdict that the filter stored; nil: there is none.
    public var key: MailKey?

    public init(
        verdict: MailVerdict, reason: String? = nil, sender: String? = nil, customerName: String? = nil,
        key: MailKey? = nil
    ) {
        self.verdict = verdict
        self.reason = reason ?? verdict.rawValue
        self.sender = sender
        self.customerName = customerName
        self.key = key
    }
}
