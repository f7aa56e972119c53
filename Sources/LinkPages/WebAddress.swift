/// Which texts may become links, and where one ends in running text.
enum WebAddress {
    /// What browsers and servers agree on, in bytes; a longer run of characters is no address that anyone wants to follow.
    private static let longest = 2_000

    /// True for `http://` and `https://` with a host behind it, and nothing in it that ends a URL.
    static func isSafe(_ url: String) -> Bool { isSafe(Array(url.utf8.prefix(longest + 1))[...]) }

    /// The same for bytes.
    static func isSafe(_ url: ArraySlice<UInt8>) -> Bool {
        guard url.count <= longest, let start = endOfScheme(in: url), let first = url[start...].first else {
            return false
        }
        return !"/?#".utf8.contains(first) && length(of: url[start...]) == url.count - (start - url.startIndex)
    }

    /// The run of characters from a position on that looks like an address; it may end with the punctuation of the sentence. Nil
    /// if no scheme with a character behind it stands there.
    static func found(in text: [UInt8], at position: Int) -> ArraySlice<UInt8>? {
        guard text[position] | 0x20 == UInt8(ascii: "h"), let start = endOfScheme(in: text[position...]) else {
            return nil
        }
        let length = length(of: text[start...])
        return length > 0 ? text[position..<(start + length)] : nil
    }

    /// What stands behind `://`, or all of it.
    static func withoutScheme(_ url: String) -> [UInt8] { Array(withoutScheme(Array(url.utf8)[...])) }

    /// The same for bytes.
    static func withoutScheme(_ url: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        endOfScheme(in: url).map { url[$0...] } ?? url
    }

    private static let schemes = [Array("http://".utf8), Array("https://".utf8)]

    private static func endOfScheme(in url: ArraySlice<UInt8>) -> Int? {
        schemes.first { url.starts(with: $0, by: { $0.lowercasedASCII == $1 }) }.map { url.startIndex + $0.count }
    }

    /// The bytes up to white space, an angle bracket or a double quotation mark.
    private static func length(of text: ArraySlice<UInt8>) -> Int {
        var position = text.startIndex
        while position < text.endIndex {
            switch text[position] {
            case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""): return position - text.startIndex
            case 0xC2, 0xE1...0xE3: if isSpace(text[position...]) { return position - text.startIndex }
            case let byte: if byte.isWhiteSpace { return position - text.startIndex }
            }
            position += 1
        }
        return text.count
    }

    /// White space outside ASCII (Unicode property White_Space).
    private static func isSpace(_ text: ArraySlice<UInt8>) -> Bool {
        let next = text.dropFirst()
        switch (text.first, next.first, next.dropFirst().first) {
        case (0xC2, 0x85, _), (0xC2, 0xA0, _), (0xE1, 0x9A, 0x80), (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80): return true
        case (0xE2, 0x80, let last?): return (0x80...0x8A).contains(last) || [0xA8, 0xA9, 0xAF].contains(last)
        default: return false
        }
    }

    // MARK: The sentence around it

    /// A URL found in running text, without the punctuation of the sentence around it: full stops, commas, quotation
    /// marks, and a closing bracket that was not opened within.
    static func trimmed(_ found: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var surplus = found.reduce(into: [UInt8: Int]()) { surplus, byte in
            if let closing = closings[byte] { surplus[closing, default: 0] -= 1 }
            if isClosing(byte) { surplus[byte, default: 0] += 1 }
        }
        var url = found
        while let last = url.last {
            if isClosing(last) {
                guard let count = surplus[last], count > 0 else { break }
                surplus[last] = count - 1
                url.removeLast()
            } else if let mark = punctuation.first(where: { url.suffix($0.count).elementsEqual($0) }) {
                url.removeLast(mark.count)
            } else {
                break
            }
        }
        return url
    }

    private static let closings: [UInt8: UInt8] = [
        UInt8(ascii: "("): UInt8(ascii: ")"), UInt8(ascii: "["): UInt8(ascii: "]"),
        UInt8(ascii: "{"): UInt8(ascii: "}"),
    ]
    private static let punctuation = ".,;:!?'’“”»›*_".unicodeScalars.map { Array(String($0).utf8) }

    private static func isClosing(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ")") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
    }
}
