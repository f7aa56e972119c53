import CLibPQ

/// An error that libpq reported for a statement.
struct ServerFailure: Sendable, Equatable {
    /// nil if libpq itself made the error, which it does when the connection is lost.
    var sqlState: String?
    /// FATAL or PANIC: the server ends the connection.
    var isFatal = false
    var message: String?
    var position: Int?
    var table: String?
    var column: String?
    var constraint: String?

    init(sqlState: String?, isFatal: Bool = false, message: String? = nil) {
        self.sqlState = sqlState
        self.isFatal = isFatal
        self.message = message
    }

    /// Reads the fields of a result with status `PGRES_FATAL_ERROR`.
    init(reading result: OpaquePointer) {
        func field(_ code: Int32) -> String? {
            PQresultErrorField(result, code).map { String(cString: $0) }
        }
        sqlState = field(CLIBPQ_DIAG_SQLSTATE)
        let severity = field(CLIBPQ_DIAG_SEVERITY)
        isFatal = severity == "FATAL" || severity == "PANIC"
        message = field(CLIBPQ_DIAG_MESSAGE_PRIMARY)
        position = field(CLIBPQ_DIAG_STATEMENT_POSITION).flatMap { Int($0) }
        table = field(CLIBPQ_DIAG_TABLE_NAME)
        column = field(CLIBPQ_DIAG_COLUMN_NAME)
        constraint = field(CLIBPQ_DIAG_CONSTRAINT_NAME)
    }

    /// Whether the connection is gone with this error.
    var endsConnection: Bool {
        isFatal || sqlState == nil
    }

    /// The server has forgotten the prepared statement (26000, after DISCARD ALL), or its plan no longer fits the tables
    /// (0A000, "cached plan must not change result type"). Preparing it again helps, and nothing has been executed.
    var asksForPreparingAgain: Bool {
        sqlState == "26000" || (sqlState == "0A000" && message?.contains("cached plan") == true)
    }

    /// The classes whose primary messages quote neither parameters nor rows (Appendix A of PostgreSQL's manual).
    private static let harmlessClasses: Set<String> = [
        "08", "0A", "25", "26", "28", "2B", "2D", "34", "3D", "3F", "40", "42", "53", "54", "55", "57", "58", "F0",
    ]

    /// The error for the caller. A script has no parameters: its message is always harmless to an operator who has
    /// the script.
    func error(statementName: String?, isScript: Bool = false) -> PostgresError {
        var error = PostgresError(.server(sqlState: sqlState ?? "XX000"), statementName: statementName)
        error.sqlState = sqlState
        if isScript || Self.harmlessClasses.contains(sqlState.map { String($0.prefix(2)) } ?? "") {
            error.serverMessage = message
        }
        error.tableName = table
        error.columnName = column
        error.constraintName = constraint
        return error
    }
}
