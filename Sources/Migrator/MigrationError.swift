import PostgresClient

/// Why migrations cannot be read or applied, in words for an operator: what happened, what it means, and what to do.
public enum MigrationError: Error, Sendable {
    /// A folder or file cannot be read.
    case unreadable(String)
    /// The folder holds no migrations.
    case empty(String)
    /// A `.sql` file whose name is no migration's.
    case badName(String)
    /// A file that is held back has a number already.
    case numberedAhead(String)
    /// A file that is not UTF-8.
    case notText(String)
    /// A comment `-- otalink: ...` that means nothing.
    case unknownDirective(file: String, directive: String)
    /// Two files with one number.
    case duplicateNumber(String, String)
    /// A number is missing before this file.
    case gap(expected: Int, found: String)
    /// BEGIN, COMMIT or the like in a file that runs in one transaction.
    case transactionControl(file: String, line: Int, statement: String)
    /// A file was changed after it had been applied.
    case edited(file: String, recorded: String, found: String)
    /// Files are to be applied on top of migrations that the program does not know.
    case unknownBelow(applied: [AppliedMigration], pending: [String])
    /// A file is to be applied although a later one was applied before.
    case outOfOrder(file: String, highestApplied: Int)
    /// Somebody else is migrating, for longer than we wait.
    case locked(waited: Duration)
    /// A table stayed locked by others.
    case tableLocked(file: String, line: Int, statement: String, attempts: Int, timeout: Duration)
    /// The server refused a statement.
    case failed(file: String, line: Int, statement: String, isTransactional: Bool, cause: PostgresError)
    /// The database could not be reached, or was lost between statements.
    case database(file: String?, isTransactional: Bool, cause: PostgresError)
    /// The schema is older than the program.
    case outdated(pending: [String])
    /// The database has another encoding than UTF8.
    case encoding(String)
}

extension MigrationError: CustomStringConvertible {
    /// What happened, what it means, what to do.
    public var description: String {
        switch self {
        case .unreadable(let path):
            "\(path) cannot be read. Name the folder of the migrations, and check its permissions."
        case .empty(let path):
            "\(path) holds no migrations (NNNN_name.sql). Name the folder that came with the program."
        case .badName(let name):
            "\(name) is no name for a migration. Rename it to four digits, an underscore and a name of lower-case letters, as in"
                + " 0001_customers.sql, or move it elsewhere."
        case .numberedAhead(let name):
            "\(name) is held back for the next release, which gives it the number that is free then. Take the digits off its name."
        case .notText(let name):
            "\(name) is not UTF-8 text. Convert it."
        case .unknownDirective(let file, let directive):
            "\(file): \"otalink: \(directive)\" is unknown. The only directive is \"-- otalink: no-transaction\"."
        case .duplicateNumber(let first, let second):
            "\(first) and \(second) have the same number. Give the newer one the next free number."
        case .gap(let expected, let found):
            "migration \(expected) is missing before \(found). Restore the file, or number the files without gaps."
        case .transactionControl(let file, let line, let statement):
            "\(file) line \(line): \"\(statement)\" in a file that runs in one transaction with its record. Remove it, or begin the"
                + " file with \"-- otalink: no-transaction\"."
        case .edited, .unknownBelow, .outOfOrder, .outdated:
            historyDescription
        case .locked, .tableLocked, .failed, .database, .encoding:
            runDescription
        }
    }

    private var historyDescription: String {
        switch self {
        case .edited(let file, let recorded, let found):
            "\(file) was changed after it had been applied (recorded checksum \(recorded.prefix(12)), found \(found.prefix(12))). The"
                + " database has what the old text did. Restore the old text, and put the change into a new migration."
        case .unknownBelow(let applied, let pending):
            "the database has migrations that this program does not know (\(applied.map(\.name).joined(separator: ", "))), and"
                + " \(pending.joined(separator: ", ")) would be applied on top of them. Use the program's release that brought them, or"
                + " restore the missing files."
        case .outOfOrder(let file, let highestApplied):
            "\(file) has not been applied, but number \(highestApplied) has, which was made to run after it. Use the program's"
                + " release that the database was migrated with, or a newer one; a new migration needs the next free number."
        case .outdated(let pending):
            "the schema is older than this program: \(Self.named(pending)) not applied. Run: otalink migrate up"
        default: ""
        }
    }

    /// Before the first run there are many.
    private static func named(_ files: [String]) -> String {
        guard files.count > 3, let first = files.first, let last = files.last else {
            return files.joined(separator: ", ")
        }
        return "\(files.count) migrations from \(first) to \(last)"
    }

    private var runDescription: String {
        switch self {
        case .locked(let waited):
            "another migration has been running for more than \(waited.components.seconds) s. Nothing was changed by this one. Wait for"
                + " the other, or look for it: SELECT * FROM pg_locks WHERE locktype = 'advisory'"
        case .tableLocked(let file, let line, let statement, let attempts, let timeout):
            "\(file) line \(line): \"\(statement)\" did not get its lock, \(attempts) times for"
                + " \(Self.milliseconds(timeout)) ms: others use the table. Run again when there is less traffic, or with a longer lock"
                + " timeout."
        case .failed(let file, let line, let statement, let isTransactional, let cause):
            "\(file) line \(line): \"\(statement)\" failed: \(cause.serverMessage ?? cause.description) (SQLSTATE"
                + " \(cause.sqlState ?? "none")). \(Self.consequence(isTransactional)) Correct the file or the data, then run again."
        case .database(let file, let isTransactional, let cause):
            "\(file.map { "\($0): " } ?? "")\(cause). "
                + (file == nil
                    ? "Nothing was changed."
                    : cause.isOutcomeUnknown ? "otalink migrate status shows it." : Self.consequence(isTransactional))
                + " Run again when the database can be reached."
        case .encoding(let encoding):
            "the encoding of the database is \(encoding), which cannot hold every name and title, so mails from some people would"
                + " never be taken. Make a database with ENCODING 'UTF8' TEMPLATE template0, load a dump of this one into it, and let"
                + " OTALINK_DATABASE_URL name it."
        default: ""
        }
    }

    private static func consequence(_ isTransactional: Bool) -> String {
        isTransactional
            ? "Nothing of the file has taken effect; the files before it have."
            : "The file runs without a transaction: the statements before this line have taken effect, and an index that was being"
                + " built may be left invalid."
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000
    }
}
