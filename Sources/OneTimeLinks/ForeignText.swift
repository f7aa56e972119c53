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
        let visible = printable(String(text.prefix(4 * limit)), keepingLines: false)
        let words = visible.split(separator: " ", omittingEmptySubsequences: false).map(word)
        return String(words.joined(separator: " ").prefix(limit))
    }

    /// True if a token or half of one stands in the text, as when somebody pastes a link where a number is asked for.
    public static func mayHoldToken(_ text: some StringProtocol) -> Bool {
        text.split { !isBase62($0) }.contains { isToken(Substring($0)) }
    }

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

    private static func word(_ word: Substring) -> String {
        let bytes = word.utf8
        if bytes.contains(UInt8(ascii: "@")) { return "<address>" }
        // Also as some programs quote it: with its signs escaped, or without the scheme.
        if bytes.firstRange(of: "://".utf8) != nil || bytes.firstRange(of: "%3A%2F%2F".utf8) != nil
            || bytes.firstRange(of: "%3a%2f%2f".utf8) != nil || bytes.firstRange(of: "OTAToken".utf8) != nil
        {
            return "<url>"
        }
        return withoutTokens(word)
    }

    /// Shorter runs are the numbers under which mail servers keep a mail. Half of a token is longer.
    private static let shortestToken = 16

    /// From this length on letters alone count too: one half of a token in sixty has no digit.
    private static let shortestOfLetters = 20

    /// Replaces each run of letters and digits that may be a token or half of one.
    private static func withoutTokens(_ word: Substring) -> String {
        guard word.utf8.count >= shortestToken else { return String(word) }
        var result = ""
        var rest = word
        while !rest.isEmpty {
            let run = rest.prefix { isBase62($0) }
            result += isToken(run) ? "<token>" : String(run)
            rest = rest[run.endIndex...]
            let other = rest.prefix { !isBase62($0) }
            result += other
            rest = rest[other.endIndex...]
        }
        return result
    }

    private static func isToken(_ run: Substring) -> Bool {
        guard run.utf8.count >= shortestToken, run.contains(where: \.isLowercase), run.contains(where: \.isUppercase)
        else { return false }
        if run.contains(where: \.isNumber) { return true }
        // A long German noun has its only capital in front.
        return run.utf8.count >= shortestOfLetters
            && zip(run, run.dropFirst()).contains { $0.isLowercase && $1.isUppercase }
    }

    private static func isBase62(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber)
    }
}
