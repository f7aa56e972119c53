import Foundation
import OneTimeLinks
import PostgresClient

/// A row was claimed, and this version cannot read it. It is to be put off by its id, so that the others go on: a newer version may have
/// written it, and a replica of that one can.
public struct UnreadableRow: Error, Sendable, CustomStringConvertible {
    public let id: UUID
    /// Which attempt this was, from 1; rows that do not count theirs say 1.
    public let attempt: Int
    public let createdAt: Date
    /// What is wrong, without what stands in the row.
    public let reason: String

    public var description: String { "The row \(id.text) cannot be read: \(reason)" }

    /// Reads a claimed row.
    ///
    /// - Throws: `UnreadableRow` instead of an error about one of its columns.
    package static func reading<Value>(
        _ row: PostgresRow, id: String, createdAt: String, attempt: String? = nil, _ body: () throws -> Value
    ) throws -> Value {
        do {
            return try body()
        } catch {
            throw UnreadableRow(
                id: try row.decode(id), attempt: try attempt.map { try row.decode($0) } ?? 1,
                createdAt: (try? row.decode(createdAt)) ?? .distantPast, reason: "\(error)")
        }
    }
}
