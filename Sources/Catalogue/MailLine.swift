import Foundation

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

    private static let marks = ["://", "www.", "@", "mailto:"]

    /// True for a word that a mail program could make clickable: a URL, a mail address, a host name, or the four numbers of an IP
    /// address, in whatever letters. `10.1` and `e.g.` are none.
    private static func isAddress(_ word: Substring) -> Bool {
        let scalars = folded(word)
        let text = String(String.UnicodeScalarView(scalars))
        if marks.contains(where: text.contains) { return true }
        var numbers = 0
        var start = 0
        while let dot = scalars[start...].firstIndex(of: ".") {
            let (before, after) = (scalars[start..<dot], scalars[(dot + 1)...])
            // The last label of a host name is of letters.
            if before.last.map(isOfLabel) == true, after.prefix(2).count(where: isLetter) == 2 { return true }
            numbers = before.isEmpty || !before.suffix(3).allSatisfy(isDigit) ? 0 : numbers + 1
            if numbers >= 3, after.first.map(isDigit) == true { return true }
            start = dot + 1
        }
        return false
    }

    /// In lower case, and with the forms that programs take for a dot or an `@` as such; invisible characters left out.
    private static func folded(_ word: Substring) -> [Unicode.Scalar] {
        let text = String(word).precomposedStringWithCompatibilityMapping.lowercased()
        return text.unicodeScalars.compactMap { scalar in
            switch scalar.value {
            case 0x3002, 0xFF0E, 0xFF61, 0x2024: "."
            default: scalar.properties.isDefaultIgnorableCodePoint ? nil : scalar
            }
        }
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isAlphabetic }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { (48...57).contains(scalar.value) }

    private static func isOfLabel(_ scalar: Unicode.Scalar) -> Bool {
        isLetter(scalar) || scalar.properties.numericType != nil || scalar == "-" || scalar == "_"
    }
}
