/// Texts from elsewhere, made safe to show: what no reader can see, but a screen or a mail would obey, is taken out.
public enum PlainText {
    /// Lines kept, ended by `\n`; without control characters, and without the characters that override or embed
    /// a writing direction (Unicode Standard Annex 9, section 2), with which a text can be made to read
    /// differently from what it says, and without noncharacters. Marks of direction (U+200E, U+200F, U+061C) stay: scripts need them.
    public static func lines(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var lastWasReturn = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\r", "\u{85}", "\u{2028}", "\u{2029}": result.append("\n")
            case "\n": if !lastWasReturn { result.append("\n") }
            case "\t": result.append("\t")
            default: if isVisible(scalar) { result.append(scalar) }
            }
            lastWasReturn = scalar == "\r"
        }
        return String(result)
    }

    /// The same on a single line: white space runs become one blank, none at the ends.
    public static func line(_ text: String) -> String {
        lines(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// The beginning of a text, for places that have a bound: at most so many bytes of UTF-8, ended where a Unicode scalar ends.
    public static func beginning(_ text: String, bytes limit: Int) -> (text: String, isCut: Bool) {
        guard text.utf8.count > limit else { return (text, false) }
        var bytes = Array(text.utf8.prefix(limit + 1))
        // The byte behind the end must begin a scalar.
        while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
        return (String(decoding: bytes, as: UTF8.self), true)
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F: false
        case 0x202A...0x202E, 0x2066...0x2069: false
        case 0xFEFF, 0xFFF9...0xFFFB: false
        case 0xFDD0...0xFDEF: false
        default: scalar.value & 0xFFFE != 0xFFFE
        }
    }
}
