import Foundation

/// Encoded words (RFC 2047): text outside ASCII in header fields.
///
/// Written ones are always UTF-8, at most 75 characters long, and never split a character, so that each can be
/// decoded alone. Reading is in `EncodedWord+Reading.swift`.
enum EncodedWord {
    /// The longest line that RFC 2047, section 2, allows a field with encoded words to have.
    static let longestLine = 76
    private static let longestWord = 75
    private static let frame = "=?utf-8?Q??=".utf8.count

    /// The bytes of an unstructured field value such as a subject: as it is if it is ASCII, else in encoded words;
    /// folded to lines of at most 76 characters where it can be.
    ///
    /// - Parameters:
    ///   - column: How many characters stand on the line before the value.
    ///   - lineEnding: LF or CRLF.
    static func encodeText(_ text: String, column: Int, lineEnding: [UInt8]) -> [UInt8] {
        isPlain(text)
            ? fold(text, column: column, lineEnding: lineEnding)
            : encode(text, column: column, lineEnding: lineEnding)
    }

    /// Encodes the whole text, whether it needs it or not.
    static func encode(_ text: String, column: Int, lineEnding: [UInt8]) -> [UInt8] {
        var line: [UInt8] = []
        var room = min(longestWord, longestLine - column)
        var pending: [UInt8] = []
        var isFirst = true
        func flush() {
            guard !pending.isEmpty else { return }
            if !isFirst { line += lineEnding + [.space] }
            line += word(pending)
            isFirst = false
            pending = []
            room = longestWord
        }
        for piece in text.flatMap(indivisiblePieces) {
            if wordLength(pending + piece) > room {
                if pending.isEmpty, isFirst {
                    line += lineEnding + [.space]
                    room = longestWord
                } else {
                    flush()
                }
            }
            pending += piece
        }
        flush()
        return line
    }

    /// Whether a text can stand in an unstructured value without encoding and read back exactly.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
            && !text.contains("=?") && !text.hasPrefix(" ") && !text.hasSuffix(" ") && !text.contains("  ")
            && text.split(separator: " ").allSatisfy { $0.utf8.count < 500 }
    }

    private static func fold(_ text: String, column: Int, lineEnding: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var column = column
        for (index, word) in text.split(separator: " ").enumerated() {
            if index > 0 {
                if column + 1 + word.utf8.count > longestLine {
                    bytes += lineEnding
                    column = 0
                }
                bytes.append(.space)
                column += 1
            }
            bytes += word.utf8
            column += word.utf8.count
        }
        return bytes
    }

    /// A character, or its scalars if it is too long for a word (a long run of joined emoji or combining marks).
    private static func indivisiblePieces(_ character: Character) -> [[UInt8]] {
        let bytes = Array(String(character).utf8)
        return bytes.count <= 15 ? [bytes] : character.unicodeScalars.map { Array(String($0).utf8) }
    }

    private static func word(_ bytes: [UInt8]) -> [UInt8] {
        if quotedLength(bytes) <= base64Length(bytes) {
            return Array("=?utf-8?Q?".utf8) + bytes.flatMap(quoted) + Array("?=".utf8)
        }
        return Array("=?utf-8?B?".utf8) + Data(bytes).base64EncodedData() + Array("?=".utf8)
    }

    private static func wordLength(_ bytes: [UInt8]) -> Int {
        frame + min(quotedLength(bytes), base64Length(bytes))
    }

    private static func base64Length(_ bytes: [UInt8]) -> Int {
        (bytes.count + 2) / 3 * 4
    }

    private static func quotedLength(_ bytes: [UInt8]) -> Int {
        bytes.reduce(0) { $0 + (isLiteral($1) || $1 == .space ? 1 : 3) }
    }

    /// The characters that RFC 2047, section 5 (3), allows in the strictest place, a display name.
    private static func isLiteral(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"):
            true
        default:
            false
        }
    }

    private static func quoted(_ byte: UInt8) -> [UInt8] {
        if byte == .space { return [UInt8(ascii: "_")] }
        return isLiteral(byte) ? [byte] : QuotedPrintable.escape(byte)
    }
}

extension String {
    /// Without control characters; tabs become spaces.
    var withoutControlCharacters: String {
        var kept = String.UnicodeScalarView()
        for scalar in unicodeScalars where scalar == "\t" || scalar.properties.generalCategory != .control {
            kept.append(scalar == "\t" ? " " : scalar)
        }
        return String(kept)
    }
}
