/// The HTML of a mail.
enum LetterHTML {
    /// A plain text as paragraphs and line breaks, with one address that can be clicked.
    ///
    /// - Parameters:
    ///   - text: paragraphs are parted by an empty line.
    ///   - url: becomes an anchor wherever it stands in the text.
    ///   - language: the language tag of the text.
    static func page(_ text: String, url: String, language: String) -> String {
        let paragraphs = text.split(separator: "\n\n").map { paragraph in
            let lines = paragraph.split(separator: "\n").map { anchored(String($0), url: url) }
            return "<p>\(lines.joined(separator: "<br>\n"))</p>"
        }
        return document(paragraphs.joined(separator: "\n"), language: language)
    }

    /// A body as a whole document; what is one already stays as it is.
    static func document(_ body: String, language: String) -> String {
        if body.firstMatch(of: /(?i)<html[\s>]/) != nil { return body }
        return """
            <!DOCTYPE html>
            <html lang="\(escaped(language))"><head><meta charset="utf-8"></head><body>
            \(body)
            </body></html>

            """
    }

    /// An address that can be clicked.
    static func anchor(_ url: String) -> String {
        let address = escaped(url)
        return "<a href=\"\(address)\">\(address)</a>"
    }

    /// Text as text, also within quoted attribute values.
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }

    private static func anchored(_ line: String, url: String) -> String {
        line.split(separator: url, omittingEmptySubsequences: false).map { escaped(String($0)) }
            .joined(separator: anchor(url))
    }
}
