import Catalogue
import Foundation
import LinkStore
import MailMessage
import OneTimeLinks
import TicketSystem

@testable import LinkPages
@testable import Notifications
@testable import OutgoingMail
@testable import Text

extension ForeignReader {
    /// Texts of mails and pages.
    static let texts: [ForeignReader] = [
        ForeignReader("tags in plain text", pieces: tagPieces, frames: [("", ""), ("otalink:ticket=", "")]) {
            (text: String) in
            _ = TaggedText.replacing(in: text, isHTML: false) { _, isQuoted in
                isQuoted ? .text("a") : .url("https://a.example")
            }
        },
        ForeignReader(
            "tags in HTML", pieces: tagPieces + markupPieces,
            frames: [("", ""), ("<script>", ""), ("<!--", ""), ("<a href=\"", "")]
        ) { (text: String) in
            _ = TaggedText.replacing(in: text, isHTML: true) { _, isQuoted in
                isQuoted ? .text("a") : .url("https://a.example")
            }
        },
        ForeignReader(
            "tags in bytes", pieces: tagPieces + markupPieces, frames: [("", ""), ("<a href=\"", "")]
        ) { text in
            for isHTML in [false, true] {
                _ = TaggedText.replacing(in: text, isHTML: isHTML, writing: { Array($0.utf8) }) { _, _ in
                    .url("https://a.example")
                }
            }
        },
        ForeignReader("presence of a tag", pieces: tagPieces) { text in
            _ = LinkTag.mayStand(in: text)
        },
        ForeignReader(
            "presence of a tag in a mail", pieces: tagPieces + ["\u{E4}"],
            frames: [
                ("", ""), ("Content-Type: text/html\n\n", ""), ("Content-Type: text/html; charset=us-ascii\n\nü", ""),
                ("Content-Type: text/plain; charset=utf-16\n\n", ""),
                ("Content-Type: multipart/mixed; boundary=b\n\n--b\n", ""),
            ]
        ) { text in
            _ = try? OutboundFilter.withoutLinks(SpooledMessage(text))
        },
        ForeignReader(
            "links in articles", pieces: tagPieces + linkPieces, frames: [("", ""), ("https://a.example/", "")]
        ) {
            (text: String) in
            _ = ArticleText(text, ownLinks: ["https://tickets.example.org/l/"]).html(linkHidden: "hidden")
        },
        ForeignReader("ticket page", pieces: linkPieces) { (text: String) in
            let article = TicketPage.Article(
                from: text, author: .customer, subject: text, text: text, writtenAt: .distantPast, attachments: [text])
            let page = TicketPage(
                number: "1", title: text, state: text, articles: [article, article], customer: text,
                signedInUntil: .distantPast,
                signOut: PostForm(action: "/sign-out", proof: "a"), sessionsPath: "/sessions",
                ownLinks: ["https://tickets.example.org/l/"])
            _ = page.document(in: PageFrame(siteName: "a", language: .english, support: nil, zone: .gmt))
        },
        ForeignReader(
            "HTML as text", pieces: markupPieces,
            frames: [
                ("", ""), ("<a href=\"", ""), ("<pre>", ""), ("<script>", ""),
                ("<a href=\"https://a.example\">", "</a>"),
            ]
        ) { (text: String) in
            _ = HTMLText.plainText(from: text, showingAddresses: true)
        },
        ForeignReader("words of a message", pieces: markupPieces) { (text: String) in
            let html = LetterHTML.page(text, url: "https://a.example", language: "en")
            _ = (LetterHTML.document(text, language: "en"), html, text.wrapped())
        },
        ForeignReader(
            "line breaks of a mail", pieces: ["aaaa ", "> "], shapes: [HostileShape(unit: " ", secondUnit: "a ")]
        ) {
            (text: String) in
            _ = text.wrapped()
        },
        ForeignReader(
            "template of a notification",
            pieces: ["<OTOBO_TICKET_Title>", "<OTOBO_CUSTOMER_BODY[5]>", "%3COTOBO_", "]>"] + markupPieces
        ) { (text: String) in
            guard let tags = tags(article: "a") else { return }
            _ = tags.letter(NotificationMessage(language: "en", subject: text, body: text))
            _ = tags.letter(NotificationMessage(language: "en", subject: "a", body: text, contentType: .html))
        },
        ForeignReader("article in a notification", pieces: markupPieces) { (text: String) in
            guard let tags = tags(article: text) else { return }
            for type in NotificationMessage.ContentType.allCases {
                let body = "<OTOBO_CUSTOMER_BODY> <OTOBO_CUSTOMER_BODY[3]> <i title=<OTOBO_CUSTOMER_SUBJECT[9]>>"
                _ = tags.letter(
                    NotificationMessage(
                        language: "en", subject: "<OTOBO_CUSTOMER_SUBJECT>", body: body, contentType: type))
            }
        },
        ForeignReader("text made safe") { (text: String) in
            _ = (
                PlainText.line(text), PlainText.lines(text), HTML(text: text), HTML(lines: text), StorableText.of(text)
            )
        },
        ForeignReader("name of a browser", pieces: ["Mac OS X ", "Chrome", "Firefox/"]) { (text: String) in
            _ = BrowserName(userAgent: text)
        },
    ]

    private static func tags(article text: String) -> NotificationTags? {
        guard let number = TicketNumber("2026112510000018") else { return nil }
        let article = TicketArticle(articleID: 1, sender: .agent, from: text, subject: text, text: text, createdAt: nil)
        return NotificationTags(
            NotificationFacts(
                link: "https://a.example/l/a", ticketNumber: number, ticket: nil, customer: nil, article: article,
                settings: Settings()))
    }

    private static let tagPieces = [
        "otalink:ticket=1;customer=a ", "otalink:ticket=&amp;", "otalink:ticket=1;\n\n", "otalink:ticket=a.,", "o\n\n",
        "<o\n", "&lt;o",
        "<OTOBO_OTACustomerTicketLink", "<OTOBO_OTACustomerTicketLink>", "&lt;OTOBO_OTACustomerTicketLink&gt;",
        "<OTOBO_OTACustomerTicketLink\n\n", "< OTRS_OTACustomerTicketLink", "----- Original Message -----\n", "> ",
        "otalink:ticket=1;customer=", "otalink:ticket=\n", "%3COTOBO_OTACustomerTicketLink%3E", "%3C",
        "%3Cotalink:ticket=",
        "=\"http://&lt;OTOBO_OTACustomerTicketLink&gt;/\"", "&#x3c;", "&#0000",
        "&#x3c;OTOBO_OTACustomerTicketLink&#x3e;",
        "otalink:ticket='a",
    ]
    private static let linkPieces = [
        "https://a.example/ ", "https://tickets.example.org/l/Ab12 ", "https://a.example/(", ")", "http", "https://.",
        "https://a.example/?!.;", "https://a.example/\u{1F1E6}", "HTTP://", "<https://a.example>", "_",
    ]
    private static let markupPieces = [
        "<a href=\"https://a.example/\">a</a>", "<a href='", "<a a=b a=b ", " href=", "<p>", "<br>", "<td>", "</td> ",
        "<blockquote>",
        "</blockquote>", "<pre>", "<script>", "</script", "<style>", "<title>", "<div class=gmail_quote>", "</div>",
        "<!-", "<!--",
        "--", "<li>", "&nbsp;", "&nosuch", "&#x", "<html", "<a\u{301}", "<i title=\"<\"", "\u{A0}", "\n\n",
    ]
}
