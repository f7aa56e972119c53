/// Why a call to the database did not succeed. Carries no parameter, no row and no network address, so that it
/// may be logged as it is.
public struct PostgresError: Error, Sendable, Equatable {
    /// What went wrong.
    public enum Kind: Sendable, Equatable {
        /// The server refused the statement. The connection is sound.
        case server(sqlState: String)
        /// The connection was lost before the answer came.
        case connectionLost
        /// No connection could be made. The text is libpq's, without addresses.
        case connectionFailed(reason: String)
        /// The deadline of the call passed first.
        case deadlineExceeded
        /// The calling task was cancelled. Calls of the client throw `CancellationError` instead; this is for those who
        /// translate it.
        case cancelled
        /// The client has been closed, or the leased connection been given back.
        case closed
        /// COMMIT was answered with ROLLBACK: a statement had failed before, and the error was passed over.
        case transactionRolledBack
        /// A value did not have the type, or a row not the columns, that the program expects.
        case decoding(column: String, expected: String, found: String)
        /// A row or column was asked for that is not there.
        case missingColumn(String)
        /// The statement returned another number of rows than the caller needs.
        case unexpectedRowCount(Int)
        /// The connection string cannot be read.
        case invalidConfiguration
        /// The connection goes through a pooler in transaction mode, where no lock of a session holds.
        case sessionNotKept
        /// COPY, or something else that this client does not speak.
        case unsupported
    }

    /// Where in a script a statement failed. See ``PostgresConnectionHandle/execute(script:deadline:)``.
    public struct ScriptPosition: Sendable, Equatable {
        /// How many statements of the script had succeeded before.
        public let statementIndex: Int
        /// The character that the server points at, counted from 0 over the whole script; nil if it points at none.
        public let characterOffset: Int?

        /// A position.
        public init(statementIndex: Int, characterOffset: Int?) {
            self.statementIndex = statementIndex
            self.characterOffset = characterOffset
        }
    }

    /// What went wrong.
    public let kind: Kind
    /// The statement, if the error belongs to one.
    public var statementName: String?
    /// True if the statement was sent and no answer was seen: it may have taken effect, or not.
    public var isOutcomeUnknown: Bool
    /// The server's code, if it gave one.
    public var sqlState: String?
    /// The server's primary message, if its class of errors carries no data of rows or parameters, or if the
    /// statement was a script.
    public var serverMessage: String?
    /// The constraint, if one was violated.
    public var constraintName: String?
    /// The table that the server names.
    public var tableName: String?
    /// The column that the server names.
    public var columnName: String?
    /// Where the failing statement stands, if it was part of a script.
    public var scriptPosition: ScriptPosition?

    init(_ kind: Kind, statementName: String? = nil, isOutcomeUnknown: Bool = false) {
        self.kind = kind
        self.statementName = statementName
        self.isOutcomeUnknown = isOutcomeUnknown
    }

    /// Stands for a `CancellationError` where a ``PostgresError`` is needed.
    public static let cancelled = PostgresError(.cancelled)

    /// Whether the server refused because another transaction was in the way (class 40: serialization failure,
    /// deadlock), so that the same transaction may succeed if it is run again.
    public var isTransactionConflict: Bool {
        sqlState?.hasPrefix("40") ?? false
    }

    /// Whether the database could not be reached, or had no room, no time or no right to write at that moment, so that the same
    /// call may succeed later. Without ``isOutcomeUnknown`` nothing was changed.
    public var isTemporary: Bool {
        switch kind {
        case .connectionLost, .connectionFailed, .deadlineExceeded, .closed: true
        case .server(let sqlState): Self.isTemporary(sqlState)
        case .cancelled, .transactionRolledBack, .decoding, .missingColumn, .unexpectedRowCount, .invalidConfiguration,
            .sessionNotKept, .unsupported:
            false
        }
    }

    /// Connection failures, conflicts of transactions, want of resources, intervention of an operator and trouble with a disk
    /// (classes 08, 40, 53, 57 and 58 of Appendix A of PostgreSQL's manual); a lock that was not to be had in time; and a server
    /// that takes no writes, as a primary does that another has replaced.
    private static func isTemporary(_ sqlState: String) -> Bool {
        ["08", "40", "53", "57", "58"].contains(sqlState.prefix(2)) || ["55P03", "25006"].contains(sqlState)
    }

    /// Whether a statement did not get a lock within `lock_timeout` (55P03), or was ended to resolve a deadlock (40P01).
    public var isLockFailure: Bool {
        sqlState == "55P03" || sqlState == "40P01"
    }

    /// Whether a unique or primary key was violated (23505).
    public var isUniqueViolation: Bool {
        sqlState == "23505"
    }
}

extension PostgresError: CustomStringConvertible {
    /// One line for a log or an operator.
    public var description: String {
        var text = statementName.map { "statement \($0): " } ?? ""
        text += summary
        if let sqlState { text += " (SQLSTATE \(sqlState))" }
        if let serverMessage { text += ": \(serverMessage)" }
        if let constraintName { text += ", constraint \(constraintName)" }
        if let tableName { text += ", table \(tableName)" }
        if let columnName { text += ", column \(columnName)" }
        if isOutcomeUnknown { text += "; whether it took effect is unknown" }
        return text
    }

    private var summary: String {
        switch kind {
        case .server: "the database refused"
        case .connectionLost: "the connection to the database was lost"
        case .connectionFailed(let reason): "the database cannot be reached: \(reason)"
        case .deadlineExceeded: "no answer from the database within the deadline"
        case .cancelled: "the call was cancelled"
        case .closed: "the database client or connection is closed"
        case .transactionRolledBack: "the transaction was rolled back because one of its statements had failed"
        case .decoding(let column, let expected, let found):
            found == expected
                ? "column \(column) holds a \(found) that cannot be read, such as infinity"
                : "column \(column) is \(found), not \(expected)"
        case .missingColumn(let column): "there is no column \(column)"
        case .unexpectedRowCount(let count): "unexpected number of rows: \(count)"
        case .invalidConfiguration: "the connection string of the database cannot be read"
        case .sessionNotKept:
            "a pooler in transaction mode is between this program and the database, so that locks and notifications do not work; connect to "
                + "the server itself"
        case .unsupported: "the statement needs a part of the protocol that this client does not speak"
        }
    }
}
