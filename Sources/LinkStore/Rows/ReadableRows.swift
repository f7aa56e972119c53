import Foundation
import PostgresClient

/// The rows of a list for people. One that this version cannot read, such as a time of `infinity` that somebody typed, is named apart,
/// and the others are shown.
public struct ReadableRows<Row: Sendable>: Sendable {
    public internal(set) var rows: [Row] = []
    public internal(set) var unreadable: [UnlistedRow] = []

    package init(rows: [Row] = [], unreadable: [UnlistedRow] = []) {
        self.rows = rows
        self.unreadable = unreadable
    }

    /// - Parameter name: what the row is called where it cannot be read; without it, the UUID in its column `id`.
    package init(
        _ answer: some Sequence<PostgresRow>, name: (PostgresRow) throws -> String = Self.id(of:),
        _ read: (PostgresRow) throws -> Row
    ) throws {
        for row in answer {
            do {
                rows.append(try read(row))
            } catch {
                unreadable.append(UnlistedRow(name: try name(row), reason: "\(error)"))
            }
        }
    }

    package static func id(of row: PostgresRow) throws -> String { try row.decode("id", as: UUID.self).text }
}

/// A row that is not in a list because this version cannot read it.
public struct UnlistedRow: Sendable, CustomStringConvertible {
    /// What people call it: its id or its name.
    public let name: String
    /// What is wrong, without what stands in the row.
    public let reason: String

    public var description: String { "The row \(name) cannot be read: \(reason)" }
}
