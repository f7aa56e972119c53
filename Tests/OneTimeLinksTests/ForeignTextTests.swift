import Foundation
import OneTimeLinks
import Testing

@Suite("Text from outside")
struct ForeignTextTests {
    private static let token = "3KkQ9zYt0fLmPq7VbR2sXw5Jd8HnCg1TaE4uMiOo6Zy"
    private static let addOnToken = "aB3dE6gH9jK2mN5pQ8sT1vW4"

    @Test(
        "is stored without URLs, tokens and addresses",
        arguments: [
            ("550 5.1.1 No such user", "550 5.1.1 No such user"),
            ("554 5.7.1 Spam: https://tickets.example.org/l/\(token).", "554 5.7.1 Spam: <url>"),
            ("see=http://x.example/l/\(token)&y", "<url>"), ("HTTPS://X.example/l/\(token)", "<url>"),
            ("u=https%3A%2F%2Fx.example%2Fl%2F\(token)", "<url>"),
            ("(/l/\(token))", "(/l/<token>)"), ("\(token)", "<token>"), ("x\"\(token)\"y", "x\"<token>\"y"),
            // A reply of several lines cuts a token in two.
            ("\(token.prefix(21)) \(token.dropFirst(21))", "<token> <token>"),
            // Without a digit: half of a token, a token of the add-on, and words.
            ("kQzYtfLmPqVbRsXwJdHnCgT", "<token>"), ("'aBdEgHjKmNpQsTvWxYzAbCdE'", "'<token>'"),
            ("Datenschutzbeauftragter der Geschäftsführung", "Datenschutzbeauftragter der Geschäftsführung"),
            ("AccessDenied in GenericInterface", "AccessDenied in GenericInterface"),
            ("customer.pl?TicketNumber=1;OTAToken=\(addOnToken)", "<url>"), ("'\(addOnToken)'", "'<token>'"),
            ("<anna@example.org>: not here", "<address> not here"),
            ("250 2.0.0 Ok: queued as 4Rxyz0Abcdz1QX", "250 2.0.0 Ok: queued as 4Rxyz0Abcdz1QX"),
            ("d9443c01a7336-1d4c7a6b2bdsi123456789plb.123", "d9443c01a7336-1d4c7a6b2bdsi123456789plb.123"),
            ("id 0190a0a0-0000-7000-8000-000000000000", "id 0190a0a0-0000-7000-8000-000000000000"),
            ("a\r\nb\u{1B}[31mc\u{7F}\u{9B}d", "a  b\u{FFFD}[31mc\u{FFFD}\u{FFFD}d"), ("\u{202E}abc", "\u{FFFD}abc"),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
            ),
            ("", ""),
        ])
    func safe(text: String, stored: String) {
        #expect(ForeignText.safe(text) == stored)
    }

    @Test("is cut to its limit")
    func limit() {
        #expect(ForeignText.safe(String(repeating: "ab ", count: 1_000), limit: 10) == "ab ab ab a")
        let atTheEdge = String(repeating: "a ", count: 190) + Self.token
        #expect(!ForeignText.safe(atTheEdge, limit: 400).contains(Self.token.prefix(16)))
    }

    @Test("reaches a terminal without control characters")
    func printable() {
        #expect(ForeignText.printable("a\tb\nc\r\u{1B}]0;x\u{7}", keepingLines: true) == "a\tb\nc \u{FFFD}]0;x\u{FFFD}")
        #expect(ForeignText.printable("a\u{2066}b\u{85}", keepingLines: true) == "a\u{FFFD}b\u{FFFD}")
        #expect(ForeignText.printable("Jürgen 🦊 שרה", keepingLines: false) == "Jürgen 🦊 שרה")
    }

    @Test("stays JSON with its control characters escaped")
    func json() throws {
        let escaped = ForeignText.escapedJSON("[\"a\u{9B}\u{7F}\u{202E}ü\"]")
        #expect(escaped == #"["a\u009b\u007f\u202eü"]"#)
        #expect(try JSONDecoder().decode([String].self, from: Data(escaped.utf8)) == ["a\u{9B}\u{7F}\u{202E}ü"])
    }

    @Test("No token is taken for a ticket's number")
    func ticketNumbers() {
        #expect(TicketNumber(Self.token) == nil && TicketNumber(Self.addOnToken) == nil)
        for number in ["2026112510000018", "1000001", "HELP-2026112510000018", "ab12cd34ef56ab12cd34ef56"] {
            #expect(TicketNumber(number)?.text == number)
        }
    }
}
