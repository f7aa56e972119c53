/// The HTML of a mail.
package enum LetterHTML {
    /// A plain text as paragraphs and line breaks, with one address that can be clicked.
    ///
    /// - Parameters:
    ///   - text: paragraphs are parted by an empty line.
    ///   - url: becomes an anchor wherever it stands in the text.
    ///   - language: the language tag of the text.
    package static func page(_ text: String, url: String, language: String) -> String {
        let paragraphs = text.split(separator: "\n", omittingEmptySubsequences: false).split(whereSeparator: \.isEmpty)
            .map { lines in
                "<p>\(lines.map { anchored($0, url: url) }.joined(separator: "<br>\n"))</p>"
            }
        return document(paragraphs.joined(separator: "\n"), language: language)
    }

    /// A body as a whole document; what is one already stays as it is.
    package static func document(_ body: String, language: String) -> String {
        if isDocument(body) { return body }
        return """
            <!DOCTYPE html>
            <html lang="\(HTMLEscaping.escaped(language))"><head><meta charset="utf-8"></head><body>
            \(body)
            </body></html>

            """
    }

    /// True if the text holds a start tag `html`.
    private static func isDocument(_ body: String) -> Bool {
        let name = Array("html".utf8)
        var rest = body.utf8[...]
        while let opening = rest.firstIndex(of: UInt8(ascii: "<")) {
            rest = rest[opening...].dropFirst()
            let isNamed = rest.prefix(name.count).map { $0 | 0x20 } == name
            if isNamed, let next = rest.dropFirst(name.count).first, next <= 0x20 || next == UInt8(ascii: ">") {
                return true
            }
        }
        return false
    }

    /// An address that can be clicked.
    package static func anchor(_ url: String) -> String {
        let address = HTMLEscaping.escaped(url)
        return "<a href=\"\(address)\">\(address)</a>"
    }

    /// The length of `http://` or `https://` at the end of a text, if that is all that an attribute's value has so far; else 0.
    package static func lengthOfScheme(endingText text: some BidirectionalCollection<UInt8>, inQuotes isQuoted: Bool)
        -> Int
    {
        for scheme in schemes where text.count > scheme.count {
            let end = text.suffix(scheme.count + 1)
            let beginsValue = end.first.map { (isQuoted ? "\"'" : "=").utf8.contains($0) } ?? false
            if beginsValue, end.dropFirst().map({ (65...90).contains($0) ? $0 | 0x20 : $0 }) == scheme {
                return scheme.count
            }
        }
        return 0
    }

    private static let schemes = ["http://", "https://"].map { Array($0.utf8) }

    private static func anchored(_ line: Substring, url: String) -> String {
        let (text, wanted) = (Array(line.utf8), Array(url.utf8))
        guard let first = wanted.first else { return HTMLEscaping.escaped(String(line)) }
        var pieces: [String] = []
        var (start, position) = (0, 0)
        // Bytes, not characters: where a character begins can depend on all that stand before it.
        while let found = text[position...].firstIndex(of: first) {
            position = found + 1
            guard text[found...].starts(with: wanted) else { continue }
            pieces.append(HTMLEscaping.escaped(String(decoding: text[start..<found], as: UTF8.self)))
            (start, position) = (found + wanted.count, found + wanted.count)
        }
        pieces.append(HTMLEscaping.escaped(String(decoding: text[start...], as: UTF8.self)))
        return pieces.joined(separator: anchor(url))
    }
}
