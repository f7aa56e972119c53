/// One row of an answer. Values are read when they are asked for.
public struct PostgresRow: Sendable {
    let result: PostgresResult
    let index: Int

    /// Reads the column of that name, exactly as written. Throws ``PostgresError`` if there is none, or if its type or
    /// a NULL does not fit.
    public func decode<Value: PostgresDecodable>(
        _ column: String, as _: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        guard let position = result.column(named: column) else {
            throw PostgresError(.missingColumn(column), statementName: result.statementName)
        }
        return try result.decode(row: index, column: position)
    }

    /// Reads the column at that position, counted from 0.
    public func decode<Value: PostgresDecodable>(
        at column: Int, as _: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        guard column >= 0, column < result.columnCount else {
            throw PostgresError(.missingColumn("\(column + 1)"), statementName: result.statementName)
        }
        return try result.decode(row: index, column: column)
    }

    /// Reads all columns in order. Throws if the row has more or fewer columns than types are named.
    public func decode<each Value: PostgresDecodable>(
        _ types: repeat (each Value).Type
    ) throws -> (repeat each Value) {
        var column = 0
        let row = (repeat try next(each types, &column))
        guard column == result.columnCount else {
            throw PostgresError(.missingColumn("\(column + 1)"), statementName: result.statementName)
        }
        return row
    }

    private func next<Value: PostgresDecodable>(_: Value.Type, _ column: inout Int) throws(PostgresError) -> Value {
        defer { column += 1 }
        return try decode(at: column)
    }
}

/// The answer to a statement: its rows, and how many rows it changed.
public struct PostgresRows: Sendable, RandomAccessCollection {
    let result: PostgresResult

    /// Always 0.
    public var startIndex: Int { 0 }
    /// The number of rows returned.
    public var endIndex: Int { result.rowCount }
    /// Rows inserted, updated, deleted or selected; 0 for other statements.
    public var affectedRows: Int { result.affectedRows }

    /// The row at that position.
    public subscript(position: Int) -> PostgresRow {
        precondition(position >= 0 && position < result.rowCount, "row index out of range")
        return PostgresRow(result: result, index: position)
    }

    /// The only row. Throws ``PostgresError`` (`unexpectedRowCount`) if there are none or several.
    public func only() throws(PostgresError) -> PostgresRow {
        guard count == 1 else {
            throw PostgresError(.unexpectedRowCount(count), statementName: result.statementName)
        }
        return self[0]
    }
}
