import Foundation
import MailMessage
import TestSupport
import Testing
import Text

@Suite("Our own mails")
struct MailComposerTests {
    private static let token = "7Hq2mXcV9tYbLw3RkZpN5sDfGj8QaUe1CxTvB4oMiKz"
    private static let longLink = "https://support.example.org/customer/otalink/\(token)"
    private static let shortLink = "https://d.example/l/\(token)"

    private static let composedNames: [String?] = [
        nil, "Jane", "Jane Doe", "Jane Q. Doe", "Doe, Jane", "Jane \"JD\" Doe", "Jane [ACME]", "Jane <ACME>",
        "Jane (ACME)",
        "back\\slash", "O'Neil", "'quoted'", "Jürgen Müller", "Müller, Jürgen \"JM\" <Büro>", "日本語の名前", "🦊 Jane",
        "👩‍👩‍👧‍👦 Family",
        "שרה כהן", "محمد عبد الله", "Jane; Doe: x", "a=?b?=c", "=?utf-8?Q?x?=", "e\u{301}clair", "Ωμέγα & Söhne, GmbH",
        "_under_score_",
        "jane@example.org", "Ünïcödé \(String(repeating: "wörd ", count: 30))end",
        String(repeating: "long ", count: 40) + "end",
        String(repeating: "🦊", count: 40),
    ]

    private static let composedSubjects = [
        "Hello", "", "Your link [Ticket#2024121410000012]", "Ihr Link für „Ticket“",
        "日本語の件名" + String(repeating: "長い", count: 40), "🦊🦊🦊",
        "=?utf-8?Q?raw?=", "a  double space", " leading and trailing ", "תשובה לפנייה שלך",
        "A long subject of plain words that has to be folded somewhere because it is longer than one line may be, really",
        String(repeating: "x", count: 600), "tab\u{A0}no-break", "100 % = ? _ underscore",
    ]

    private static let composedTexts = [
        "Hello\n", "", "no break at the end", "Dear Jane,\n\nyour link:\n\n\(longLink)\n\nRegards\n",
        "Grüße,\n\nIhr Link:\n\n\(longLink)\n\nBüro\n", "Grüße,\n\nIhr Link:\n\n\(shortLink)\n\nBüro\n",
        "From here\n.\n..\n.leading dot\n-- \nsignature\n", "trailing space \ntab\t\nÜ \n",
        String(repeating: "long line ", count: 200) + "\n",
        String(repeating: "ü", count: 2_000) + "\n", "CRLF\r\nCR\rLF\n", "日本語\n🦊\nעברית\n", "= equals =3D ü\n",
        "--boundary-like ü\n",
    ]

    private func mail(
        name: String? = "Jane Doe", subject: String = "Hello", text: String = "Hello\n", html: String? = nil
    ) throws -> OutgoingMail {
        OutgoingMail(
            from: try MailAddress("desk@example.com", displayName: name),
            to: [
                try MailAddress("jane@example.org", displayName: name),
                try MailAddress("joe@müller.example", displayName: name),
            ],
            subject: subject, date: Date(timeIntervalSince1970: 1_734_343_205),
            messageID: "01939a.7Hq2@desk.example.com",
            fields: [.init("Auto-Submitted", "auto-generated"), .init("X-Auto-Response-Suppress", "All")],
            text: text, html: html, boundary: "=_otalink_0193a")
    }

    @Test("Python reads names, subjects and texts exactly, and finds no defect")
    func python() async throws {
        var mails = try Self.composedNames.map { try mail(name: $0) }
        mails += try Self.composedSubjects.map { try mail(subject: $0) }
        mails += try Self.composedTexts.map { try mail(text: $0) }
        mails += try Self.composedTexts.map { try mail(text: $0, html: "<p lang=\"de\">ü</p>\n<pre>\($0)</pre>") }
        let read = try await readByPython(mails.map { try MailComposer.compose($0) })
        try #require(read.count == mails.count)
        for (mail, peer) in zip(mails, read) {
            #expect(peer.defects.isEmpty, "\(peer.defects) in \(mail)")
            #expect(peer.from == [[mail.from.displayName ?? "", mail.from.address]])
            #expect(peer.to == mail.to.map { [$0.displayName ?? "", $0.address] })
            #expect(peer.subject == mail.subject)
            #expect(peer.date == "2024-12-16T10:00:05+00:00")
            #expect(peer.messageID == "<01939a.7Hq2@desk.example.com>")
            #expect(peer.fields == ["Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"])
            #expect(peer.type == (mail.html == nil ? "text/plain" : "multipart/alternative"))
            #expect(peer.texts.map(\.text) == [mail.text, mail.html].compactMap(\.self).map(withLineFeeds))
            #expect(peer.texts.map(\.type) == (mail.html == nil ? ["text/plain"] : ["text/plain", "text/html"]))
        }
    }

    @Test("Our own reader reads the same", arguments: composedNames)
    func names(name: String?) throws {
        let reader = MailReader(try MailComposer.compose(try mail(name: name)))
        let from = try SenderRule.sender(of: HeaderBlock(parsing: reader.header.serialised).withoutAddressNames)
        #expect(from.address == "desk@example.com")
        let field = try #require(reader.header.first(named: "From"))
        let mailbox = try #require(AddressList(parsing: field.value).mailboxes.first)
        #expect(mailbox.name == (try mail(name: name)).from.displayName)
    }

    @Test("Header lines hold at most 76 characters, body lines 998, and all end with CRLF")
    func lines() throws {
        for (name, subject) in zip(
            Self.composedNames, Self.composedSubjects + Self.composedSubjects + Self.composedSubjects)
        {
            for text in Self.composedTexts {
                let bytes = try MailComposer.compose(try mail(name: name, subject: subject, text: text, html: text))
                let isBroken = bytes.indices.contains { index in
                    (bytes[index] == 0x0A) != (index > 0 && bytes[index - 1] == 0x0D)
                        && (bytes[index] == 0x0A || (index > 0 && bytes[index - 1] == 0x0D))
                }
                #expect(!isBroken)
                let lines = String(decoding: bytes, as: UTF8.self).split(
                    separator: "\r\n", omittingEmptySubsequences: false)
                #expect(lines.allSatisfy { $0.utf8.count <= 998 })
                let header = lines.prefix { !$0.isEmpty }
                #expect(header.allSatisfy { $0.utf8.count <= 76 || !$0.dropFirst().contains(" ") })
                #expect(bytes.allSatisfy { $0 < 0x80 })
            }
        }
    }

    @Test("A link stands whole in the raw source, or the text is base64", arguments: composedTexts)
    func links(text: String) throws {
        let source = String(decoding: try MailComposer.compose(try mail(text: text)), as: UTF8.self)
        guard text.contains("https://"), !source.contains("Content-Transfer-Encoding: base64") else { return }
        #expect(source.contains("\r\n\(text.contains(Self.longLink) ? Self.longLink : Self.shortLink)\r\n"))
    }

    @Test(
        "The plainest encoding that is safe is chosen",
        arguments: [
            ("Hello\n", "7bit"), ("\(longLink)\n", "7bit"), ("Grüße\n", "quoted-printable"),
            ("Grüße\n\(shortLink)\n", "quoted-printable"),
            ("Grüße\n\(longLink)\n", "base64"), (String(repeating: "a ", count: 600), "quoted-printable"),
        ])
    func encoding(text: String, encoding: String) throws {
        let source = String(decoding: try MailComposer.compose(try mail(text: text)), as: UTF8.self)
        #expect(source.contains("Content-Transfer-Encoding: \(encoding)\r\n"))
    }

    @Test("The same mail is the same bytes, and plain ones are as expected")
    func bytes() throws {
        let first = try MailComposer.compose(try mail(html: "<p>Hello</p>"))
        #expect(try MailComposer.compose(try mail(html: "<p>Hello</p>")) == first)
        let expected = """
            From: Jane Doe <desk@example.com>
            To: Jane Doe <jane@example.org>,
             Jane Doe <joe@xn--mller-kva.example>
            Subject: Hello
            Date: Mon, 16 Dec 2024 10:00:05 +0000
            Message-ID: <01939a.7Hq2@desk.example.com>
            Auto-Submitted: auto-generated
            X-Auto-Response-Suppress: All
            MIME-Version: 1.0
            Content-Type: multipart/alternative;
             boundary="=_otalink_0193a"

            --=_otalink_0193a
            Content-Type: text/plain; charset=us-ascii
            Content-Transfer-Encoding: 7bit

            Hello

            --=_otalink_0193a
            Content-Type: text/html; charset=us-ascii
            Content-Transfer-Encoding: 7bit

            <p>Hello</p>

            --=_otalink_0193a--

            """
        #expect(String(decoding: first, as: UTF8.self) == expected.replacing("\n", with: "\r\n"))
    }

    @Test("What cannot be a mail is refused")
    func refusals() throws {
        func refusal(_ change: (inout OutgoingMail) -> Void) throws -> CompositionError? {
            var mail = try mail(html: "<p>x</p>")
            change(&mail)
            do {
                _ = try MailComposer.compose(mail)
                return nil
            } catch {
                return error
            }
        }
        #expect(try refusal { $0.to = [] } == .noRecipient)
        #expect(try refusal { $0.messageID = "a b@example.com" } == .invalidMessageID)
        #expect(try refusal { $0.messageID = "x@y>\r\nBcc: z@example.net" } == .invalidMessageID)
        #expect(try refusal { $0.boundary = "" } == .invalidBoundary)
        #expect(try refusal { $0.boundary = "a\r\nb" } == .invalidBoundary)
        #expect(try refusal { $0.text = "--=_otalink_0193a" } == .invalidBoundary)
        #expect(try refusal { $0.subject = "a\r\nBcc: x@example.net" } == .invalidField("Subject"))
        #expect(try refusal { $0.fields = [.init("bcc", "a\nb")] } == .invalidField("bcc"))
        #expect(try refusal { $0.fields = [.init("FROM", "x@example.net")] } == .reservedField("FROM"))
    }

    @Test(
        "Prose is wrapped at spaces, links and quoted lines are left whole",
        arguments: [
            ("short", "short"), ("one two three", "one two\nthree"), ("a\n\nb", "a\n\nb"),
            ("https://example.org/long", "https://example.org/long"),
            ("see https://example.org/long now", "see\nhttps://example.org/long\nnow"),
            ("> quoted line stays", "> quoted line stays"),
            ("  indented words here", "  indented\n  words\n  here"), ("", ""),
        ])
    func wrapping(text: String, wrapped: String) {
        #expect(text.wrapped(at: 10) == wrapped)
    }

    /// Lines ended by line feeds, the last one too, as Python gives them.
    private func withLineFeeds(_ text: String) -> String {
        let text = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        return text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
    }
}

extension HeaderBlock {
    /// The section with the name taken out of From, since the sender rule refuses a name that is an address.
    fileprivate var withoutAddressNames: HeaderBlock {
        var header = self
        guard let value = header.first(named: "From")?.value, let start = value.lastIndex(of: "<") else {
            return header
        }
        try? header.set("From", to: String(value[start...]))
        return header
    }
}
