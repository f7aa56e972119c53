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
            ("https://x.example/l/\(token) \(token)", "<url> <token>"),
            // Without a digit: half of a token, a token of the add-on, and words.
            ("kQzYtfLmPqVbRsXwJdHnCgT", "<token>"), ("'aBdEgHjKmNpQsTvWxYzAbCdE'", "'<token>'"),
            ("Datenschutzbeauftragter der Geschäftsführung", "Datenschutzbeauftragter der Geschäftsführung"),
            ("AccessDenied in GenericInterface", "AccessDenied in GenericInterface"),
            ("customer.pl?TicketNumber=1;OTAToken=\(addOnToken)", "<url>"), ("'\(addOnToken)'", "'<token>'"),
            ("<anna@example.org>: not here", "<address> not here"),
            // As mail servers and mailing lists quote them.
            ("unknown anna%40example.com", "unknown <address>"), ("anna%2540example.com", "<address>"),
            ("<bounce+anna=example.com>: gone", "<address> gone"), ("bounces-7-anna=example.com", "<address>"),
            ("SRS0=abc=XY=example.com=anna", "<address>"), ("\"anna lena\"@example.com here", "<address> here"),
            ("said \"no\" to \"anna van lena\"@example.com", "said \"no\" to <address>"),
            ("anna\\ lena@example.com", "<address>"), ("anna\u{FF20}example.com", "<address>"),
            (
                "relay=mx.example.org[192.0.2.1]:25, dsn=5.1.1, status=bounced",
                "relay=mx.example.org[192.0.2.1]:25, dsn=5.1.1, status=bounced"
            ),
            (
                "spf=pass smtp.mailfrom=evil.example; dkim=pass;header.d=a.example",
                "spf=pass smtp.mailfrom=evil.example; dkim=pass;header.d=a.example"
            ),
            ("https:\\/\\/x.example\\/l\\/abc", "<url>"),
            // Words beside a token, and words that are like its pieces.
            ("550 5.1.1 \(token) mailbox is full", "550 5.1.1 <token> mailbox is full"),
            (
                "The IPv4 or the IPv6 net of MX1 is on a DNS list in EU",
                "The IPv4 or the IPv6 net of MX1 is on a DNS list in EU"
            ),
            ("Sat Nov 28 18:29:26 UTC 2026 to 5 of 7", "Sat Nov 28 18:29:26 UTC 2026 to 5 of 7"),
            ("id=1rXyZ0-0005Qk-Ab 100% done", "id=1rXyZ0-0005Qk-Ab 100% done"),
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

    /// The token's spellings that a link may have, and in which it is still taken.
    private static let spellings: [String] = {
        let signs: [String] = token.map { String($0) }
        var spellings: [String] = TokenTextTests.tails.map { token + $0 }
        for noise in TokenTextTests.noises {
            for place in [0, 1, 3, 9, 22, 35, 42, 43] {
                spellings.append(String(token.prefix(place)) + noise + String(token.dropFirst(place)))
            }
            spellings.append(noise + signs.joined(separator: noise) + noise)
        }
        spellings.append(token.utf8.map { "%" + String($0, radix: 16) }.joined())
        spellings.append(signs.joined(separator: "%20"))
        spellings.append(signs.joined(separator: "%E2%80%8B"))
        spellings.append(signs[..<5].joined() + "%c2%ad" + signs[5...].joined())
        spellings += ["%2F", "l%2f"].map { $0 + token }
        spellings.append([signs[..<15], signs[15..<30], signs[30...]].map { $0.joined() }.joined(separator: " "))
        spellings.append(
            [signs[..<9], signs[9..<18], signs[18..<27], signs[27...]].map { $0.joined() }.joined(separator: "\n"))
        return spellings
    }()

    @Test("has no part of a token, in whatever spelling the token still counts", arguments: spellings)
    func spelled(spelling: String) {
        for text in [spelling, "550 refused: https://x.example/l/\(spelling)", "(/l/\(spelling)) is spam, 5 of 7"] {
            let shown = ForeignText.safe(text).unicodeScalars.filter {
                $0.isASCII && $0.properties.isAlphabetic || ("0"..."9").contains($0)
            }
            let signs = String(String.UnicodeScalarView(shown))
            for start in 0...(Self.token.count - 8) {
                #expect(!signs.contains(Self.token.dropFirst(start).prefix(8)), "\(ForeignText.safe(text))")
            }
            #expect(ForeignText.mayHoldToken(text))
        }
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
