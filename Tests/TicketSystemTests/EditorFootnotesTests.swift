import Foundation
import Testing

@testable import TicketSystem

@Suite("Lines that the desk's editor adds")
struct EditorFootnotesTests {
    private static let lines =
        "[1] https://ckeditor.com/legal/ckeditor-oss-license\n[2] https://otrs.com/\n[3] https://otobo.io/\n"

    private static let table: [(text: String, left: String)] = [
        // As OTOBO 11.0.6 stores what an agent wrote.
        ("Kunde rief an.\n\n\(lines)", "Kunde rief an."),
        ("Kunde rief an.\r\n\r\n\(lines.replacing("\n", with: "\r\n"))", "Kunde rief an.\r"),
        (
            "See the page[4].\n\n\(lines)[4] https://example.org/\n",
            "See the page[4].\n\n[4] https://example.org/\n"
        ),
        ("> Hello\n>\n> \(lines.dropLast().replacing("\n", with: "\n> "))\n\nThanks", "> Hello\n>\n\nThanks"),
        (lines, ""),
        ("\(lines)\nand again\n\(lines)", "\nand again"),
        ("No links.\n", "No links.\n"),
        ("", ""),
        // Other links, another order, other numbers, words beside them: somebody wrote them.
        ("[1] https://otrs.com/\n[2] https://otobo.io/\n", "[1] https://otrs.com/\n[2] https://otobo.io/\n"),
        (
            "[1] https://ckeditor.com/a\n[3] https://otrs.com/\n[2] https://otobo.io/",
            "[1] https://ckeditor.com/a\n[3] https://otrs.com/\n[2] https://otobo.io/"
        ),
        (
            "[1] https://ckeditor.com/a\n[2] https://otrs.com/features\n[3] https://otobo.io/",
            "[1] https://ckeditor.com/a\n[2] https://otrs.com/features\n[3] https://otobo.io/"
        ),
        (
            "[1] https://ckeditor.com/a is good\n[2] https://otrs.com/\n[3] https://otobo.io/",
            "[1] https://ckeditor.com/a is good\n[2] https://otrs.com/\n[3] https://otobo.io/"
        ),
    ]

    @Test("are left out of an article, and nothing else is", arguments: table)
    func removed(row: (text: String, left: String)) throws {
        let body = String(decoding: try JSONEncoder().encode(row.text), as: UTF8.self)
        let json = #"{"ArticleID":"5","IsVisibleForCustomer":1,"MimeType":"text/plain","Body":\#(body)}"#
        let article = try JSONDecoder().decode(OTOBOArticle.self, from: Data(json.utf8))
        #expect(article.article(times: DeskTimeFormat(timeZone: .gmt))?.text == row.left)
    }
}
