import OneTimeLinks
import TicketSystem

/// Why a row of the add-on becomes no link.
public enum AddOnRefusal: String, Error, Sendable, CaseIterable, Codable {
    case incomplete
    case notAToken = "not-a-token"
    case notATicketNumber = "not-a-ticket-number"
    case notALogin = "not-a-login"
    case notUsedOrUnused = "not-used-or-unused"
    case notATime = "not-a-time"
    case customerUnknown = "customer-unknown"

    /// For people.
    public var explanation: String {
        switch self {
        case .incomplete: "a field is missing"
        case .notAToken: "the token is not 24 letters and digits"
        case .notATicketNumber: "the ticket number is none"
        case .notALogin: "the login is empty or has more than 200 characters"
        case .notUsedOrUnused: "the column used has no number"
        case .notATime: "the time is none"
        case .customerUnknown: "there is no customer user of that login with an address; see: otalink customer import"
        }
    }
}

extension AddOnRecord {
    /// The link that the row stands for.
    ///
    /// - Parameter times: how the desk writes times; they carry no zone.
    func link(times: DeskTimeFormat) throws(AddOnRefusal) -> AddOnLink {
        guard let token, let ticketNumber, let login, let used, let createdAt else { throw .incomplete }
        guard let token = AddOnToken(token) else { throw .notAToken }
        guard let number = TicketNumber(ticketNumber) else { throw .notATicketNumber }
        guard (1...200).contains(login.unicodeScalars.count), !login.utf8.contains(0) else { throw .notALogin }
        guard let isUsed = Self.flag(used) else { throw .notUsedOrUnused }
        guard let created = times.date(from: Self.wholeSeconds(createdAt)) else { throw .notATime }
        let changed = changedAt.flatMap { times.date(from: Self.wholeSeconds($0)) }
        return AddOnLink(
            token: token, ticketNumber: number, customerLogin: login, usedAt: isUsed ? changed ?? created : nil,
            createdAt: created, row: place.row)
    }

    /// Any number above 0 is a use; PostgreSQL may write a boolean.
    private static func flag(_ text: String) -> Bool? {
        switch text {
        case "t", "true": true
        case "f", "false": false
        default: Int(text).map { $0 > 0 }
        }
    }

    /// Without fractions, which some columns have.
    private static func wholeSeconds(_ text: String) -> String {
        text.replacing("T", with: " ", maxReplacements: 1).split(separator: ".").first.map(String.init) ?? ""
    }
}
