/// A plain text as the HTML of a mail: paragraphs, line breaks, and one address that can be clicked.
enum LetterHTML {
    /// - Parameters:
    ///   - text: paragraphs are parted by an empty line.
    ///   - url: becomes an anchor wherever it stands in the text.
    ///   - language: the language tag of the text.
    static func page(_ text: String, url: String, language: String) -> String {
        let paragraphs = text.split(separator: "\n\n").map { paragraph in
            let lines = paragraph.split(separator: "\n").map { anchored(String($0), url: url) }
            return "<p>\(lines.joined(separator: "<br>\n"))</p>"
        }
        return """
            <!DOCTYPE html>
            <html lang="\(escaped(language))"><head><meta charset="utf-8"></head><body>
            \(paragraphs.joined(separator: "\n"))
            </body></html>

            """
    }

    private static func anchored(_ line: String, url: String) -> String {
        let address = escaped(url)
        return line.split(separator: url, omittingEmptySubsequences: false).map { escaped(String($0)) }
            .joined(separator: "<a href=\"\(address)\">\(address)</a>")
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }
}
