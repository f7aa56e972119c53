import Foundation

/// The public number of a ticket, as it stands in subjects and URLs.
///
/// One to 50 ASCII letters, digits, `-` or `_`: every number generator of the OTOBO family stays within
/// that, and nothing in it needs escaping in a URL, a header or a search pattern.
public struct TicketNumber: Hashable, Sendable, Codable, CustomStringConvertible, Comparable {
    /// The number as the desk writes it.
    public let text: String

    /// Nil when the text cannot be a ticket number.
    public init?(_ text: some StringProtocol) {
        let isAllowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isAllowed, (1...50).contains(text.utf8.count) else { return nil }
        // A number is stored and logged as it is; who writes a token in its place is not to have that done to the token.
        guard !ForeignText.mayHoldToken(text) else { return nil }
        self.text = String(text)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let number = try TicketNumber(container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a ticket number")
        }
        self = number
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    public var description: String { text }

    public static func < (left: TicketNumber, right: TicketNumber) -> Bool { left.text < right.text }
}

/// The kind of state a ticket is in; the desk's own states ("closed successful") each have one.
public enum TicketStateType: Hashable, Sendable {
    case new, open, pendingReminder, pendingAuto, closed, removed, merged
    /// A kind that an administrator added at the desk; it counts as open.
    case other(String)

    /// From the desk's `StateType`; the spelling is the one of the OTOBO family.
    public init(_ text: String) {
        self = Self.known.first { $0.text == text } ?? .other(text)
    }

    /// The desk's spelling.
    public var text: String {
        switch self {
        case .new: "new"
        case .open: "open"
        case .pendingReminder: "pending reminder"
        case .pendingAuto: "pending auto"
        case .closed: "closed"
        case .removed: "removed"
        case .merged: "merged"
        case .other(let text): text
        }
    }

    private static let known: [TicketStateType] = [
        .new, .open, .pendingReminder, .pendingAuto, .closed, .removed, .merged,
    ]
}

/// A ticket as the desk told it: the facts that the rules need, and what the pages and mails show of it.
public struct Ticket: Hashable, Sendable {
    public var number: TicketNumber
    /// The desk's numeric id.
    public var ticketID: Int64
    public var title: String
    /// The state by name, as the desk shows it to people.
    public var state: String
    public var stateType: TicketStateType
    /// Login of the customer user whose ticket this is (the desk's `CustomerUserID`); nil when it has none.
    public var customerLogin: String?
    /// The company or group of the customer user (the desk's `CustomerID`).
    public var customerID: String
    /// The *last* close. The desk keeps it after a reopening, so it says nothing unless the ticket is closed.
    public var closedAt: Date?
    /// The ticket that this one was merged into; nil unless `stateType` is `merged`.
    public var mergedInto: TicketNumber?
    /// The queue's name, for the sender address and the notifications.
    public var queue: String

    public init(
        number: TicketNumber, ticketID: Int64, title: String, state: String, stateType: TicketStateType,
        customerLogin: String?, customerID: String, closedAt: Date?, mergedInto: TicketNumber?, queue: String
    ) {
        self.number = number
        self.ticketID = ticketID
        self.title = title
        self.state = state
        self.stateType = stateType
        self.customerLogin = customerLogin
        self.customerID = customerID
        self.closedAt = closedAt
        self.mergedInto = mergedInto
        self.queue = queue
    }
}
