/// Text from outside, such as the refusal of a mail server, an error of the desk or what a browser calls itself, made fit to be
/// stored, logged and shown.
///
/// Others quote what we sent them: a refused mail's URL carries a live token. So every URL, everything that may be a token or a
/// part of one, and every address is replaced by a word that says what stood there.
public enum ForeignText {
    /// The text on one line, without URLs, tokens and addresses.
    ///
    /// - Parameter limit: of characters; what is beyond is left out.
    public static func safe(_ text: String, limit: Int = 300) -> String {
        // Cut before it is looked at, so that it costs no more than that, but not within a word: half a token is no token.
        let beginning = String(text.prefix(4 * limit))
        // What a token may have within it is gone from the text that is shown.
        let visible = printable(TokenMask.masked(beginning, with: "<token>"), keepingLines: false)
        return String(withoutAddresses(visible).prefix(limit))
    }

    /// True if a token or half of one stands in the text, as when somebody pastes a link where a number is asked for.
    public static func mayHoldToken(_ text: some StringProtocol) -> Bool { TokenMask.finds(in: text) }

    /// The text for a terminal or a log: control characters and those that turn the direction of writing become U+FFFD.
    ///
    /// - Parameter keepingLines: line feeds and tabs stay; otherwise they become blanks.
    public static func printable(_ text: String, keepingLines: Bool) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    guard isControl(scalar) else { return scalar }
                    guard "\n\t\r".unicodeScalars.contains(scalar) else { return "\u{FFFD}" }
                    return keepingLines && scalar != "\r" ? scalar : " "
                }))
    }

    /// JSON whose control characters are escaped, those included that JSON itself lets stand.
    public static func escapedJSON(_ json: String) -> String {
        guard json.unicodeScalars.contains(where: { $0.value >= 0x7F && isControl($0) }) else { return json }
        return json.unicodeScalars.reduce(into: "") { escaped, scalar in
            guard scalar.value >= 0x7F, isControl(scalar) else { return escaped.unicodeScalars.append(scalar) }
            let digits = String(scalar.value, radix: 16)
            escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // C0, DEL and C1; lines and paragraphs; embeddings, overrides and isolates of direction.
        case 0..<0x20, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func withoutAddresses(_ text: String) -> String {
        var words: [Substring] = []
        // The word in which a quoted name of an address may have begun.
        var quote: Int?
        for part in text.split(separator: " ", omittingEmptySubsequences: false) {
            let word = ForeignWord(part)
            guard word.isMailAddress else {
                if word.mayBeginQuotedName { quote = words.count }
                words.append(word.isURL ? "<url>" : part)
                continue
            }
            if let begin = quote, word.endsQuotedName, words.count - begin <= longestName {
                words.removeSubrange(begin...)
            }
            while let last = words.last, ForeignWord(last).goesOn { words.removeLast() }
            words.append("<address>")
            quote = nil
        }
        return words.joined(separator: " ")
    }

    /// In words; what stands before the `@` is not longer.
    private static let longestName = 16
}
