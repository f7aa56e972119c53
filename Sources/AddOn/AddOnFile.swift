import Foundation

/// The rows of the add-on's table in a file: CSV, or a dump of the desk's database. Which of them it is its contents say.
///
/// Read as it goes: of a file of any size one piece is held at a time.
public struct AddOnFile {
    /// The add-on's table, unless an operator names another.
    public static let table = "ota_tokens"

    private let meanings: AddOnColumns
    private let table: String
    /// One of the two is there. Not an enumeration: taking a value out of one and putting it back copies the rows it holds.
    private var delimited: DelimitedRows?
    private var dump: SQLDump?
    /// Of the columns that the shape was made for.
    private var shape: (columns: [String], shape: AddOnRowShape)?
    private var rows = 0

    /// - Parameters:
    ///   - table: without a schema.
    ///   - more: the next piece of the file; empty: there is none.
    /// - Throws: `AddOnInputError`, or what `more` throws.
    public init(
        table: String = Self.table, columns: AddOnColumns = AddOnColumns(), more: @escaping () throws -> [UInt8]
    ) throws {
        meanings = columns
        self.table = table
        var reader = ByteReader(more: more)
        delimited = try DelimitedRows(&reader, token: columns.name(of: .token))
        if delimited == nil { dump = SQLDump(reader, table: table) }
    }

    /// The next rows, at most so many; empty: there are no more.
    ///
    /// - Throws: `AddOnInputError`, or what `more` throws.
    public mutating func next(_ limit: Int) throws -> [AddOnRecord] {
        var records: [AddOnRecord] = []
        while records.count < limit, let (row, columns) = try nextRow() {
            rows += 1
            records.append(
                try shape(of: columns).record(row.fields, at: .init(line: row.line, row: rows)))
        }
        return records
    }

    private mutating func nextRow() throws -> (RawRow, columns: [String])? {
        if let columns = delimited?.columns {
            return try delimited?.next().map { ($0, columns) }
        }
        let row = try dump?.next()
        if row == nil, dump?.hasTable != true { throw AddOnInputError.noTable(table) }
        return row.map { ($0, dump?.columns ?? []) }
    }

    private mutating func shape(of columns: [String]) throws -> AddOnRowShape {
        if let shape, shape.columns == columns { return shape.shape }
        let made = try AddOnRowShape(columns: columns, meanings: meanings)
        shape = (columns, made)
        return made
    }
}

extension AddOnColumns {
    /// What the column of that meaning is called, or the first of its names.
    func name(of meaning: Meaning) -> String { named[meaning] ?? meaning.names[0] }
}
