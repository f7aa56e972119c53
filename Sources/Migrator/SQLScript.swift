/// SQL text taken apart into its statements, as the server's parser and psql see them. Positions count Unicode scalars from 0,
/// as the server counts characters.
struct SQLScript: Sendable, Equatable {
    struct Statement: Sendable, Equatable {
        /// Where its first word begins, and where it ends, the semicolon not included.
        let range: Range<Int>
        /// The line of its first word, from 1.
        let line: Int
        let text: String
        /// The first words, in capitals.
        let keywords: [String]

        /// The first line of the text, shortened.
        var firstLine: String {
            let line = text.prefix { !$0.isNewline }
            return line.count > 100 ? line.prefix(100) + "..." : String(line)
        }

        /// Whether it begins or ends a transaction.
        var isTransactionControl: Bool {
            switch keywords.first {
            case "BEGIN", "COMMIT", "END", "ROLLBACK", "ABORT": keywords.dropFirst().first != "TO"
            case "START", "PREPARE": keywords.dropFirst().first == "TRANSACTION"
            default: false
            }
        }
    }

    let statements: [Statement]
    private let lineStarts: [Int]

    init(_ text: String) {
        var splitter = SQLSplitter(text)
        statements = splitter.split()
        lineStarts = splitter.lineStarts
    }

    /// The line of a position, from 1.
    func line(at offset: Int) -> Int {
        lineStarts.lastIndex { $0 <= offset }.map { $0 + 1 } ?? 1
    }

    /// The statement at a position, or the last one before it.
    func statement(at offset: Int) -> Statement? {
        statements.last { $0.range.lowerBound <= offset }
    }
}

/// Finds the semicolons that end statements: not those in quotes, comments, parentheses (CREATE RULE) and BEGIN ATOMIC bodies.
private struct SQLSplitter {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var statements: [SQLScript.Statement] = []
    private var start: Int?
    private var keywords: [String] = []
    private var parentheses = 0
    private var blocks = 0
    private(set) var lineStarts = [0]

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() where scalar == "\n" { lineStarts.append(index + 1) }
    }

    mutating func split() -> [SQLScript.Statement] {
        while let scalar = peek() {
            switch scalar {
            case "-" where peek(1) == "-": skip(until: { $0 == "\n" })
            case "/" where peek(1) == "*": skipComment()
            case ";" where parentheses == 0 && blocks == 0:
                finish()
                position += 1
            default:
                if scalar.properties.isWhitespace { position += 1 } else { takeToken(scalar) }
            }
        }
        finish()
        return statements
    }

    private mutating func takeToken(_ scalar: Unicode.Scalar) {
        if start == nil { start = position }
        switch scalar {
        case "'": skipQuoted("'", hasEscapes: false)
        case "\"": skipQuoted("\"", hasEscapes: false)
        case "$": skipDollarQuoted()
        case "(", ")":
            parentheses = max(0, parentheses + (scalar == "(" ? 1 : -1))
            position += 1
        default:
            if Self.beginsWord(scalar) { takeWord() } else { position += 1 }
        }
    }

    private mutating func takeWord() {
        let first = position
        while let scalar = peek(), Self.continuesWord(scalar) { position += 1 }
        let word = String(String.UnicodeScalarView(scalars[first..<position])).uppercased()
        if word == "E", peek() == "'" { return skipQuoted("'", hasEscapes: true) }
        if keywords.count < 5 { keywords.append(word) }
        countBlock(word)
    }

    /// Bodies of functions in standard SQL: `BEGIN ATOMIC ... END`, in which CASE has an END too.
    private mutating func countBlock(_ word: String) {
        guard createsRoutine, parentheses == 0 else { return }
        switch word {
        case "BEGIN": blocks += 1
        case "CASE" where blocks > 0: blocks += 1
        case "END" where blocks > 0: blocks -= 1
        default: break
        }
    }

    private var createsRoutine: Bool {
        guard keywords.first == "CREATE" else { return false }
        let rest = keywords.dropFirst().starts(with: ["OR", "REPLACE"]) ? keywords.dropFirst(3) : keywords.dropFirst()
        return rest.first == "FUNCTION" || rest.first == "PROCEDURE"
    }

    private mutating func finish() {
        defer {
            start = nil
            keywords = []
            parentheses = 0
            blocks = 0
        }
        guard let start else { return }
        let line = lineStarts.lastIndex { $0 <= start }.map { $0 + 1 } ?? 1
        let text = String(String.UnicodeScalarView(scalars[start..<position]))
        statements.append(.init(range: start..<position, line: line, text: text, keywords: keywords))
    }

    // MARK: What hides semicolons

    private mutating func skipQuoted(_ quote: Unicode.Scalar, hasEscapes: Bool) {
        position += 1
        while let scalar = peek() {
            position += 1
            if hasEscapes, scalar == "\\" { position += 1 }
            guard scalar == quote else { continue }
            // A doubled quote stands for one inside.
            if peek() == quote { position += 1 } else { return }
        }
    }

    private mutating func skipDollarQuoted() {
        var end = position + 1
        while end < scalars.count, Self.continuesWord(scalars[end]), scalars[end] != "$" { end += 1 }
        guard end < scalars.count, scalars[end] == "$",
            end == position + 1 || Self.beginsWord(scalars[position + 1])
        else { return position += 1 }
        let tag = scalars[position...end]
        position = end + 1
        while position < scalars.count {
            if scalars[position...].starts(with: tag) { return position += tag.count }
            position += 1
        }
    }

    private mutating func skipComment() {
        var depth = 0
        repeat {
            if peek() == "/", peek(1) == "*" {
                depth += 1
                position += 2
            } else if peek() == "*", peek(1) == "/" {
                depth -= 1
                position += 2
            } else {
                position += 1
            }
        } while depth > 0 && position < scalars.count
    }

    private mutating func skip(until isEnd: (Unicode.Scalar) -> Bool) {
        while let scalar = peek(), !isEnd(scalar) { position += 1 }
    }

    private func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        position + distance < scalars.count ? scalars[position + distance] : nil
    }

    private static func beginsWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.value >= 0x80 || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }

    private static func continuesWord(_ scalar: Unicode.Scalar) -> Bool {
        beginsWord(scalar) || scalar == "$" || ("0"..."9").contains(scalar)
    }
}
