import MailMessage

/// What the filter made of an incoming mail. The mail goes on in every case.
public enum InboundOutcome: Sendable, Hashable {
    /// The sender is a customer user, and the mail now names them.
    case known(login: String)
    /// The sender has become a customer user, and the mail now names them.
    case created(login: String)
    /// A program sent it.
    case robot(RobotReason)
    /// Nobody can be named as the sender.
    case noSender(SenderRefusal)
    /// The sender's account is switched off: the mail names nobody, and no second account is made.
    case switchedOff
    /// Nobody is known under the address, and the settings create nobody.
    case unknown
    /// The settings name a backend that we cannot write to.
    case foreignBackend
    /// The backend's table does not take an account of such an address.
    case refusedByBackend
    /// The backend lets us create nobody.
    case backendReadOnly
    /// The desk has backends that we cannot look into, or nobody has said which it has: the sender may be known there.
    case backendsUnread
    /// Somebody with another address has the login that the account would have had.
    case loginTaken
    /// The mail named a customer user already, and the settings trust that.
    case namedBefore
    /// The sender's address is longer than the desk's columns.
    case addressTooLong
    /// The customer user's login or customer id cannot stand in a header field, or is longer than the desk's columns.
    case unwritable
    /// The mail answers a ticket that is there; nobody is created for it.
    case followUp
    /// The mail is marked with a ticket that we do not know, and the desk cannot be asked: it decides, and tells of a new ticket.
    case unknownTicket
    /// Our mail server did not vouch for the sender.
    case unauthenticated
    /// Too many accounts were created within the hour.
    case limited
    /// The filter failed, and the mail goes on all the same.
    case undecided

    /// A short word for logs and the audit trail; holds nothing of the mail.
    public var word: String {
        switch self {
        case .known: "known"
        case .created: "created"
        case .robot(let reason): "robot-\(reason.rawValue)"
        case .noSender(let refusal): "no-sender-\(refusal)"
        case .switchedOff: "switched-off"
        case .unknown: "unknown"
        case .foreignBackend: "foreign-backend"
        case .refusedByBackend: "refused-by-backend"
        case .backendReadOnly: "backend-read-only"
        case .backendsUnread: "backends-unread"
        case .loginTaken: "login-taken"
        case .namedBefore: "named-before"
        case .addressTooLong: "address-too-long"
        case .unwritable: "unwritable"
        case .followUp: "follow-up"
        case .unknownTicket: "unknown-ticket"
        case .unauthenticated: "unauthenticated"
        case .limited: "limited"
        case .undecided: "undecided"
        }
    }

    /// The customer user that the mail names.
    public var login: String? {
        switch self {
        case .known(let login), .created(let login): login
        default: nil
        }
    }
}

/// What the filter did to a mail.
public struct FilteredMail: Sendable {
    /// The header section to pass on; the body stays as it is.
    public var header: HeaderBlock
    public var outcome: InboundOutcome
    /// How many forged fields were taken out.
    public var removedFields: Int
    /// Who said whether the mail answers a ticket; nil: that was not asked.
    public var answerSource: FollowUps.Source?
}
