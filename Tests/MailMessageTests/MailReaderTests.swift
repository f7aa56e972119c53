import Foundation
import MailMessage
import TestSupport
import Testing

@Suite("Reading and rewriting a message")
struct MailReaderTests {
    private static let nested = """
        Received: by mx.example.org
        From: desk@example.com
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="outer"

        preamble
        --outer
        Content-Type: multipart/alternative;
        \tboundary=inner

        --inner
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        Gr=C3=BC=C3=9Fe, a line with a soft =
        break
        --inner
        Content-Type: text/html; charset=iso-8859-1
        Content-Transfer-Encoding: base64

        PHA+R3L832U8L3A+Cg==
        --inner--

        --outer
        Content-Type: text/plain; charset=us-ascii; name*=utf-8''gr%C3%BC%C3%9F.txt
        Content-Disposition: attachment

        attached
        --outer
        Content-Type: message/rfc822

        Content-Type: text/plain

        forwarded
        --outer--
        epilogue

        """

    @Test("Parts are found with their types, texts and places")
    func parts() throws {
        let reader = MailReader(Array(Self.nested.utf8))
        #expect(reader.root.allParts.map(\.path) == [[], [0], [0, 0], [0, 1], [1], [2]])
        #expect(
            reader.root.allParts.map(\.contentType.mediaType) == [
                "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/plain", "message/rfc822",
            ])
        #expect(
            reader.textParts.map { reader.text(of: $0).string } == [
                "Grüße, a line with a soft break", "<p>Grüße</p>\n",
            ])
        #expect(reader.textParts.allSatisfy { reader.text(of: $0).isExact })
        let attachment = try #require(reader.part(at: [1]))
        #expect(attachment.isAttachment)
        #expect(attachment.contentType.parameter("name") == "grüß.txt")
        #expect(reader.protection == nil)
    }

    @Test("An attached message is looked into when asked for")
    func descending() {
        let reader = MailReader(Array(Self.nested.utf8), descendingIntoMessages: true)
        #expect(reader.root.allParts.map(\.path).last == [2, 0])
        #expect(reader.textParts.map { reader.text(of: $0).string }.last == "forwarded")
    }

    @Test("A replaced text changes its own bytes only", arguments: ["\n", "\r\n"])
    func replacing(lineEnding: String) throws {
        let message = Self.nested.replacing("\n", with: lineEnding)
        let reader = MailReader(Array(message.utf8))
        let link = "https://support.example.org/l/7Hq2mXcV9tYbLw3RkZpN5sDfGj8QaUe1CxTvB4oMiKz"
        let changed = try reader.replacingTexts([[0, 0]: "Grüße\(lineEnding)\(link)", [0, 1]: "<p>Öl</p>"])
        let expected =
            message
            .replacing(
                "Gr=C3=BC=C3=9Fe, a line with a soft =\(lineEnding)break", with: "Gr=C3=BC=C3=9Fe\(lineEnding)\(link)"
            )
            .replacing("PHA+R3L832U8L3A+Cg==", with: "PHA+1mw8L3A+")
        #expect(String(decoding: changed, as: UTF8.self) == expected)
    }

    @Test("A text that the part's character set lacks makes the part UTF-8 and quoted-printable")
    func newCharset() throws {
        let message = "A: b\nContent-Type: text/plain; charset=us-ascii; format=flowed\nX: y\n\nplain\n"
        let reader = MailReader(Array(message.utf8))
        let changed = String(decoding: try reader.replacingTexts([[]: "Grüße\n"]), as: UTF8.self)
        #expect(
            changed == """
                A: b
                Content-Type: text/plain; charset=utf-8; format=flowed
                X: y
                Content-Transfer-Encoding: quoted-printable
                MIME-Version: 1.0

                Gr=C3=BC=C3=9Fe

                """)
        #expect(
            MailReader(Array(changed.utf8)).textParts.map { MailReader(Array(changed.utf8)).text(of: $0).string } == [
                "Grüße\n"
            ])
    }

    @Test("An emoji in a Latin 1 part of base64 makes it UTF-8 and leaves it base64")
    func newCharsetKeepsEncoding() throws {
        let reader = MailReader(Array(Self.nested.utf8))
        let changed = MailReader(try reader.replacingTexts([[0, 1]: "<p>🦊</p>"]))
        let part = try #require(changed.part(at: [0, 1]))
        #expect(changed.text(of: part) == DecodedText(string: "<p>🦊</p>", isExact: true))
        #expect(part.transferEncoding == .base64)
        #expect(part.contentType.parameter("charset") == "utf-8")
    }

    @Test("A replacement that says the same changes nothing")
    func same() throws {
        let reader = MailReader(Array(Self.nested.utf8))
        let texts = Dictionary(uniqueKeysWithValues: reader.textParts.map { ($0.path, reader.text(of: $0).string) })
        #expect(try reader.replacingTexts(texts) == reader.bytes)
    }

    @Test(
        "Texts are decoded, whatever they are written in",
        arguments: [
            ("text/plain; charset=utf-8", "8bit", Array("grüß".utf8), "grüß", true),
            ("text/plain; charset=ISO-8859-15", "8bit", [0xA4], "€", true),
            ("text/plain; charset=windows-1252", "8bit", [0x93, 0x94], "“”", true),
            ("text/plain; charset=koi8-r", "8bit", [0xF0, 0xD2], "Пр", true),
            ("text/plain; charset=\"gb2312\"", "base64", Array("xOO6ww==".utf8), "你好", true),
            ("text/plain; charset=shift_jis", "quoted-printable", Array("=88=C9".utf8), "伊", true),
            ("text/plain; charset=utf-7", "7bit", Array("+AOQ-".utf8), "ä", true),
            ("text/plain", "7bit", Array("plain".utf8), "plain", true),
            ("text/plain", "8bit", Array("grüß".utf8), "grüß", false),
            ("text/plain", "8bit", [0xFC], "ü", false),
            ("text/plain; charset=utf-8", "8bit", [0xFC], "ü", false),
            ("text/plain; charset=x-none", "8bit", Array("abc".utf8), "abc", true),
            ("TEXT/PLAIN; CHARSET=UTF-8", "BASE64", Array("w7w=".utf8), "ü", true),
        ] as [(String, String, [UInt8], String, Bool)])
    func decoding(type: String, encoding: String, body: [UInt8], text: String, isExact: Bool) {
        let header = "Content-Type: \(type)\nContent-Transfer-Encoding: \(encoding)\n\n"
        let reader = MailReader(Array(header.utf8) + body)
        #expect(reader.text(of: reader.root) == DecodedText(string: text, isExact: isExact))
    }

    @Test(
        "Signed and encrypted messages are known and left alone",
        arguments: [
            ("Content-Type: multipart/signed; boundary=x\n\n--x\n\ntext\n--x--\n", .signed),
            (
                "Content-Type: multipart/mixed; boundary=y\n\n--y\nContent-Type: multipart/signed; boundary=x\n\n--x\n\nt\n--x--\n--y--\n",
                .signed
            ),
            ("Content-Type: multipart/encrypted; boundary=x\n\n--x--\n", .encrypted),
            ("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nMII=\n", .encrypted),
            ("Content-Type: application/x-pkcs7-mime; smime-type=signed-data\n\nMII=\n", .signed),
            ("A: b\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n", .signed),
            ("A: b\n\nHello\r\n-----BEGIN PGP MESSAGE-----\r\n", .encrypted),
            ("A: b\n\n> -----BEGIN PGP SIGNED MESSAGE-----\n", nil),
            ("A: b\n\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n", nil),
        ] as [(String, MessageProtection?)])
    func protection(message: String, protection: MessageProtection?) throws {
        let reader = MailReader(Array(message.utf8))
        #expect(reader.protection == protection)
        guard let protection else { return }
        #expect(throws: RewritingError.protected(protection)) { try reader.replacingTexts([[]: "changed"]) }
    }

    @Test("A part that is missing, no text, or undecodable is not rewritten")
    func refusals() {
        let reader = MailReader(Array(Self.nested.utf8))
        #expect(throws: RewritingError.noSuchPart) { try reader.replacingTexts([[7]: "x"]) }
        #expect(throws: RewritingError.notText) { try reader.replacingTexts([[0]: "x"]) }
        let damaged = MailReader(Array("Content-Type: text/plain; charset=utf-8\n\n".utf8) + [0xFF])
        #expect(throws: RewritingError.undecodableText) { try damaged.replacingTexts([[]: "x"]) }
    }

    @Test(
        "Broken structure is read as far as it goes",
        arguments: [
            ("", 1), ("A: b", 1), ("Content-Type: multipart/mixed\n\nno boundary\n", 1),
            ("Content-Type: multipart/mixed; boundary=x\n\nno delimiter\n", 1),
            ("Content-Type: multipart/mixed; boundary=x\n\n--x\n\nnot closed", 2),
            ("Content-Type: multipart/mixed; boundary=x\n\n--x\n--x\n--x--\n", 3),
            (
                "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/mixed; boundary=y\n\n--y\n\na\n--x\n\nb\n--x--",
                4
            ),
            ("Content-Type: multipart/mixed; boundary=x\n\n--xy\n\na\n--x \n\nb\n--x--\n--x\n\nc", 2),
        ])
    func broken(message: String, parts: Int) {
        #expect(MailReader(Array(message.utf8)).root.allParts.count == parts)
    }

    @Test("Parts nested a thousand deep are left in one piece beyond the hundredth")
    func deep() {
        let message = (0..<1_000).map { "Content-Type: multipart/mixed; boundary=b\($0)\n\n--b\($0)\n" }.joined()
        #expect(MailReader(Array(message.utf8)).root.allParts.count == 101)
    }

    @Test("Mutated messages are read and rewritten without harm")
    func mutations() {
        var generator = SeededGenerator(seed: 7)
        let original = Array(Self.nested.utf8)
        var failing: [String] = []
        for _ in 0..<3_000 where failing.count < 5 {
            var message = original
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<message.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: message[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: message.remove(at: index)
                default: message.insert(contentsOf: message[..<index].suffix(20), at: index)
                }
            }
            if !isRewrittenWell(message) { failing.append(String(decoding: message, as: UTF8.self).debugDescription) }
        }
        #expect(failing.isEmpty)
    }

    /// Whether every text part that can be replaced reads back as replaced, with the other parts as they were.
    private func isRewrittenWell(_ message: [UInt8]) -> Bool {
        let reader = MailReader(message)
        guard reader.protection == nil else { return true }
        for part in reader.textParts where reader.text(of: part).isExact {
            guard let changed = try? reader.replacingTexts([part.path: "changed 🦊\n"]) else { return false }
            let after = MailReader(changed)
            guard after.root.allParts.map(\.path) == reader.root.allParts.map(\.path) else { return false }
            guard let rewritten = after.part(at: part.path), after.text(of: rewritten).string == "changed 🦊\n" else {
                return false
            }
            for other in reader.root.allParts where other.children.isEmpty && other.path != part.path {
                guard let same = after.part(at: other.path) else { return false }
                guard reader.bytes[other.bodyRange] == after.bytes[same.bodyRange] else { return false }
            }
        }
        return true
    }
}
