import Foundation

/// Takes SQL apart as far as dumps need it: words, names, texts, and what may be skipped.
struct SQLScanner {
    /// What a backslash means within quotation marks differs.
    enum Dialect {
        case mySQL, postgreSQL
    }

    var reader: ByteReader
    /// Until a comment at the beginning says otherwise.
    var dialect = Dialect.mySQL

    init(_ reader: ByteReader) {
        self.reader = reader
    }

    var line: Int { reader.line }

    /// Passes over white space and comments. Some comments of MySQL hold statements, none of which matters here.
    mutating func skipSpace() throws {
        while let byte = try reader.peek() {
            switch byte {
            case _ where byte.isSpace: try reader.next()
            case UInt8(ascii: "#") where dialect == .mySQL: _ = try reader.restOfLine()
            case .dash:
                guard try reader.peekSecond() == .dash else { return }
                let comment = String(decoding: try reader.restOfLine() ?? [], as: UTF8.self)
                if comment.contains("PostgreSQL database dump") { dialect = .postgreSQL }
            case .slash:
                guard try reader.peekSecond() == .star else { return }
                try reader.next()
                try reader.next()
                try skipComment()
            default: return
            }
        }
    }

    private mutating func skipComment() throws {
        var last: UInt8?
        while let byte = try reader.next() {
            if last == .star, byte == .slash { return }
            last = byte
        }
        throw AddOnInputError.cutShort(line: line)
    }

    /// A word in capitals; empty if none comes next.
    mutating func word() throws -> String {
        try skipSpace()
        return String(decoding: try wordBytes(), as: UTF8.self).uppercased()
    }

    private mutating func wordBytes() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let byte = try reader.peek(), byte.isWord || byte == .dollar && !bytes.isEmpty {
            if bytes.count < ByteReader.longestValue { bytes.append(byte) }
            try reader.next()
        }
        return bytes
    }

    /// A name, quoted or not; of a name with a schema before it the last part.
    mutating func name() throws -> String {
        var name: String
        repeat {
            try skipSpace()
            switch try reader.peek() {
            case .backtick?, .doubleQuote?: name = try quoted(escapes: false)
            default: name = String(decoding: try wordBytes(), as: UTF8.self)
            }
            guard !name.isEmpty else { throw AddOnInputError.notSQL(line: line) }
        } while try take(UInt8(ascii: "."))
        return name
    }

    /// Takes the byte if it comes next, behind white space.
    mutating func take(_ byte: UInt8) throws -> Bool {
        try skipSpace()
        guard try reader.peek() == byte else { return false }
        try reader.next()
        return true
    }

    /// What stands between quotation marks of the kind that comes next; a doubled one stands for itself.
    mutating func quoted(escapes: Bool) throws -> String {
        let mark = try reader.next()
        var bytes: [UInt8] = []
        while var byte = try reader.next() {
            if byte == mark {
                guard try reader.peek() == mark else { return String(decoding: bytes, as: UTF8.self) }
                try reader.next()
            } else if byte == .backslash, escapes {
                guard let escaped = try reader.next() else { break }
                byte = EscapedByte.meaning(of: escaped)
            }
            // Values of other tables may have any length, and are passed over.
            if bytes.count < ByteReader.longestValue { bytes.append(byte) }
        }
        throw AddOnInputError.cutShort(line: line)
    }

    /// Passes over the rest of a statement, with its semicolon.
    mutating func skipStatement() throws {
        while true {
            try skipSpace()
            guard let byte = try reader.peek() else { return }
            switch byte {
            case .semicolon:
                try reader.next()
                return
            case .quote: _ = try quoted(escapes: dialect == .mySQL)
            case .doubleQuote, .backtick: _ = try quoted(escapes: dialect == .mySQL && byte == .doubleQuote)
            case .dollar where dialect == .postgreSQL: try skipDollarQuoted()
            case UInt8(ascii: "E") where dialect == .postgreSQL:
                try reader.next()
                if try reader.peek() == .quote { _ = try quoted(escapes: true) } else { _ = try wordBytes() }
            case _ where byte.isWord: _ = try wordBytes()
            default: try reader.next()
            }
        }
    }

    /// `$body$ ... $body$`, or a parameter.
    private mutating func skipDollarQuoted() throws {
        try reader.next()
        let tag = try dollarTag()
        guard try reader.peek() == .dollar else { return }
        try reader.next()
        while let byte = try reader.next() {
            // The sign that ends a wrong tag may begin the right one.
            guard byte == .dollar else { continue }
            if try dollarTag() == tag, try reader.peek() == .dollar {
                try reader.next()
                return
            }
        }
        throw AddOnInputError.cutShort(line: line)
    }

    /// What stands between two dollar signs: a word without any.
    private mutating func dollarTag() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let byte = try reader.peek(), byte.isWord {
            bytes.append(byte)
            try reader.next()
        }
        return bytes
    }
}
