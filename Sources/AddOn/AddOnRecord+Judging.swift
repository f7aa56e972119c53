import OneTimeLinks
import TicketSystem

/// Why a row of the add-on becomes no link.
public enum AddOnRefusal: String, Error, Sendable, CaseIterable, Codable {
    case incomplete
    case notAToken = "not-a-token"
    case notATicketNumber = "not-a-ticket-number"
    case notALogin = "not-a-login"
    case notAState = "not-a-state"
    case notATime = "not-a-time"
    case customerUnknown = "customer-unknown"

    /// For people.
    public var explanation: String {
        switch self {
        case .incomplete: "a field is missing"
        case .notAToken: "the token is not 24 letters and digits"
        case .notATicketNumber: "the ticket number is none"
        case .notALogin: "the login is empty or has more than 200 characters"
        case .notAState: "the column used is none of 0, 1 and 2"
        case .notATime: "the time is none"
        case .customerUnknown: "there is no customer user of that login with an address; see: otalink customer import"
        }
    }
}

extension AddOnRecord {
    /// The link that the row stands for; nil if the row is one that the add-on takes for expired.
    ///
    /// - Parameter times: how the desk writes times; they carry no zone.
    func link(times: DeskTimeFormat) throws(AddOnRefusal) -> AddOnLink? {
        guard let token, let ticketNumber, let login, let used, let createdAt else { throw .incomplete }
        guard let token = AddOnToken(token) else { throw .notAToken }
        guard let number = TicketNumber(ticketNumber) else { throw .notATicketNumber }
        guard (1...200).contains(login.unicodeScalars.count), !login.utf8.contains(0) else { throw .notALogin }
        guard let state = Self.state(used) else { throw .notAState }
        guard let created = times.date(from: Self.wholeSeconds(createdAt)) else { throw .notATime }
        let changed = changedAt.flatMap { times.date(from: Self.wholeSeconds($0)) }
        if state == .expired { return nil }
        return AddOnLink(
            token: token, ticketNumber: number, customerLogin: login,
            usedAt: state == .spent ? changed ?? created : nil, createdAt: created, row: place.row)
    }

    /// What the column `used` says; it is no flag.
    private enum State: Int {
        /// The add-on writes no such row, and answers a click on one as if there were none.
        case expired = 0
        /// By a click, or because a newer token of the ticket took its place. Both look the same.
        case spent = 1
        /// The one token of its ticket that signs in.
        case active = 2
    }

    private static func state(_ text: String) -> State? { Int(text).flatMap(State.init) }

    /// Without fractions, which some columns have.
    private static func wholeSeconds(_ text: String) -> String {
        text.replacing("T", with: " ", maxReplacements: 1).split(separator: ".").first.map(String.init) ?? ""
    }
}
