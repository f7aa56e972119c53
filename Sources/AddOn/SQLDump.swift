import Foundation

/// The rows of one table in a dump as `mysqldump`, `mariadb-dump` and `pg_dump` write it; whatever else is in it is passed over.
struct SQLDump {
    private enum Position {
        case betweenStatements
        case withinValues
        case withinCopy
    }

    /// Of the rows that come next.
    private(set) var columns: [String] = []
    /// True once a statement has named the table.
    private(set) var hasTable = false
    private var scanner: SQLScanner
    private let table: String
    private var position = Position.betweenStatements
    /// As `CREATE TABLE` names them.
    private var definedColumns: [String]?

    init(_ reader: ByteReader, table: String) {
        scanner = SQLScanner(reader)
        self.table = table.lowercased()
    }

    mutating func next() throws -> RawRow? {
        while true {
            switch position {
            case .betweenStatements:
                guard try readStatement() else { return nil }
            case .withinValues:
                if let row = try readTuple() { return row }
            case .withinCopy:
                if let row = try readLine() { return row }
            }
        }
    }

    // MARK: Statements

    /// False at the end.
    private mutating func readStatement() throws -> Bool {
        try scanner.skipSpace()
        guard let byte = try scanner.reader.peek() else { return false }
        switch byte {
        case .semicolon: try scanner.reader.next()
        // A command for psql.
        case .backslash: _ = try scanner.reader.restOfLine()
        case _ where byte.isWord:
            switch try scanner.word() {
            case "INSERT", "REPLACE": try readInsert()
            case "CREATE": try readCreate()
            case "COPY": try readCopy()
            default: try scanner.skipStatement()
            }
        default: try scanner.skipStatement()
        }
        return true
    }

    private mutating func isTheTable() throws -> Bool {
        let isIt = try scanner.name().lowercased() == table
        hasTable = hasTable || isIt
        return isIt
    }

    private mutating func readInsert() throws {
        var word = try scanner.word()
        // INSERT IGNORE INTO
        while !word.isEmpty, word != "INTO" { word = try scanner.word() }
        guard word == "INTO", try isTheTable() else { return try scanner.skipStatement() }
        let named = try scanner.take(.openParenthesis) ? try readNames() : nil
        word = try scanner.word()
        // OVERRIDING SYSTEM VALUE VALUES
        while !word.isEmpty, word != "VALUES" { word = try scanner.word() }
        guard word == "VALUES" else { return try scanner.skipStatement() }
        guard let known = named ?? definedColumns else { throw AddOnInputError.columnsUnknown(line: scanner.line) }
        columns = known
        position = .withinValues
    }

    private mutating func readNames() throws -> [String] {
        var names: [String] = []
        repeat {
            names.append(try scanner.name())
            try checkWidth(names.count)
        } while try scanner.take(.comma)
        guard try scanner.take(.closeParenthesis) else { throw AddOnInputError.notSQL(line: scanner.line) }
        return names
    }

    private mutating func readCreate() throws {
        var word = try scanner.word()
        while ["TEMPORARY", "UNLOGGED"].contains(word) { word = try scanner.word() }
        guard word == "TABLE" else { return try scanner.skipStatement() }
        try scanner.skipSpace()
        var isIt = false
        if let byte = try scanner.reader.peek(), byte == UInt8(ascii: "I") || byte == UInt8(ascii: "i") {
            // IF NOT EXISTS, or the name itself.
            let name = try scanner.name()
            if name.uppercased() == "IF" {
                _ = (try scanner.word(), try scanner.word())
                isIt = try isTheTable()
            } else {
                isIt = name.lowercased() == table
                hasTable = hasTable || isIt
            }
        } else {
            isIt = try isTheTable()
        }
        if isIt, try scanner.take(.openParenthesis) { definedColumns = try readDefinitions() }
        try scanner.skipStatement()
    }

    /// No database has tables with more columns.
    private static let mostColumns = 5_000

    private func checkWidth(_ count: Int) throws {
        guard count <= Self.mostColumns else { throw AddOnInputError.notSQL(line: scanner.line) }
    }

    /// The names of the columns that a table is defined with, without its keys.
    private mutating func readDefinitions() throws -> [String] {
        let others: Set = [
            "PRIMARY", "KEY", "UNIQUE", "CONSTRAINT", "INDEX", "FULLTEXT", "CHECK", "FOREIGN", "EXCLUDE",
        ]
        var names: [String] = []
        while true {
            try scanner.skipSpace()
            let isQuoted = try scanner.reader.peek().map { !$0.isWord } ?? false
            let name = try scanner.name()
            if isQuoted || !others.contains(name.uppercased()) { names.append(name) }
            try checkWidth(names.count)
            if try !skipDefinition() { return names }
        }
    }

    /// False when it was the last one.
    private mutating func skipDefinition() throws -> Bool {
        var depth = 0
        while true {
            try scanner.skipSpace()
            guard let byte = try scanner.reader.peek() else { throw AddOnInputError.cutShort(line: scanner.line) }
            switch byte {
            case .quote, .doubleQuote, .backtick:
                _ = try scanner.quoted(escapes: scanner.dialect == .mySQL && byte == .quote)
                continue
            case .openParenthesis: depth += 1
            case .closeParenthesis:
                depth -= 1
                if depth < 0 { return false }
            case .comma where depth == 0:
                try scanner.reader.next()
                return true
            default: break
            }
            try scanner.reader.next()
        }
    }

    // MARK: Rows

    /// Nil when there are no more in this statement.
    private mutating func readTuple() throws -> RawRow? {
        _ = try scanner.take(.comma)
        guard try scanner.take(.openParenthesis) else {
            position = .betweenStatements
            guard try scanner.reader.peek() != nil else { throw AddOnInputError.cutShort(line: scanner.line) }
            try scanner.skipStatement()
            return nil
        }
        let line = scanner.line
        var fields: [String?] = []
        repeat {
            fields.append(try readValue())
            try checkWidth(fields.count)
        } while try scanner.take(.comma)
        guard try scanner.take(.closeParenthesis) else {
            guard try scanner.reader.peek() != nil else { throw AddOnInputError.cutShort(line: scanner.line) }
            throw AddOnInputError.notSQL(line: scanner.line)
        }
        return RawRow(fields: fields, line: line)
    }

    private mutating func readValue() throws -> String? {
        try scanner.skipSpace()
        if try scanner.reader.peek() == .quote { return try scanner.quoted(escapes: scanner.dialect == .mySQL) }
        var word: [UInt8] = []
        while let byte = try scanner.reader.peek(),
            !byte.isSpace, byte != .comma, byte != .closeParenthesis, byte != .quote
        {
            if word.count < ByteReader.longestValue { word.append(byte) }
            try scanner.reader.next()
        }
        let text = String(decoding: word, as: UTF8.self)
        // E'...' of PostgreSQL, _binary '...' of MySQL.
        let isPrefix = text.uppercased() == "E" || text.hasPrefix("_")
        if isPrefix { try scanner.skipSpace() }
        if isPrefix, try scanner.reader.peek() == .quote { return try scanner.quoted(escapes: true) }
        return text.uppercased() == "NULL" ? nil : text
    }

    private mutating func readCopy() throws {
        scanner.dialect = .postgreSQL
        let isIt = try isTheTable()
        let named = try scanner.take(.openParenthesis) ? try readNames() : nil
        let isData = try scanner.word() == "FROM" && scanner.word() == "STDIN"
        try scanner.skipStatement()
        guard isData else { return }
        _ = try scanner.reader.restOfLine()
        if isIt {
            guard let known = named ?? definedColumns else { throw AddOnInputError.columnsUnknown(line: scanner.line) }
            columns = known
            position = .withinCopy
        } else {
            while try copiedLine() != nil {}
        }
    }

    private mutating func readLine() throws -> RawRow? {
        let line = scanner.line
        guard let bytes = try copiedLine() else {
            position = .betweenStatements
            return nil
        }
        return RawRow(fields: FieldsBetweenTabs.split(bytes, null: "\\N"), line: line)
    }

    /// Nil for the line that ends the data.
    private mutating func copiedLine() throws -> [UInt8]? {
        guard let bytes = try scanner.reader.restOfLine() else { throw AddOnInputError.cutShort(line: scanner.line) }
        // A line of another table is passed over.
        guard position != .withinCopy || bytes.count <= ByteReader.longestValue else {
            throw AddOnInputError.notSQL(line: scanner.line)
        }
        return bytes == [.backslash, UInt8(ascii: ".")] ? nil : bytes
    }
}
