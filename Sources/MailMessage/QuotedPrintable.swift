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
        let bytes = Array(text)
        encoded.reserveCapacity(bytes.count + bytes.count / 8)
        var start = 0
        while let lineFeed = bytes[start...].firstIndex(of: .lineFeed) {
            let isPair = lineFeed > start && bytes[lineFeed - 1] == .carriageReturn
            wrap(bytes[start..<(isPair ? lineFeed - 1 : lineFeed)], lineEnding: lineEnding, into: &encoded)
            encoded += lineEnding
            start = lineFeed + 1
        }
        wrap(bytes[start...], lineEnding: lineEnding, into: &encoded)
        return encoded
    }

    /// Whether a word, encoded, has room on one line before a soft line break.
    static func fitsOnLine(_ word: some Collection<UInt8>) -> Bool {
        word.reduce(0) { $0 + (isLiteral($1) ? 1 : 3) } < longestLine
    }

    private static func isLiteral(_ byte: UInt8) -> Bool {
        byte.isWhiteSpace || (byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "="))
    }

    private static func wrap(_ line: ArraySlice<UInt8>, lineEnding: [UInt8], into encoded: inout [UInt8]) {
        var start = line.startIndex
        while let end = softBreak(in: line, from: start) {
            append(line[start..<end], of: line, to: &encoded)
            encoded.append(UInt8(ascii: "="))
            encoded += lineEnding
            start = end
        }
        append(line[start...], of: line, to: &encoded)
    }

    private static func append(_ piece: ArraySlice<UInt8>, of line: ArraySlice<UInt8>, to encoded: inout [UInt8]) {
        for index in piece.indices {
            if staysAsItIs(index, of: line) { encoded.append(line[index]) } else { encoded += escape(line[index]) }
        }
    }

    /// White space at the end of a line is escaped, since relays take it off.
    private static func staysAsItIs(_ index: Int, of line: ArraySlice<UInt8>) -> Bool {
        isLiteral(line[index]) && !(line[index].isWhiteSpace && index == line.endIndex - 1)
    }

    /// Where to put a soft line break: after the last space that fits, or else after the last character that fits;
    /// `nil` if the rest of the line fits entirely.
    private static func softBreak(in line: ArraySlice<UInt8>, from start: Int) -> Int? {
        var width = 0
        var afterSpace: Int?
        var fitting = start
        for index in start..<line.endIndex {
            let isAsItIs = staysAsItIs(index, of: line)
            width += isAsItIs ? 1 : 3
            if width > longestLine { return afterSpace ?? fitting }
            guard width < longestLine else { continue }
            fitting = index + 1
            if isAsItIs, line[index].isWhiteSpace { afterSpace = fitting }
        }
        return nil
    }
}
