import Foundation

/// One outgoing mail of the table: how it is written, who gets it, and what each of its texts is to be afterwards.
struct OutboundRow: Sendable {
    struct Part: Sendable {
        var type = "text/plain"
        var charset: String? = "utf-8"
        var encoding: String? = "8bit"
        var disposition: String?
        var text: String
        /// `{link}`, `{plain}` and `{failed}` stand for what takes the tag's place.
        var expected: String
        /// A soft line break after this many characters, for quoted-printable.
        var width = 76
    }

    indirect enum Body: Sendable {
        case part(Part)
        case multipart(String, [Body])
        /// As it stands, header fields first.
        case raw(String)
    }

    let name: String
    let body: Body
    var outcome = "linked"
    var subject = "[Ticket#2026112510000018] Printer on fire"
    var recipients: [String]? = ["anna@example.org"]
    var fields = ["To: Anna Example <anna@example.org>"]
    var lineEnd = "\n"

    func bytes(number: Int) -> [UInt8] {
        let head =
            [
                "From: Help Desk <support@example.org>", "Subject: \(subject)",
                "Message-ID: <row-\(number)@desk.example.org>",
                "Date: Wed, 25 Nov 2026 10:00:00 +0000", "MIME-Version: 1.0",
            ] + fields
        return Array((head.joined(separator: "\n") + "\n").replacing("\n", with: lineEnd).utf8)
            + body.bytes(lineEnd: lineEnd, boundary: "b")
    }

    static func plain(
        _ name: String, _ text: String, _ expected: String, outcome: String = "linked",
        change: (inout OutboundRow) -> Void = { _ in }
    ) -> OutboundRow {
        var row = OutboundRow(name: name, body: .part(Part(text: text, expected: expected)), outcome: outcome)
        change(&row)
        return row
    }

    static func html(
        _ name: String, _ text: String, _ expected: String, outcome: String = "linked",
        change: (inout OutboundRow) -> Void = { _ in }
    ) -> OutboundRow {
        let part = Part(type: "text/html", text: text, expected: expected)
        var row = OutboundRow(name: name, body: .part(part), outcome: outcome)
        change(&row)
        return row
    }
}

extension OutboundRow.Body {
    /// The text parts in order.
    var parts: [OutboundRow.Part] {
        switch self {
        case .part(let part): [part]
        case .multipart(_, let children): children.flatMap(\.parts)
        case .raw: []
        }
    }

    func bytes(lineEnd: String, boundary: String) -> [UInt8] {
        switch self {
        case .part(let part): return part.bytes(lineEnd: lineEnd)
        case .raw(let text): return Array(text.replacing("\n", with: lineEnd).utf8)
        case .multipart(let kind, let children):
            let head = "Content-Type: multipart/\(kind); boundary=\"\(boundary)\"\(lineEnd)\(lineEnd)preamble\(lineEnd)"
            let inner = children.enumerated().flatMap { index, child in
                Array("--\(boundary)\(lineEnd)".utf8) + child.bytes(lineEnd: lineEnd, boundary: "\(boundary)\(index)")
                    + Array(lineEnd.utf8)
            }
            return Array(head.utf8) + inner + Array("--\(boundary)--\(lineEnd)epilogue\(lineEnd)".utf8)
        }
    }
}

extension OutboundRow.Part {
    func bytes(lineEnd: String) -> [UInt8] {
        var head = "Content-Type: \(type)" + (charset.map { "; charset=\($0)" } ?? "") + lineEnd
        if let encoding { head += "Content-Transfer-Encoding: \(encoding)\(lineEnd)" }
        if let disposition { head += "Content-Disposition: \(disposition)\(lineEnd)" }
        let content = encoded(text.replacing("\n", with: lineEnd))
        let body: [UInt8] =
            switch encoding?.lowercased() {
            case "base64":
                Array(
                    Data(content).base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed])
                        .replacing("\n", with: lineEnd).utf8)
            case "quoted-printable": quotedPrintable(content, lineEnd: lineEnd)
            default: content
            }
        return Array((head + lineEnd).utf8) + body
    }

    private func encoded(_ text: String) -> [UInt8] {
        let encodings: [String: String.Encoding] = [
            "iso-8859-1": .isoLatin1, "windows-1252": .windowsCP1252, "iso-8859-2": .isoLatin2,
            "windows-1251": .windowsCP1251, "utf-16be": .utf16BigEndian,
        ]
        return Array(text.data(using: encodings[charset?.lowercased() ?? ""] ?? .utf8) ?? Data())
    }

    private func quotedPrintable(_ content: [UInt8], lineEnd: String) -> [UInt8] {
        var output: [UInt8] = []
        var column = 0
        for (index, byte) in content.enumerated() {
            if byte == 10 || byte == 13 {
                output.append(byte)
                column = 0
                continue
            }
            let isLastOfLine = index + 1 == content.count || content[index + 1] == 10 || content[index + 1] == 13
            let isPlain = (33...126).contains(byte) && byte != 61 || (byte == 32 && !isLastOfLine)
            let piece = isPlain ? [byte] : Array(String(format: "=%02X", byte).utf8)
            if column + piece.count > width - 1 {
                output += Array("=\(lineEnd)".utf8)
                column = 0
            }
            output += piece
            column += piece.count
        }
        return output
    }
}

private let tag = "<OTOBO_OTACustomerTicketLink>"
private let escapedTag = "&lt;OTOBO_OTACustomerTicketLink&gt;"
private let explicit = "otalink:ticket=2026112510000018;customer=anna@example.org"
private let anchor = "<a href=\"{link}\">{link}</a>"
private let plainAnchor = "<a href=\"{plain}\">{plain}</a>"

/// Where and how the tag stands in a text.
let outboundTexts: [OutboundRow] = [
    .plain("alone on its line", "Hello\n\n\(tag)\n\nBye\n", "Hello\n\n{link}\n\nBye\n"),
    .plain("at the very beginning", "\(tag)\nBye\n", "{link}\nBye\n"),
    .plain("at the very end", "Hello\n\(tag)", "Hello\n{link}"),
    .plain("nothing else", tag, "{link}"),
    .plain("behind words", "Your link: \(tag)\nBye\n", "Your link:\n{link}\nBye\n"),
    .plain("before words", "\(tag) is your link\n", "{link}\nis your link\n"),
    .plain("within a sentence", "Click \(tag) now.\n", "Click\n{link}\nnow.\n"),
    .plain("indented", "  \(tag)  \n", "  {link}  \n"),
    .plain("before a full stop", "See \(tag).\n", "See\n{link}\n.\n"),
    .plain("twice in a line", "\(tag) \(tag)\n", "{link}\n{link}\n"),
    .plain("in three lines", "\(tag)\n\(tag)\n\(tag)\n", "{link}\n{link}\n{link}\n"),
    .plain("as OTRS spells it", "<OTRS_OTACustomerTicketLink>\n", "{link}\n"),
    .plain("as Znuny might spell it", "<ZNUNY_OTACustomerTicketLink>\n", "{link}\n"),
    .plain("in other letters", "<otobo_otacustomerticketlink>\n", "{link}\n"),
    .plain(
        "with white space", "< OTOBO_OTACustomerTicketLink >\n", "< OTOBO_OTACustomerTicketLink >\n",
        outcome: "untouched"),
    .plain("with white space at its end", "<OTOBO_OTACustomerTicketLink />\n", "{link}\n"),
    .plain("escaped in plain text", "\(escapedTag)\n", "{link}\n"),
    .plain("escaped by numbers", "&#60;OTOBO_OTACustomerTicketLink&#62;\n", "{link}\n"),
    .plain("escaped by hexadecimal numbers", "&#x3c;OTOBO_OTACustomerTicketLink&#X003E;\n", "{link}\n"),
    .plain(
        "escaped by another number", "&#61;OTOBO_OTACustomerTicketLink&#62;\n",
        "&#61;OTOBO_OTACustomerTicketLink&#62;\n", outcome: "untouched"),
    .plain(
        "escaped as in addresses, in plain text", "%3COTOBO_OTACustomerTicketLink%3E\n",
        "%3COTOBO_OTACustomerTicketLink%3E\n", outcome: "untouched"),
    .plain("folded in the middle", "See <OTOBO_OTACustomer\n TicketLink> now\n", "See\n{link}\nnow\n"),
    .plain("folded behind the underscore", "<OTOBO_\nOTACustomerTicketLink>\n", "{link}\n"),
    .plain("with CRLF", "Hello \(tag) now\n", "Hello\n{link}\nnow\n") { $0.lineEnd = "\r\n" },
    .plain("folded with CRLF", "<OTOBO_OTACustomerTicket\n\tLink>\n", "{link}\n") { $0.lineEnd = "\r\n" },
    .plain("half a tag", "<OTOBO_OTACustomerTicketLin>\n", "<OTOBO_OTACustomerTicketLin>\n", outcome: "untouched"),
    .plain(
        "a tag that is not closed", "<OTOBO_OTACustomerTicketLink \n", "<OTOBO_OTACustomerTicketLink \n",
        outcome: "untouched"),
    .plain("another tag of the desk", "<OTOBO_TICKET_Title>\n", "<OTOBO_TICKET_Title>\n", outcome: "untouched"),
    .plain("no tag", "Hello\n", "Hello\n", outcome: "untouched"),
    .plain("an empty mail", "", "", outcome: "untouched"),
    .plain("the explicit form", "Link: \(explicit)\n", "Link:\n{link}\n"),
    .plain("the explicit form before a full stop", "See \(explicit).\n", "See\n{link}\n.\n"),
    .plain("the explicit form in brackets", "<\(explicit)>\n", "{link}\n"),
    .plain("the explicit form with blanks", "otalink:ticket=2026112510000018; customer=anna@example.org\n", "{link}\n"),
    .plain("the explicit form folded", "otalink:ticket=2026112510000018;\n customer=anna@example.org\n", "{link}\n"),
    .plain("the explicit form needs no hook", "\(explicit)\n", "{link}\n") { $0.subject = "Printer" },
    .plain("the explicit form twice", "\(explicit)\n\(explicit)\n", "{link}\n{link}\n"),
    .plain("both forms", "\(tag)\n\(explicit)\n", "{link}\n{plain}\n"),
    .plain(
        "the explicit form of somebody unknown", "otalink:ticket=2026112510000018;customer=nobody\n", "{plain}\n",
        outcome: "plain-url"),
    .plain("the explicit form left empty", "otalink:ticket=-;customer=-\n", "{failed}\n", outcome: "no-ticket"),
    .plain("the explicit form with odd signs", "otalink:ticket=a/b;customer=x\n", "{failed}\n", outcome: "no-ticket"),
    .plain(
        "half the explicit form", "otalink:ticket=2026112510000018\n", "otalink:ticket=2026112510000018\n",
        outcome: "untouched"),
    .plain(
        "the explicit form with an apostrophe", "otalink:ticket=2026112510000018;customer=o'neil@example.org\n",
        "{plain}\n", outcome: "plain-url"),
    .plain("the explicit form between apostrophes", "'\(explicit)'\n", "'\n{link}\n'\n"),
    .plain("in a quoted line", "> \(tag)\n", "> {plain}\n", outcome: "plain-url"),
    .plain("in a line quoted twice", ">> see \(tag) now\n", ">> see {plain} now\n", outcome: "plain-url"),
    .plain("quoted and not", "> \(tag)\n\n\(tag)\n", "> {plain}\n\n{link}\n"),
    .plain("not and quoted", "\(tag)\n\n> \(tag)\n", "{link}\n\n> {plain}\n"),
    .plain(
        "in a forwarded mail", "FYI\n-----Original Message-----\nFrom: x\n\n\(tag)\n",
        "FYI\n-----Original Message-----\nFrom: x\n\n{plain}\n", outcome: "plain-url"),
    .plain(
        "in a forwarded mail, in German", "----- Weitergeleitete Nachricht -----\n\(tag)\n",
        "----- Weitergeleitete Nachricht -----\n{plain}\n", outcome: "plain-url"),
    .plain("below a line of hyphens", "----- Your ticket -----\n\(tag)\n", "----- Your ticket -----\n{link}\n"),
    .html("in a paragraph, escaped", "<p>See \(escapedTag)</p>", "<p>See \(anchor)</p>"),
    .html("in a paragraph, raw", "<p>\(tag)</p>", "<p>\(anchor)</p>"),
    .html(
        "in capitals", "<P>&LT;OTOBO_OTACustomerTicketLink&GT;</P>", "<P>&LT;OTOBO_OTACustomerTicketLink&GT;</P>",
        outcome: "untouched"),
    .html("as an empty element", "<p><OTOBO_OTACustomerTicketLink/></p>", "<p>\(anchor)</p>"),
    .html("in an attribute, raw", "<a href=\"\(tag)\">open</a>", "<a href=\"{link}\">open</a>"),
    .html("in an attribute, escaped", "<a class=x href='\(escapedTag)'>open</a>", "<a class=x href='{link}'>open</a>"),
    .html(
        "in an anchor's attribute and text", "<a href=\"\(escapedTag)\">\(escapedTag)</a>",
        "<a href=\"{link}\">{link}</a>"),
    .html(
        "in an attribute, escaped as in addresses", "<a href=\"%3COTOBO_OTACustomerTicketLink%3E\">x</a>",
        "<a href=\"{link}\">x</a>"),
    .html("the same in small letters", "<a href='%3cotobo_otacustomerticketlink%3e'>x</a>", "<a href='{link}'>x</a>"),
    .html("behind a scheme in an attribute", "<a href=\"http://\(escapedTag)\">x</a>", "<a href=\"{link}\">x</a>"),
    .html(
        "behind a scheme and before a slash", "<a title=t href='HTTPS://%3COTOBO_OTACustomerTicketLink%3E/'>x</a>",
        "<a title=t href='{link}'>x</a>"),
    .html("behind a scheme without quotation marks", "<a href=http://\(escapedTag)>x</a>", "<a href={link}>x</a>"),
    .html("the explicit form behind a scheme", "<a href=\"http://\(explicit)\">x</a>", "<a href=\"{link}\">x</a>"),
    .html(
        "within a longer address", "<a href=\"https://a.example/?u=http://\(escapedTag)/\">",
        "<a href=\"https://a.example/?u=http://{link}/\">"),
    .html("behind a scheme in the text", "<p>http://\(escapedTag)</p>", "<p>http://\(anchor)</p>"),
    .html("escaped by numbers with zeros", "<p>&#0060;OTOBO_OTACustomerTicketLink&#x00003e;</p>", "<p>\(anchor)</p>"),
    .html(
        "the explicit form in escaped brackets", "<p>%3C\(explicit)%3E &#x3C;\(explicit)&#x3E;</p>",
        "<p>\(anchor) \(anchor)</p>"),
    .html("behind an anchor", "<a href=x>y</a> \(escapedTag)", "<a href=x>y</a> \(anchor)"),
    .html(
        "in a block quotation", "<blockquote>\(escapedTag)</blockquote>", "<blockquote>\(plainAnchor)</blockquote>",
        outcome: "plain-url"),
    .html(
        "in nested block quotations", "<blockquote><blockquote>x</blockquote>\(escapedTag)</blockquote>\(escapedTag)",
        "<blockquote><blockquote>x</blockquote>\(plainAnchor)</blockquote>\(anchor)"),
    .html(
        "in a cited element", "<div type=\"cite\"><div>x</div>\(escapedTag)</div><p>\(escapedTag)</p>",
        "<div type=\"cite\"><div>x</div>\(plainAnchor)</div><p>\(anchor)</p>"),
    .html(
        "in what Gmail quotes", "<div class=\"gmail_quote\">\(escapedTag)</div>",
        "<div class=\"gmail_quote\">\(plainAnchor)</div>", outcome: "plain-url"),
    .html("in a comment", "<p>x</p><!-- \(tag) -->", "<p>x</p><!-- {plain} -->", outcome: "plain-url"),
    .html(
        "in a style sheet", "<style>\(escapedTag)</style><p>\(escapedTag)</p>", "<style>{plain}</style><p>\(anchor)</p>"
    ),
    .html("behind a smaller-than sign", "<p>1 < 2 \(escapedTag)</p>", "<p>1 < 2 \(anchor)</p>"),
    .html("folded", "<p>&lt;OTOBO_OTACustomer\nTicketLink&gt;</p>", "<p>\(anchor)</p>"),
    .html("the explicit form", "<p>\(explicit)</p>", "<p>\(anchor)</p>"),
    .html("the explicit form in an attribute", "<a href=\"\(explicit)\">x</a>", "<a href=\"{link}\">x</a>"),
    .html(
        "the explicit form, escaped",
        "<p>otalink:ticket=2026112510000018;customer=o&#39;neil&#64;example.org</p>", "<p>\(plainAnchor)</p>",
        outcome: "plain-url"),
    .html("a sentence in its place", "<p>\(escapedTag)</p>", "<p>{failed-html}</p>", outcome: "no-ticket") {
        $0.subject = "Printer"
    },
]

/// How the text is written down.
let outboundEncodings: [OutboundRow] = {
    var rows: [OutboundRow] = []
    for (type, text, expected) in [
        ("text/plain", "Grüße, Łukasz?\n\(tag)\n", "Grüße, Łukasz?\n{link}\n"),
        ("text/html", "<p>Grüße, Łukasz? \(escapedTag)</p>\n", "<p>Grüße, Łukasz? \(anchor)</p>\n"),
    ] {
        for charset in ["us-ascii", "utf-8", "UTF-8", "iso-8859-1", "windows-1252", "iso-8859-2", "windows-1251"] {
            for encoding in ["7bit", "8bit", "quoted-printable", "base64"] {
                let isASCII = charset == "us-ascii" || encoding == "7bit"
                // Each character set carries what it can.
                func fitting(_ text: String) -> String {
                    switch charset.lowercased() {
                    case _ where isASCII, "windows-1251":
                        text.replacing("ü", with: "u").replacing("ß", with: "s").replacing("Ł", with: "L")
                    case "iso-8859-1", "windows-1252": text.replacing("Ł", with: "L")
                    default: text
                    }
                }
                let part = OutboundRow.Part(
                    type: type, charset: charset, encoding: encoding, text: fitting(text), expected: fitting(expected))
                rows.append(OutboundRow(name: "\(type) in \(charset), \(encoding)", body: .part(part)))
            }
        }
    }
    for width in [5, 10, 20, 33] {
        let part = OutboundRow.Part(
            encoding: "Quoted-Printable", text: "Grüße\n\(tag)\n", expected: "Grüße\n{link}\n", width: width)
        rows.append(OutboundRow(name: "quoted-printable, soft breaks each \(width)", body: .part(part)))
    }
    let bare = OutboundRow.Part(charset: nil, encoding: nil, text: "Hello\n\(tag)\n", expected: "Hello\n{link}\n")
    rows.append(OutboundRow(name: "no charset and no encoding", body: .part(bare)))
    rows.append(
        OutboundRow(
            name: "base64 with CRLF",
            body: .part(.init(encoding: "base64", text: "Hello \(tag)\n", expected: "Hello\n{link}\n")), lineEnd: "\r\n"
        ))
    return rows
}()

/// What the mail consists of.
let outboundStructures: [OutboundRow] = {
    let text = OutboundRow.Body.part(.init(text: "Hello\n\(tag)\n", expected: "Hello\n{link}\n"))
    let page = OutboundRow.Body.part(
        .init(
            type: "text/html", encoding: "quoted-printable", text: "<p>\(escapedTag)</p>\n",
            expected: "<p>\(anchor)</p>\n"))
    let image = OutboundRow.Body.raw(
        "Content-Type: image/png\nContent-Transfer-Encoding: base64\nContent-ID: <i>\n\niVBORw0KGgo=\n")
    let attachment = OutboundRow.Body.part(
        .init(disposition: "attachment; filename=notes.txt", text: "\(tag)\n", expected: "\(tag)\n"))
    let forwarded = OutboundRow.Body.raw("Content-Type: message/rfc822\n\nFrom: x@example.net\nSubject: s\n\n\(tag)\n")
    return [
        OutboundRow(name: "multipart/alternative", body: .multipart("alternative", [text, page])),
        OutboundRow(name: "multipart/mixed", body: .multipart("mixed", [text, image])),
        OutboundRow(name: "an attached text stays as it is", body: .multipart("mixed", [text, attachment])),
        OutboundRow(name: "multipart/related", body: .multipart("related", [page, image])),
        OutboundRow(
            name: "alternative in related in mixed",
            body: .multipart(
                "mixed", [.multipart("related", [.multipart("alternative", [text, page]), image]), attachment])),
        OutboundRow(name: "an attached mail stays as it is", body: .multipart("mixed", [text, forwarded])),
        OutboundRow(
            name: "only an attached mail has a tag", body: .multipart("mixed", [image, forwarded]), outcome: "untouched"
        ),
        OutboundRow(name: "with CRLF", body: .multipart("alternative", [text, page]), lineEnd: "\r\n"),
        OutboundRow(
            name: "signed with S/MIME",
            body: .raw(
                "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=s\n\n--s\nContent-Type: text/plain\n\n\(tag)\n--s\nContent-Type: application/pkcs7-signature\n\nx\n--s--\n"
            ), outcome: "signed"),
        OutboundRow(
            name: "signed with OpenPGP in its text",
            body: .raw(
                "Content-Type: text/plain\n\n-----BEGIN PGP SIGNED MESSAGE-----\n\n\(tag)\n-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----\n"
            ), outcome: "signed"),
    ]
}()
