/// Writing quoted-printable (RFC 2045, section 6.7).
enum QuotedPrintable {
    private static let hexadecimal = Array("0123456789ABCDEF".utf8)
    private static let longestLine = 76

    /// `=` and two hexadecimal digits.
    static func escape(_ byte: UInt8) -> [UInt8] {
        [UInt8(ascii: "="), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
    }

    /// Encodes text whose lines end with LF or CRLF; the breaks are written as `lineEnding`. A lone carriage return is
    /// escaped. Soft line breaks keep the lines within 76 characters; they stand after a space, and cut a word only if it
    /// is longer than a line.
    static func encode(_ text: some Collection<UInt8>, lineEnding: [UInt8]) -> [UInt8] {
        var encoded: [UInt8] = []
        var line: [UInt8] = []
        let bytes = Array(text)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let isBreak = byte == .lineFeed
            let isPair = byte == .carriageReturn && index + 1 < bytes.count && bytes[index + 1] == .lineFeed
            if isBreak || isPair {
                encoded += wrapped(line, lineEnding: lineEnding) + lineEnding
                line = []
                index += isPair ? 2 : 1
            } else {
                line.append(byte)
                index += 1
            }
        }
        return encoded + wrapped(line, lineEnding: lineEnding)
    }

    /// Whether a word, encoded, has room on one line before a soft line break.
    static func fitsOnLine(_ word: some Collection<UInt8>) -> Bool {
        word.reduce(0) { $0 + (isLiteral($1) ? 1 : 3) } < longestLine
    }

    private static func isLiteral(_ byte: UInt8) -> Bool {
        byte.isWhiteSpace || (byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "="))
    }

    private static func wrapped(_ line: [UInt8], lineEnding: [UInt8]) -> [UInt8] {
        var units = line.map { isLiteral($0) ? [$0] : escape($0) }
        if let last = line.last, last.isWhiteSpace {
            units[units.count - 1] = escape(last)
        }
        var encoded: [UInt8] = []
        var start = 0
        while let end = softBreak(in: units, from: start) {
            encoded += units[start..<end].joined() + [UInt8(ascii: "=")] + lineEnding
            start = end
        }
        return encoded + units[start...].joined()
    }

    /// Where to put a soft line break: after the last space that fits, or else after the last character that fits;
    /// `nil` if the rest of the line fits entirely.
    private static func softBreak(in units: [[UInt8]], from start: Int) -> Int? {
        var width = 0
        var afterSpace: Int?
        var fitting = start
        for index in start..<units.count {
            width += units[index].count
            if width > longestLine { return afterSpace ?? fitting }
            guard width < longestLine else { continue }
            fitting = index + 1
            if units[index] == [.space] || units[index] == [.tab] { afterSpace = fitting }
        }
        return nil
    }
}
