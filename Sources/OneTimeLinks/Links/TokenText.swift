/// A token as it comes back from mail programs, chats and people: with white space, line breaks, zero-width characters or soft
/// hyphens in it, and with what was glued to the end of the link. Nothing else is forgiven.
public enum TokenText {
    /// More of a text is not looked at; bytes.
    private static let longest = 1_024

    /// The token that a text begins with; nil: there is none of that length.
    ///
    /// Takes time in proportion to the text, and to no more than ``longest`` bytes of it.
    ///
    /// - Parameters:
    ///   - text: UTF-8, with the escapes of an address already decoded.
    ///   - length: how many letters and digits a token has.
    public static func read(_ text: some Collection<UInt8>, length: Int) -> String? {
        var rest = Array(text.prefix(longest))[...]
        var token: [UInt8] = []
        while token.count < length {
            let passed = invisible(rest) ?? whiteSpace(rest) ?? 0
            if passed > 0 {
                rest = rest.dropFirst(passed)
                continue
            }
            guard let byte = rest.popFirst(), byte.isLetterOrDigit else { return nil }
            token.append(byte)
        }
        return isEnd(rest) ? String(decoding: token, as: UTF8.self) : nil
    }

    /// The bytes that a part of an address stands for (RFC 3986, section 2.1). What is no escape stays as it is.
    public static func percentDecoded(_ text: some Collection<UInt8>) -> [UInt8] {
        unescaped(Array(text.prefix(longest * 3))).bytes
    }

    /// The bytes that a text of any length stands for, and where each of them begins in it; one more says where the text ends.
    static func unescaped(_ text: [UInt8]) -> (bytes: [UInt8], starts: [Int]) {
        guard text.contains(UInt8(ascii: "%")) else { return (text, Array(0...text.count)) }
        var (bytes, starts, position) = ([UInt8](), [Int](), 0)
        while position < text.count {
            let escaped = escapedByte(text[position...])
            bytes.append(escaped ?? text[position])
            starts.append(position)
            position += escaped == nil ? 1 : 3
        }
        return (bytes, starts + [text.count])
    }

    /// The byte whose escape, of three bytes, a text begins with; nil: it begins with none.
    private static func escapedByte(_ text: ArraySlice<UInt8>) -> UInt8? {
        guard text.first == UInt8(ascii: "%"), text.count >= 3, let high = nibble(text[text.startIndex + 1]),
            let low = nibble(text[text.startIndex + 2])
        else { return nil }
        return high << 4 | low
    }

    /// True if a link may end here: at the end of the text, before white space, before a sign that closes what the link stood in, or
    /// before a character outside ASCII, such as the quotation marks of other languages.
    private static func isEnd(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        while let passed = invisible(rest) { rest = rest.dropFirst(passed) }
        guard let next = rest.first else { return true }
        return next >= 0x80 || closing.contains(next) || whiteSpace(rest) != nil
    }

    private static let closing = Set("<>()[]{}\"'`.,;:!?&|\\*".utf8)

    /// How many bytes the zero-width character or soft hyphen takes that a text begins with; nil: it begins with none.
    static func invisible(_ text: ArraySlice<UInt8>) -> Int? { length(of: invisibles, in: text) }

    /// The same for white space: of ASCII, and the blanks and line ends of Unicode.
    static func whiteSpace(_ text: ArraySlice<UInt8>) -> Int? {
        guard let first = text.first else { return nil }
        if first == 0x20 || (0x09...0x0D).contains(first) { return 1 }
        return first < 0x80 ? nil : length(of: blanks, in: text)
    }

    private static func length(of characters: [[UInt8]], in text: ArraySlice<UInt8>) -> Int? {
        guard let first = text.first, first >= 0x80 else { return nil }
        return characters.first { text.starts(with: $0) }?.count
    }

    private static let invisibles = utf8("\u{AD}\u{180E}\u{200B}\u{200C}\u{200D}\u{200E}\u{200F}\u{2060}\u{FEFF}")
    private static let blanks = utf8(
        "\u{85}\u{A0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200A}"
            + "\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}")

    private static func utf8(_ characters: String) -> [[UInt8]] {
        characters.unicodeScalars.map { Array(String($0).utf8) }
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
