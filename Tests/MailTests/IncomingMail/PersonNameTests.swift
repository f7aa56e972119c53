import MailMessage
import Testing

@testable import IncomingMail

@Suite("Names for new accounts")
struct PersonNameTests {
    struct Row: Sendable {
        let shown: String?
        var address = "jane.doe@example.org"
        let first: String
        let last: String
    }

    static let table = [
        Row(shown: "Jane Doe", first: "Jane", last: "Doe"),
        Row(shown: "Doe, Jane", first: "Jane", last: "Doe"),
        Row(shown: "Jane van der Doe", first: "Jane van der", last: "Doe"),
        Row(shown: "Jane", first: "Jane", last: "-"),
        Row(shown: "Jane,", first: "Jane,", last: "-"),
        Row(shown: "Doe, Jane, PhD", first: "Doe, Jane,", last: "PhD"),
        Row(shown: "  ", first: "jane", last: "doe"),
        Row(shown: nil, first: "jane", last: "doe"),
        Row(shown: nil, address: "info@example.org", first: "info", last: "-"),
        Row(shown: nil, address: "___@example.org", first: "___", last: "-"),
        Row(shown: "\u{202E}", first: "jane", last: "doe"),
        Row(shown: "Jürgen Müller", first: "Jürgen", last: "Müller"),
        Row(
            shown: String(repeating: "ö", count: 120), first: String(repeating: "ö", count: 100), last: "-"),
    ]

    @Test("They come from the display name, else from the address, and are never blank", arguments: table)
    func names(row: Row) throws {
        let name = PersonName(of: try MailAddress(row.address, displayName: row.shown))
        #expect(name.first == row.first)
        #expect(name.last == row.last)
    }

    @Test("Texts are cut between characters, and counted as the database counts")
    func cut() {
        #expect("abc".cut(toCodePoints: 3) == "abc")
        #expect("abcd".cut(toCodePoints: 3) == "abc")
        // A letter and its combining mark count as two and stay together.
        #expect("aae\u{301}".cut(toCodePoints: 3) == "aa")
    }
}
