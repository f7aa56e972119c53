import Foundation
import Text

/// One line of a mail from a text that somebody else wrote.
///
/// Names and titles come from the person who wrote the first message, and the answer goes to the address given there:
/// it must not be possible to make the help desk mail links of one's own choice to a stranger. Mail programs make an address of
/// any word that looks like a host name, so such words count too.
public enum MailLine {
    private static let longest = 100

    /// On one line, without control characters and direction overrides, cut after 100 characters.
    static func shortened(_ text: String) -> String {
        let words = PlainText.line(text)
        return words.count <= longest ? words : words.prefix(longest - 1) + "…"
    }

    /// The same, or nil if nothing is left or if something in it could be taken for a link or an address.
    public static func harmless(_ text: String) -> String? {
        let line = shortened(text)
        return line.isEmpty || line.split(separator: " ").contains(where: isAddress) ? nil : line
    }

    /// On one line, and `[…]` in place of every word that could be taken for a link or an address; of a very long text the
    /// beginning.
    public static func withoutAddresses(_ text: String) -> String {
        PlainText.line(PlainText.beginning(text, bytes: longestInBytes).text).split(separator: " ")
            .map { isAddress($0) ? gap : String($0) }.joined(separator: " ")
    }

    /// The same, shortened; nil if no word is left.
    static func harmlessTitle(_ text: String) -> String? {
        let title = shortened(withoutAddresses(text))
        return title.split(separator: " ").allSatisfy { $0 == gap } ? nil : title
    }

    private static let gap = "[…]"
    private static let longestInBytes = 4_000

    private static let marks = ["://", "www.", "@", "mailto:", "localhost/", "localhost:"]
    /// What subjects begin with, glued to the next word as often as not.
    private static let subjectMarks: Set = ["re", "aw", "wg", "fw", "fwd", "sv", "vs", "antw", "tr", "rv"]

    /// True for a word that a mail program could make clickable: a URL, a mail address, a host name, or the four numbers of an IP
    /// address, in whatever letters. `10.1` and `e.g.` are none.
    private static func isAddress(_ word: Substring) -> Bool {
        let scalars = folded(word)
        let text = String(String.UnicodeScalarView(scalars))
        return marks.contains(where: text.contains) || hasScheme(scalars) || hasHost(scalars)
    }

    /// True for `tel:+4930` and `https:name`, and for `//name` and `\\name`, which are addresses without one: some programs take them for
    /// links, and browsers mend them. `Re:` with its blank is none, and neither is `3:1`.
    private static func hasScheme(_ scalars: [Unicode.Scalar]) -> Bool {
        var scheme = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            let next = index + 1 < scalars.count ? scalars[index + 1] : nil
            if scalar == "/" || scalar == "\\", next == scalar, index + 2 < scalars.count, isOfLabel(scalars[index + 2])
            {
                return true
            }
            if isLetter(scalar) || (!scheme.isEmpty && (isDigit(scalar) || scalar == "+" || scalar == "-")) {
                scheme.append(scalar)
            } else {
                // One letter names a drive.
                if scalar == ":", scheme.count > 1, !subjectMarks.contains(String(scheme)),
                    let next, isOfLabel(next) || "/\\+?(".unicodeScalars.contains(next)
                {
                    return true
                }
                scheme.removeAll()
            }
        }
        return false
    }

    private static func hasHost(_ scalars: [Unicode.Scalar]) -> Bool {
        var numbers = 0
        var start = 0
        while let dot = scalars[start...].firstIndex(of: ".") {
            let (before, after) = (scalars[start..<dot], scalars[(dot + 1)...])
            // A program that takes a backslash for an escape shows what is behind it, a blank too.
            if before.last(where: { $0 != "\\" }).map(isOfLabel) == true {
                // The last label of a host name is of letters.
                if after.first == "\\" || after.prefix(2).count(where: isLetter) == 2 { return true }
            }
            numbers = before.isEmpty || !before.suffix(3).allSatisfy(isDigit) ? 0 : numbers + 1
            if numbers >= 3, after.first.map(isDigit) == true { return true }
            start = dot + 1
        }
        return false
    }

    /// In lower case, and with the forms that programs take for a dot or an `@` as such, escapes included; invisible characters left out.
    private static func folded(_ word: Substring) -> [Unicode.Scalar] {
        let text = String(word).precomposedStringWithCompatibilityMapping.lowercased()
        let scalars = text.unicodeScalars.compactMap { scalar -> Unicode.Scalar? in
            switch scalar.value {
            case 0x3002, 0xFF0E, 0xFF61, 0x2024: "."
            default: scalar.properties.isDefaultIgnorableCodePoint ? nil : scalar
            }
        }
        return scalars.contains("%") ? unescaped(scalars) : scalars
    }

    /// With the signs of ASCII in place of their escapes (RFC 3986, 2.1).
    private static func unescaped(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var (result, position) = ([Unicode.Scalar](), 0)
        while position < scalars.count {
            if scalars[position] == "%", position + 2 < scalars.count, let high = hexDigit(scalars[position + 1]),
                high < 8,
                let low = hexDigit(scalars[position + 2])
            {
                result += String(Character(Unicode.Scalar(high << 4 | low))).lowercased().unicodeScalars
                position += 3
            } else {
                result.append(scalars[position])
                position += 1
            }
        }
        return result
    }

    private static func hexDigit(_ scalar: Unicode.Scalar) -> UInt8? {
        scalar.isASCII ? Character(scalar).hexDigitValue.map(UInt8.init) : nil
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isAlphabetic }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { (48...57).contains(scalar.value) }

    private static func isOfLabel(_ scalar: Unicode.Scalar) -> Bool {
        isLetter(scalar) || scalar.properties.numericType != nil || scalar == "-" || scalar == "_"
    }
}
