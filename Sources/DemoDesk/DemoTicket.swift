import Foundation

/// A ticket of the stand-in desk, with everything that its web service shows of it.
public struct DemoTicket: Sendable {
    public var ticketID: Int64
    public var number: String
    public var title: String
    public var queue: String
    public var state: DemoState
    public var priority: DemoPriority = .normal
    public var customerLogin: String
    public var customerID: String
    /// Login of the owner and of the agent who made it.
    public var owner: String
    public var created: Date
    public var changed: Date
    /// The last close; stays after a reopening.
    public var closed: Date?
    public var pendingUntil: Date?
    public var dynamicFields: [String: DeskJSON] = [:]
    public var articles: [DemoArticle] = []
    public var history: [DemoHistoryEntry] = []
    /// Hidden from every agent, as if otalink's agent had lost the permission on its queue.
    public var isHidden = false
    /// Set aside by the desk's archive system: searches pass over it unless told otherwise, reading it by its id works.
    public var isArchived = false

    public init(
        ticketID: Int64, number: String, title: String, queue: String = "Raw", state: DemoState, customerLogin: String,
        customerID: String, owner: String = "root@localhost", created: Date, changed: Date, closed: Date? = nil,
        pendingUntil: Date? = nil, history: [DemoHistoryEntry] = []
    ) {
        self.ticketID = ticketID
        self.number = number
        self.title = title
        self.queue = queue
        self.state = state
        self.customerLogin = customerLogin
        self.customerID = customerID
        self.owner = owner
        self.created = created
        self.changed = changed
        self.closed = closed
        self.pendingUntil = pendingUntil
        self.history = history
    }
}

/// An article of a ticket.
public struct DemoArticle: Sendable {
    public enum Sender: String, Sendable {
        case agent, system, customer

        /// The desk's id, which it sends as a text.
        var wireID: String {
            switch self {
            case .agent: "1"
            case .system: "2"
            case .customer: "3"
            }
        }
    }

    public var articleID: Int64
    public var sender: Sender
    public var isVisibleForCustomer: Bool
    public var from: String
    public var to: String
    public var subject: String
    public var body: String
    public var mimeType: String
    public var created: Date
    /// When it arrived, where that is another time.
    public var arrived: Date?
    /// What the article has of the mail that it came as; nil: it came in another way.
    public var mail: DemoMailFields?
    public var attachments: [DemoAttachment]

    public init(
        articleID: Int64, sender: Sender, isVisibleForCustomer: Bool, from: String, to: String, subject: String,
        body: String, mimeType: String = "text/plain", created: Date, mail: DemoMailFields? = nil,
        attachments: [DemoAttachment] = []
    ) {
        self.articleID = articleID
        self.sender = sender
        self.isVisibleForCustomer = isVisibleForCustomer
        self.from = from
        self.to = to
        self.subject = subject
        self.body = body
        self.mimeType = mimeType
        self.created = created
        self.mail = mail
        self.attachments = attachments
    }
}

/// The fields of a mail that the desk keeps beside those that every article has; all that it keeps of the header.
public struct DemoMailFields: Sendable, Hashable {
    /// With its angle brackets.
    public var messageID: String
    public var inReplyTo: String
    public var references: String

    public init(messageID: String, inReplyTo: String = "", references: String = "") {
        self.messageID = messageID
        self.inReplyTo = inReplyTo
        self.references = references
    }
}

/// An entry of a ticket's history.
public struct DemoHistoryEntry: Sendable {
    /// The desk's name and id of the entry's type.
    public enum Kind: String, Sendable {
        case newTicket = "NewTicket"
        case emailCustomer = "EmailCustomer"
        case addNote = "AddNote"
        case customerUpdate = "CustomerUpdate"
        case priorityUpdate = "PriorityUpdate"
        case dynamicFieldUpdate = "TicketDynamicFieldUpdate"
        case stateUpdate = "StateUpdate"
        case ticketLinkAdd = "TicketLinkAdd"
        case merged = "Merged"
        case titleUpdate = "TitleUpdate"

        var wireID: Int64 {
            switch self {
            case .newTicket: 1
            case .emailCustomer: 12
            case .addNote: 15
            case .customerUpdate: 21
            case .priorityUpdate: 22
            case .stateUpdate: 27
            case .dynamicFieldUpdate: 28
            case .ticketLinkAdd: 30
            case .merged: 33
            case .titleUpdate: 50
            }
        }
    }

    public var kind: Kind
    public var name: String
    public var articleID: Int64
    public var state: DemoState
    public var created: Date

    public init(kind: Kind, name: String, articleID: Int64, state: DemoState, created: Date) {
        self.kind = kind
        self.name = name
        self.articleID = articleID
        self.state = state
        self.created = created
    }
}

/// The states that a fresh desk has.
public enum DemoState: String, Sendable, CaseIterable {
    case new
    case closedSuccessful = "closed successful"
    case closedUnsuccessful = "closed unsuccessful"
    case open
    case removed
    case pendingReminder = "pending reminder"
    case pendingAutoClose = "pending auto close+"
    case pendingAutoCloseUnsuccessful = "pending auto close-"
    case merged

    /// The desk's `StateType`.
    public var type: String {
        switch self {
        case .new: "new"
        case .closedSuccessful, .closedUnsuccessful: "closed"
        case .open: "open"
        case .removed: "removed"
        case .pendingReminder: "pending reminder"
        case .pendingAutoClose, .pendingAutoCloseUnsuccessful: "pending auto"
        case .merged: "merged"
        }
    }

    var isPending: Bool { type.hasPrefix("pending") }

    /// The desk's id: the position in this list, from one.
    var wireID: Int64 { Int64((Self.allCases.firstIndex(of: self) ?? 0) + 1) }
}

/// The priorities that a fresh desk has.
public enum DemoPriority: String, Sendable, CaseIterable {
    case veryLow = "1 very low"
    case low = "2 low"
    case normal = "3 normal"
    case high = "4 high"
    case veryHigh = "5 very high"

    var wireID: Int64 { Int64((Self.allCases.firstIndex(of: self) ?? 0) + 1) }
}
