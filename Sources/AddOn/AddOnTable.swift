import OneTimeLinks
import PostgresClient

/// The rows of the add-on's table in the desk's own PostgreSQL. Nothing is written there.
public struct AddOnTable: Sendable {
    private let client: PostgresClient
    private let table: String
    private let columns: AddOnColumns

    /// - Parameters:
    ///   - client: of the desk's database.
    ///   - table: with its schema if need be.
    public init(client: PostgresClient, table: String = AddOnFile.table, columns: AddOnColumns = AddOnColumns()) {
        self.client = client
        self.table = table
        self.columns = columns
    }

    /// Gives all rows to the body, in portions of one moment, the oldest first.
    ///
    /// - Parameters:
    ///   - limit: rows in a portion, at most.
    ///   - body: told the rows, and how many there are in all.
    /// - Throws: `AddOnInputError`, `PostgresError`, or what the body throws.
    public func read(_ limit: Int, _ body: ([AddOnRecord], Int) async throws -> Void) async throws {
        try await client.transaction("add_on_table.read") { transaction in
            _ = try await transaction.query(AddOnTableSQL.readOnly)
            let names = try await transaction.query(AddOnTableSQL.columns, quotedTable).map {
                try $0.decode(at: 0, as: String.self)
            }
            guard !names.isEmpty else { throw AddOnInputError.noTable(table) }
            let shape = try AddOnRowShape(columns: names, meanings: columns)
            let count = try await transaction.query(AddOnTableSQL.count(quotedTable)).only().decode(at: 0, as: Int.self)
            let created = names[try columns.positions(in: names)[.createTime] ?? 0]
            _ = try await transaction.query(AddOnTableSQL.declare(quotedTable, columns: names, order: created))
            let fetch = AddOnTableSQL.fetch(limit)
            var row = 0
            while true {
                let records = try await transaction.query(fetch).map { fields in
                    row += 1
                    let values = try names.indices.map { try fields.decode(at: $0, as: String?.self) }
                    return shape.record(values, at: .init(line: nil, row: row))
                }
                guard !records.isEmpty else { return }
                try await body(records, count)
            }
        }
    }

    private var quotedTable: String {
        table.split(separator: ".").map { Self.quoted(String($0)) }.joined(separator: ".")
    }

    static func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }
}

/// The statements over a table whose name an operator gives; each is sent once, or on one connection.
enum AddOnTableSQL {
    static let readOnly = Statement(
        "add_on_table.read_only", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    static let columns = Statement(
        "add_on_table.columns",
        """
        SELECT attname::text
          FROM pg_attribute
         WHERE attrelid = to_regclass($1)
           AND attnum > 0
           AND NOT attisdropped
         ORDER BY attnum
        """)

    static func count(_ table: String) -> Statement {
        Statement("add_on_table.count", "SELECT count(*) FROM \(table)")
    }

    static func declare(_ table: String, columns: [String], order: String) -> Statement {
        let list = columns.map { "\(AddOnTable.quoted($0))::text" }.joined(separator: ", ")
        return Statement(
            "add_on_table.declare",
            """
            DECLARE add_on_rows NO SCROLL CURSOR FOR
            SELECT \(list)
              FROM \(table)
             ORDER BY \(AddOnTable.quoted(order))
            """)
    }

    static func fetch(_ limit: Int) -> Statement {
        Statement("add_on_table.fetch", "FETCH \(limit) FROM add_on_rows")
    }
}
