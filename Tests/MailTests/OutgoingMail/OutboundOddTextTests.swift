import Foundation
import LinkActs
import MailMessage
import OneTimeLinks
import ReplicaSupport
import Testing

@testable import OutgoingMail

/// Texts that are not what their mail says, and mails of odd shapes.
@Suite("The filter for outgoing mail, over texts that cannot be read as such")
struct OutboundOddTextTests {
    private static let tag = "<OTOBO_OTACustomerTicketLink>"

    private func filtered(
        _ mail: [UInt8], _ replica: Replica, settings: Settings = Settings()
    ) async throws -> (mail: [UInt8], outcome: String, warnings: [OutboundWarning]) {
        let filter = OutboundFilter(
            offer: replica.offer(settings: settings),
            linkURL: { "https://tickets.example.org/l/\($0)" }, ticketURL: { "https://desk.example.org/t?n=\($0)" },
            work: MailWork())
        let answer = try await filter(
            SpooledMessage(mail), recipients: ["anna@example.org"], settings: settings)
        let edited = try EditedMessage(answer.message, edits: try #require(answer.mails.last).edits)
        return (try edited.bytes(), answer.outcome.word, answer.warnings)
    }

    private static func head(_ fields: String, subject: String = "[Ticket#2026112510000018] x") -> [UInt8] {
        Array("To: anna@example.org\nSubject: \(subject)\n\(fields)\n".utf8)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let fields: String
        let body: [UInt8]
        /// `{link}` stands for the link.
        let expected: [UInt8]

        init(_ name: String, _ fields: String, _ body: [UInt8], _ expected: [UInt8]) {
            (testDescription, self.fields, self.body, self.expected) = (name, fields, body, expected)
        }
    }

    private static let german: [UInt8] = Array("Gr".utf8) + [0xFC, 0xDF] + Array("e ".utf8)
    private static let linked = german.dropLast() + Array("\n{link}\n".utf8)
    private static let sent = german + Array("\(tag)\n".utf8)

    static let rows: [Row] = [
        Row("no field of MIME, Latin", "", sent, Array(linked)),
        Row("no field of MIME, UTF-8", "", Array("Grüße \(tag)\n".utf8), Array("Grüße\n{link}\n".utf8)),
        Row("no character set", "Content-Type: text/plain\n", sent, Array(linked)),
        Row("ASCII, and is not", "Content-Type: text/plain; charset=us-ascii\n", sent, Array(linked)),
        Row("UTF-8, and is not", "Content-Type: text/plain; charset=utf-8\n", sent, Array(linked)),
        Row(
            "UTF-8, and is cut within a character", "Content-Type: text/plain; charset=utf-8\n",
            Array("ü \(tag)\n".utf8) + [0xC3], Array("ü\n{link}\n".utf8) + [0xC3]),
        Row("a set that no one knows", "Content-Type: text/plain; charset=x-unknown\n", sent, Array(linked)),
        Row("7bit, and is not", "Content-Transfer-Encoding: 7bit\n", sent, Array(linked)),
        Row(
            "quoted-printable",
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n",
            Array("Gr=FC=DFe <OTOBO_OTACustomer=\nTicketLink>\n".utf8), Array(linked)),
        Row(
            "base64", "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n",
            Array(Data(sent).base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed]).utf8),
            Array(linked)),
        Row(
            "HTML", "Content-Type: text/html\n",
            german + Array("<a href=\"\(tag)\">x</a> &#x3c;OTOBO_OTACustomerTicketLink&#x3e;".utf8),
            german + Array("<a href=\"{link}\">x</a> <a href=\"{link}\">{link}</a>".utf8)),
        Row(
            "HTML, UTF-8, and is not", "Content-Type: text/html; charset=utf-8\n",
            german + Array("<p>\(tag)</p>".utf8), german + Array("<p><a href=\"{link}\">{link}</a></p>".utf8)),
        Row(
            "a second spelling", "", german + Array("otalink:ticket=2026112510000018;customer=anna@example.org\n".utf8),
            Array(linked)),
        Row(
            "a German forwarded mail", "",
            Array("\(tag)\n---- Urspr".utf8) + [0xFC] + Array("ngliche Nachricht ----\n\(tag)\n".utf8),
            Array("{link}\n---- Urspr".utf8) + [0xFC]
                + Array("ngliche Nachricht ----\nhttps://desk.example.org/t?n=2026112510000018\n".utf8)),
    ]

    @Test(
        "A text that is not valid in its character set, or names none, gets its link, and no other byte changes",
        arguments: rows)
    func odd(row: Row) async throws {
        try await withReplicas { (replicas, _, _) async throws in
            let head = Self.head(row.fields)
            let (mail, outcome, warnings) = try await filtered(head + row.body, replicas[0])
            #expect(outcome == "linked" && warnings.isEmpty)
            #expect(mail.starts(with: head))
            let reader = MailReader(mail)
            let part = try #require(reader.textParts.first)
            // Each byte as the character of its number, so that they can be compared as text.
            func text(_ bytes: [UInt8]) -> String { String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })) }
            let content = text(reader.content(of: part))
            let link = try #require(content.firstMatch(of: /https:\/\/tickets.example.org\/l\/[0-9A-Za-z]{43}/)).output
            #expect(content == text(row.expected).replacing("{link}", with: link))
        }
    }

    @Test("A sentence is written as the text around it is, as far as that can be told")
    func sentence() async throws {
        try await withReplicas { (replicas, _, _) async throws in
            let settings = Settings(stored: [SettingName.messageRefreshFailed: "Tut uns leid, Müller — ☹"])
            func content(_ type: String, _ before: [UInt8]) async throws -> [UInt8] {
                let mail =
                    Self.head("Content-Type: \(type)\n", subject: "x") + before
                    + Array(Self.tag.utf8)
                let (new, outcome, _) = try await filtered(mail, replicas[0], settings: settings)
                #expect(outcome == "no-ticket")
                let reader = MailReader(new)
                return reader.content(of: try #require(reader.textParts.first))
            }
            #expect(
                try await content("text/plain", [0xC3, 0xBC]) == [0xC3, 0xBC] + Array("Tut uns leid, Müller — ☹".utf8))
            // A set that lacks a character of the sentence.
            let lost = Array("Tut uns leid, M?ller ? ?".utf8)
            #expect(try await content("text/plain", [0xFC]) == [0xFC] + lost)
            #expect(
                try await content("text/html", [0xFC])
                    == [0xFC] + Array("Tut uns leid, M&#252;ller &#8212; &#9785;".utf8))
        }
    }

    @Test("A set that ASCII is not part of: read, it becomes UTF-8; not valid, the mail stays, with a warning")
    func wide() async throws {
        try await withReplicas { (replicas, _, _) async throws in
            let head = Self.head("Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64\n")
            var text: [UInt8] = [0xFE, 0xFF]
            for unit in "Grüße \(Self.tag)\n".utf16 { text += [UInt8(unit >> 8), UInt8(unit & 0xFF)] }
            let damage: [UInt8] = [0xD8, 0x00]
            func mail(_ content: [UInt8]) -> [UInt8] {
                head + Array("\n\(Data(content).base64EncodedString())\n".utf8)
            }
            let (new, outcome, _) = try await filtered(mail(text), replicas[0])
            #expect(outcome == "linked")
            let reader = MailReader(new)
            let read = reader.text(of: try #require(reader.textParts.first)).string
            #expect(read.hasPrefix("Grüße\nhttps://tickets.example.org/l/"))
            let damaged = mail(text + damage)
            let (same, none, warnings) = try await filtered(damaged, replicas[0])
            #expect(same == damaged && none == "untouched" && warnings == [.unread])
        }
    }

    private static func nested(_ depth: Int, _ inner: String) -> [UInt8] {
        let open = (0..<depth).map { "Content-Type: multipart/mixed; boundary=b\($0)x\n\n--b\($0)x\n" }.joined()
        let close = (0..<depth).reversed().map { "\n--b\($0)x--\n" }.joined()
        return Array("To: anna@example.org\nSubject: [Ticket#2026112510000018]\n\(open)\(inner)\(close)".utf8)
    }

    @Test("Deep multiparts are looked into; what is beyond the bound stays, and a tag in it is told of")
    func deep() async throws {
        try await withReplicas { (replicas, _, _) async throws in
            let text = "Content-Type: text/plain\n\nSee \(Self.tag)\n"
            for depth in [1, 21, 99] {
                let (mail, outcome, warnings) = try await filtered(Self.nested(depth, text), replicas[0])
                #expect(outcome == "linked" && warnings.isEmpty)
                #expect(!String(decoding: mail, as: UTF8.self).contains("OTOBO_"))
            }
            let deeper = Self.nested(120, text)
            let (same, outcome, warnings) = try await filtered(deeper, replicas[0])
            #expect(same == deeper && outcome == "untouched" && warnings == [.unread])
            #expect(try OutboundFilter.look(at: SpooledMessage(deeper)) == (false, true))
            let quiet = Self.nested(120, "Content-Type: text/plain\n\nNothing.\n")
            #expect(try OutboundFilter.look(at: SpooledMessage(quiet)) == (false, false))
            // Beyond the most parts.
            let many = String(repeating: "--b0x\n\n", count: 2_500)
            let last = Self.nested(1, "\n\(many)--b0x\n\(text)")
            #expect(try OutboundFilter.look(at: SpooledMessage(last)) == (false, true))
            // A header section of a part that no mail program writes.
            let header = "X: \(String(repeating: "a", count: 70_000))\n\n\(Self.tag)\n"
            #expect(try OutboundFilter.look(at: SpooledMessage(Self.nested(1, header))) == (false, true))
        }
    }

    @Test("In a text too long to be read as one, the scheme in front of an address goes too")
    func schemeInLongText() async throws {
        try await withReplicas { (replicas, _, _) async throws in
            let filler = String(repeating: "<p>a line of a text</p>\n", count: 200_000)
            let links =
                "<a href=\"http://&lt;OTOBO_OTACustomerTicketLink&gt;\">x</a> <a href='%3COTOBO_OTACustomerTicketLink%3E'>"
            let mail =
                "To: anna@example.org\nSubject: [Ticket#2026112510000018]\nContent-Type: text/html\n\n\(filler)\(links)"
            let (new, outcome, warnings) = try await filtered(Array(mail.utf8), replicas[0])
            let url = "https://desk.example.org/t?n=2026112510000018"
            #expect(outcome == "plain-url" && warnings == [.longText])
            #expect(
                String(decoding: new.suffix(120), as: UTF8.self).hasSuffix("<a href=\"\(url)\">x</a> <a href='\(url)'>")
            )
        }
    }
}
