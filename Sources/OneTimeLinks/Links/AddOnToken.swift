import Crypto
import Foundation

/// A token of the old add-on: 24 letters and digits, in which case matters.
///
/// Unlike ours it is found by looking, not by its signature, so its SHA-256 is kept; the text is kept nowhere.
public struct AddOnToken: Sendable, Hashable {
    /// The secret itself; goes into no log.
    public let text: String

    /// Nil for anything else.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == Self.length, text.utf8.allSatisfy(\.isLetterOrDigit) else { return nil }
        self.text = String(text)
    }

    /// SHA-256 of the text, 32 bytes.
    public var hash: [UInt8] { Array(SHA256.hash(data: Data(text.utf8))) }

    /// What links of the add-on have in place of the id of a secret key: none signs them.
    public static let keyID = "add-on"

    /// Letters and digits of a token.
    public static let length = 24
}

/// A link of the old add-on, as its table has it.
public struct AddOnLink: Sendable, Hashable {
    public var token: AddOnToken
    public var ticketNumber: TicketNumber
    public var customerLogin: String
    /// When it was spent, or a newer one took its place at the desk; nil: it is the active one of its ticket.
    public var usedAt: Date?
    public var createdAt: Date
    /// Which row of the input it was; decides between links of one second.
    public var row: Int

    public init(
        token: AddOnToken, ticketNumber: TicketNumber, customerLogin: String, usedAt: Date?, createdAt: Date, row: Int
    ) {
        self.token = token
        self.ticketNumber = ticketNumber
        self.customerLogin = customerLogin
        self.usedAt = usedAt
        self.createdAt = createdAt
        self.row = row
    }

    /// Where the link stands among all links: before every one of ours, whose sequences are positive, and among its own kind in
    /// the order of creation. So links may come in any order, and after ours.
    public var sequence: Int64 {
        let seconds = Int64(createdAt.timeIntervalSince1970.rounded(.down))
        return (seconds << 24) + Int64(row & 0xFF_FFFF) - (1 << 62)
    }
}
