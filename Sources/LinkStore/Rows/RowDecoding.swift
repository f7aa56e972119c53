import OneTimeLinks
import PostgresClient

/// What a column holds that the domain does not know.
package struct StoredValueError: Error, CustomStringConvertible {
    package let column: String

    package init(column: String) { self.column = column }

    package var description: String { "The column \(column) holds a value that this version does not know." }
}

extension PostgresRow {
    package func ticketNumber(_ column: String) throws -> TicketNumber {
        guard let number = TicketNumber(try decode(column, as: String.self)) else {
            throw StoredValueError(column: column)
        }
        return number
    }

    package func rawValue<Value: RawRepresentable<String>>(_ column: String) throws -> Value {
        guard let value = Value(rawValue: try decode(column, as: String.self)) else {
            throw StoredValueError(column: column)
        }
        return value
    }
}
