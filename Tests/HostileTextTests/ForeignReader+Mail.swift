import Foundation
import OneTimeLinks
import TestSupport

@testable import IncomingMail
@testable import MailMessage
@testable import OutgoingMail

extension ForeignReader {
    /// Messages and their parts.
    static let mail: [ForeignReader] = [
        ForeignReader(
            "header section",
            pieces: [
                "X-OTOBO-Queue: a\n", "X-OTOBO-Queue: a\r", "From: a@b.example\n", "Content-Type: a/b\n", "\n ", "a\r",
                "From ",
            ]
        ) { text in
            var header = HeaderBlock(parsing: text)
            header.remove(namesStartingWith: InboundFilter.steeringPrefixes)
            try? header.set("X-OTOBO-CustomerUser", to: "a@b.example")
            try? header.set("X-OTOBO-CustomerNo", to: "a@b.example")
            header.replace("Content-Type", with: "text/plain")
            _ = header.serialised
        },
        ForeignReader("length of a header section", pieces: ["a:\n"]) { text in
            _ = HeaderBlock.length(in: text)
        },
        ForeignReader(
            "robot rule", pieces: ["List-Id: a\n", "Return-Path: <>\n", "Auto-Submitted: no\n", "Precedence: x\n"],
            frames: [
                ("", ""), ("Auto-Submitted: ", ""), ("Return-Path: ", ""), ("From ", ""), ("List-Id: ", ""),
                ("X-Auto-Response-Suppress: ", ""),
            ]
        ) { text in
            let header = HeaderBlock(parsing: text)
            let rule = RobotRule(ownAddresses: ["a@b.example"], peoplesLists: ["a.example"])
            _ = (rule.reason(for: header), RobotRule.wantsNoAutomaticAnswer(header))
        },
        ForeignReader("sender rule", pieces: addressPieces, frames: [("From: ", ""), ("From: \"", "\" <a@b.example>")])
        { text in
            _ = SenderRule.verdict(for: HeaderBlock(parsing: text))
        },
        ForeignReader("address list", pieces: addressPieces, frames: [("", ""), ("<", ""), ("\"", "")]) {
            (text: String) in
            _ = AddressList(parsing: text).mailboxes
        },
        ForeignReader(
            "mail address", pieces: ["ß", "xn--a.", "漢字", "\u{212A}", "é."],
            frames: [("", ""), ("a@", ""), ("", "@example.org")],
            shapes: [HostileShape(beginning: "a@", unit: allLetters)]
        ) { (text: String) in
            _ = try? MailAddress(text, displayName: text)
        },
        ForeignReader("recipients", pieces: addressPieces, frames: [("To: ", ""), ("Cc: a@b.example\nTo: ", "")]) {
            text in
            _ = OutboundRecipients(envelope: nil, header: HeaderBlock(parsing: text), archive: [])
        },
        ForeignReader(
            "encoded words",
            pieces: [
                "=?utf-8?q?=C3=A4?= ", "=?utf-8?b?w6Q=?= ", "=?iso-8859-1?q?=E4?=\n ", "=?nonsense?q?a?= ",
                "=?utf-16?q?a?= =?koi8-r?q?a?= ", "=?a?q?", "?=", "=?\u{1}?b?AAAA?=",
            ], frames: [("Subject: ", ""), ("Subject: =?utf-8?q?", "?=")]
        ) { text in
            _ = HeaderBlock(parsing: text).fields.first?.decodedValue
        },
        ForeignReader("encoding a header field") { (text: String) in
            var header = HeaderBlock(parsing: [])
            try? header.set("Subject", to: text)
        },
        ForeignReader(
            "MIME parts",
            pieces: [
                "--b\n", "--b\n\n", "--b--\n", "--b\nContent-Type: multipart/mixed; boundary=b\n\n",
                "Content-Type: multipart/mixed; boundary=b\n\n", "Content-Type: message/rfc822\n\n",
                "--b\nContent-Type: text/html\n\na\n",
            ],
            frames: [
                ("", ""), ("Content-Type: multipart/mixed; boundary=b\n\n--b\n", ""),
                ("Content-Transfer-Encoding: quoted-printable\n\n", ""), ("Content-Transfer-Encoding: base64\n\n", ""),
                ("Content-Type: text/plain; charset=iso-8859-1\n\n", ""),
            ]
        ) { text in
            let reader = MailReader(text, descendingIntoMessages: true)
            for part in reader.textParts.prefix(3) { _ = reader.text(of: part) }
            _ = (reader.protection, reader.part(at: [0, 0]))
        },
        ForeignReader(
            "outline of a mail",
            pieces: [
                "--b\n", "--b \n", "--b--\n", "--b\nContent-Type: multipart/mixed; boundary=b\n\n", "a:\n", "\n--",
                "--b\na:b\n\na\n", "Content-Type: multipart/mixed; boundary=c\n\n--c\n",
            ],
            frames: [("", ""), ("Content-Type: multipart/mixed; boundary=b\n\n--b\n", "")]
        ) { (text: [UInt8]) in
            _ = (try? MessageOutline(of: SpooledMessage(text))).map { ($0.textParts, $0.protections) }
        },
        ForeignReader(
            "content type", pieces: ["; a=b", "; a*0=b", "; a*1*=utf-8''b", "; charset=a", "; a=\"", "; boundary*7=b"],
            frames: [("Content-Type: text/plain; ", "\n\na"), ("Content-Type: multipart/mixed; boundary=b; ", "\n\na")]
        ) { text in
            _ = MailReader(text).root.contentType.parameter("boundary")
        },
        ForeignReader("rewriting a mail", frames: [("", ""), ("Content-Transfer-Encoding: quoted-printable\n\n", "")]) {
            (text: [UInt8]) in
            let reader = MailReader(text)
            var changed: [[Int]: String] = [:]
            for part in reader.textParts { changed[part.path] = reader.text(of: part).string + " ü" }
            _ = try? reader.replacingTexts(changed)
        },
        ForeignReader("message stream", pieces: ["a:\n"], frames: [("", ""), ("a: b\n\n", "")]) { (text: [UInt8]) in
            guard let file = tmpfile() else { return }
            defer { fclose(file) }
            fwrite(text, 1, text.count, file)
            rewind(file)
            _ = try? MessageStream.read(from: fileno(file), spoolingIn: "/tmp")
        },
        ForeignReader(
            "authentication results", pieces: ["dkim=pass header.d=a; ", "spf=pass smtp.mailfrom=", "header.d="],
            frames: [
                ("Authentication-Results: mx.example; ", ""), ("Authentication-Results: mx.example; dkim=pass ", ""),
            ]
        ) { text in
            guard let sender = try? MailAddress("a@b.example") else { return }
            _ = AuthenticationGate(server: "mx.example")?.isPassed(HeaderBlock(parsing: text), sender: sender)
        },
        ForeignReader(
            "Message-ID", pieces: ["<a@b> ", "<", "@", "0f3c6a52-7d2e-7b1c-9a55-0123456789ab@", ".a@"],
            frames: [("", ""), ("Message-ID: ", ""), ("Message-ID: <0f3c6a52-7d2e-7b1c-9a55-0123456789ab@a", ">")]
        ) { (text: [UInt8]) in
            var header = HeaderBlock(parsing: text)
            let value = String(decoding: text, as: UTF8.self)
            _ = (header.ownMessageIDs, try? header.identified(), OwnMessageID(value))
            _ = MailKey(messageID: value, sender: value)
        },
        ForeignReader("ticket number in a subject", pieces: ["Ticket#", "Ticket#1", "ticket#12345"]) { (text: String) in
            _ = SubjectHook(text: "Ticket#", divider: "", isUsed: true).ticketNumber(in: text)
        },
        ForeignReader("name of a person", pieces: ["a, ", "_"]) { (text: String) in
            guard let sender = try? MailAddress("a.b@example.org", displayName: text) else { return }
            _ = PersonName(of: sender)
        },
    ]

    private static let addressPieces = [
        "a <a@b.example>, ", "<a@b.example> ", "\"a\" ", "a@b.example", "=?utf-8?q?a@b?= <", "a (b) ", ",,",
        "ü@ü.example, ",
        "a\u{FF20}b.c ", "=?a=?b", "''",
    ]

    /// Different letters, each of which a punycode encoder puts in its place.
    private static let allLetters = String(String.UnicodeScalarView((0x4E00..<0x6E00).compactMap(Unicode.Scalar.init)))
}
