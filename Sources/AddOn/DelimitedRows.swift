import Foundation
import SwiftCSV

/// Rows of a CSV file, or of what a database client prints with tabs between the columns. The first line names the columns.
struct DelimitedRows {
    let columns: [String]
    private let delimiter: CSVDelimiter
    private var reader: ByteReader
    /// Rows that were taken apart together, the next one last.
    private var ready: [RawRow] = []

    /// Records that are taken apart at a time.
    private static let portion = 1_000

    /// Nil when the first line is no header with a column of that name.
    ///
    /// - Parameter token: what the column with the tokens is called.
    init?(_ reader: inout ByteReader, token: String) throws {
        let firstLine = String(decoding: try reader.peekLine(), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines.union(["\u{FEFF}"]))
        // A statement of SQL may well begin with such a word between commas, but has a parenthesis before it.
        guard !firstLine.contains("(") else { return nil }
        let delimiters: [(Character, CSVDelimiter)] = [("\t", .tab), (";", .semicolon), (",", .comma)]
        let (separator, delimiter) = delimiters.first { firstLine.contains($0.0) } ?? (",", .comma)
        columns = firstLine.split(separator: separator, omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces.union(["\""])) }
        guard columns.contains(where: { $0.lowercased() == token.lowercased() }) else { return nil }
        self.delimiter = delimiter
        _ = try reader.restOfLine()
        self.reader = reader
    }

    mutating func next() throws -> RawRow? {
        if ready.isEmpty { ready = try portion().reversed() }
        return ready.popLast()
    }

    private mutating func portion() throws -> [RawRow] {
        var lines: [Int] = []
        var text = ""
        while lines.count < Self.portion {
            let line = reader.line
            guard let record = try record() else { break }
            guard !record.isEmpty else { continue }
            lines.append(line)
            text += record + "\n"
        }
        guard let first = lines.first else { return [] }
        let rows = try fields(of: text, line: first)
        guard rows.count == lines.count else { throw AddOnInputError.notCSV(line: first) }
        return zip(rows, lines).map { RawRow(fields: $0, line: $1) }
    }

    /// A line, or several if a line end stands between quotation marks. One that is too long for a row of links is refused: a
    /// quotation mark that is never closed would take in the rest of the file.
    private mutating func record() throws -> String? {
        let start = reader.line
        var bytes: [UInt8] = []
        var marks = 0
        repeat {
            guard let line = try reader.restOfLine() else {
                if marks == 0 { return nil }
                throw AddOnInputError.notCSV(line: start)
            }
            if marks > 0 { bytes.append(.newline) }
            bytes += line
            marks += line.count { $0 == .doubleQuote }
            guard bytes.count <= ByteReader.longestValue else { throw AddOnInputError.notCSV(line: start) }
        } while delimiter != .tab && !marks.isMultiple(of: 2)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func fields(of text: String, line: Int) throws -> [[String?]] {
        if delimiter == .tab {
            return text.split(separator: "\n").map { FieldsBetweenTabs.split(Array($0.utf8), null: "NULL") }
        }
        do {
            // The reader takes the first row for names of columns.
            var rows: [[String?]] = []
            let file = try CSV<Enumerated>(string: "-\n" + text, delimiter: delimiter, loadColumns: false, rowLimit: 1)
            try file.enumerateAsArray(startAt: 1, rowLimit: nil) { rows.append($0) }
            return rows
        } catch is CSVParseError {
            throw AddOnInputError.notCSV(line: line)
        }
    }
}

/// A row of fields, of which nothing is known yet.
struct RawRow {
    var fields: [String?]
    var line: Int
}

/// Lines as `COPY` of PostgreSQL and `mysql --batch` write them: a backslash stands before what would break the line.
enum FieldsBetweenTabs {
    /// - Parameter null: what stands for NULL.
    static func split(_ line: [UInt8], null: String) -> [String?] {
        line.split(separator: .tab, omittingEmptySubsequences: false).map { field in
            if field.elementsEqual(null.utf8) { return nil }
            guard field.contains(.backslash) else { return String(decoding: field, as: UTF8.self) }
            return String(decoding: unescaped(field), as: UTF8.self)
        }
    }

    private static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in field {
            if isEscaped {
                bytes.append(EscapedByte.meaning(of: byte))
                isEscaped = false
            } else if byte == .backslash {
                isEscaped = true
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}

/// What stands behind a backslash; MySQL, MariaDB and PostgreSQL agree where they have the same letters.
enum EscapedByte {
    static func meaning(of byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "0"): 0
        case UInt8(ascii: "b"): 8
        case UInt8(ascii: "t"): 9
        case UInt8(ascii: "n"): 10
        case UInt8(ascii: "v"): 11
        case UInt8(ascii: "f"): 12
        case UInt8(ascii: "r"): 13
        case UInt8(ascii: "Z"): 26
        default: byte
        }
    }
}
