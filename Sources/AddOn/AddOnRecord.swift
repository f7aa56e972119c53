import OneTimeLinks

/// A row of the add-on's table as it was read: texts, of which nothing is known to be right.
public struct AddOnRecord: Sendable, Hashable {
    public var place: Place
    /// Its fields by what they mean; nil where the row has none, or NULL.
    public var token, ticketNumber, login, used, changedAt, createdAt: String?

    /// Where in the input it stood.
    public struct Place: Sendable, Hashable, Codable, CustomStringConvertible {
        /// Nil: the input has no lines.
        public var line: Int?
        /// Which of the rows it is, from 1 on; dumps write thousands of them on one line.
        public var row: Int

        /// For people.
        public var description: String { (line.map { "line \($0), " } ?? "") + "row \(row)" }
    }
}

/// Columns of the add-on's table, by what they mean.
public struct AddOnColumns: Sendable {
    /// What a column means.
    public enum Meaning: String, Sendable, CaseIterable {
        case token
        case ticketNumber = "ticket_number"
        case user
        case used
        case changeTime = "change_time"
        case createTime = "create_time"

        /// What releases of the add-on call it.
        var names: [String] {
            switch self {
            case .user: ["user", "user_login", "customer_user", "customer_user_login", "customer_user_id"]
            default: [rawValue]
            }
        }

        /// The time of the last change says no more than when a link was used.
        var isNeeded: Bool { self != .changeTime }
    }

    let named: [Meaning: String]

    /// - Parameter named: columns with names that no release has used.
    public init(named: [Meaning: String] = [:]) {
        self.named = named
    }

    /// Which of the columns has which meaning.
    ///
    /// - Throws: `AddOnInputError.noColumn`.
    func positions(in columns: [String]) throws(AddOnInputError) -> [Meaning: Int] {
        let columns = columns.map { $0.lowercased() }
        var positions: [Meaning: Int] = [:]
        for meaning in Meaning.allCases {
            let names = named[meaning].map { [$0.lowercased()] } ?? meaning.names
            let position = names.lazy.compactMap { columns.firstIndex(of: $0) }.first
            if position == nil, meaning.isNeeded || named[meaning] != nil {
                throw .noColumn(names[0], meaning.rawValue)
            }
            positions[meaning] = position
        }
        return positions
    }
}

/// Takes rows apart by the columns of their table.
struct AddOnRowShape {
    private let positions: [AddOnColumns.Meaning: Int]
    private let width: Int

    init(columns: [String], meanings: AddOnColumns) throws {
        positions = try meanings.positions(in: columns)
        width = columns.count
    }

    /// A row with more or fewer fields than there are columns has none that could be trusted.
    func record(_ fields: [String?], at place: AddOnRecord.Place) -> AddOnRecord {
        func value(_ meaning: AddOnColumns.Meaning) -> String? {
            guard fields.count == width, let position = positions[meaning] else { return nil }
            return fields[position]
        }
        return AddOnRecord(
            place: place, token: value(.token), ticketNumber: value(.ticketNumber), login: value(.user),
            used: value(.used), changedAt: value(.changeTime), createdAt: value(.createTime))
    }
}

/// Why the rows of the add-on cannot be read. The descriptions carry no row's contents.
public enum AddOnInputError: Error, Sendable, Equatable, CustomStringConvertible {
    case noTable(String)
    case noColumn(String, String)
    case columnsUnknown(line: Int)
    case notSQL(line: Int)
    case notCSV(line: Int)
    case cutShort(line: Int)

    public var description: String {
        switch self {
        case .noTable(let table):
            "There is no table \(table) here, and no CSV whose first line names a column token. Name the table with --table."
        case .noColumn(let name, let meaning):
            "The table has no column \(name). Say which one it is with --column \(meaning)=NAME."
        case .columnsUnknown(let line):
            "Line \(line) names no columns, and no CREATE TABLE comes before it. Dump the table with its definition."
        case .notSQL(let line): "Line \(line) is nothing that mysqldump, mariadb-dump or pg_dump write."
        case .notCSV(let line): "The record of line \(line) is no CSV: quotation marks do not match."
        case .cutShort(let line): "The input ends in the middle of a row (line \(line)). Was it cut short?"
        }
    }
}
