import Foundation
import PostgresClient

/// The rows of a list for people. One that this version cannot read, such as a time of `infinity` that somebody typed, is named apart,
/// and the others are shown.
public struct ReadableRows<Row: Sendable>: Sendable {
    public internal(set) var rows: [Row] = []
    public internal(set) var unreadable: [UnreadableRow] = []

    /// - Parameters:
    ///   - id: the column with the row's id, which can be read.
    ///   - createdAt: the column with its age.
    init(
        _ answer: some Sequence<PostgresRow>, id: String = "id", createdAt: String = "created_at",
        _ read: (PostgresRow) throws -> Row
    ) throws {
        for row in answer {
            do {
                rows.append(try UnreadableRow.reading(row, id: id, createdAt: createdAt) { try read(row) })
            } catch let error as UnreadableRow {
                unreadable.append(error)
            }
        }
    }
}
