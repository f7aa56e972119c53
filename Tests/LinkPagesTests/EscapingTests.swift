import Catalogue
import Foundation
import Testing

@testable import LinkPages

@Suite("Escaping")
struct EscapingTests {
    private static let table: [(text: String, html: String)] = [
        ("plain", "plain"),
        ("<script>", "&lt;script&gt;"),
        ("a & b", "a &amp; b"),
        ("&amp;", "&amp;amp;"),
        ("\"double\" 'single'", "&quot;double&quot; &#39;single&#39;"),
        ("`=", "`="),
        ("a\u{0}b", "ab"),
        ("a\u{8}\u{1B}[31mb\u{7F}\u{9B}c", "a[31mbc"),
        ("one\r\ntwo\tthree", "one two three"),
        ("  around  ", "around"),
        ("a\u{2028}b\u{2029}c\u{85}d", "a b c d"),
        ("invoice\u{202E}fdp.exe", "invoicefdp.exe"),
        ("\u{202A}\u{202B}\u{202C}\u{202D}\u{2066}\u{2067}\u{2068}\u{2069}x", "x"),
        ("\u{FEFF}\u{FFF9}x", "x"),
        ("שלום\u{200F} مرحبا", "שלום\u{200F} مرحبا"),
        ("👩‍💻 Ümläut e\u{301}", "👩‍💻 Ümläut e\u{301}"),
        ("<\u{338}b>", "&lt;\u{338}b&gt;"),
        ("", ""),
    ]

    @Test("of text in elements and attributes alike", arguments: table)
    func escaped(text: String, html: String) {
        let inElement: HTML = "<p>\(text)</p>"
        let inAttribute: HTML = "<p title=\"\(text)\"></p>"
        #expect(Array(inElement.source.unicodeScalars) == Array("<p>\(html)</p>".unicodeScalars))
        #expect(Array(inAttribute.source.unicodeScalars) == Array("<p title=\"\(html)\"></p>".unicodeScalars))
    }

    @Test("keeps HTML as it is and isolates names")
    func nested() {
        let inner: HTML = "<b>\("<&")</b>"
        let none: HTML? = nil
        let outer: HTML = "<p>\(inner)\(none)\([inner, inner])\(HTML.isolated("\u{202E}x"))</p>"
        #expect(outer.source == "<p><b>&lt;&amp;</b><b>&lt;&amp;</b><b>&lt;&amp;</b><bdi>x</bdi></p>")
    }

    @Test("drops noncharacters", arguments: [0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF] as [UInt32])
    func noncharacters(value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        #expect(HTML(text: "a\(scalar)b").source == "ab")
    }

    private static let hostile = "\u{202E}\u{0}\"'><script>alert(1)</script><img src=x onerror=alert(1)>&"

    private static let hostilePages: [any Page] = [
        ConfirmPage(form: PostForm(action: hostile, proof: hostile)),
        AnswerPage(.message(.linkExpired, text: hostile), freshLink: PostForm(action: hostile, proof: hostile)),
        AnswerPage(.internalError(requestID: hostile)),
        AccountQuestionPage(
            signedInAs: hostile, linkOwner: hostile, goOn: PostForm(action: hostile, proof: hostile), stayPath: hostile),
        TicketPage(
            number: hostile, title: hostile, state: hostile,
            articles: [
                TicketPage.Article(
                    from: hostile, author: .customer, subject: hostile, text: hostile + "\n" + hostile,
                    writtenAt: .distantPast, attachments: [hostile, hostile])
            ],
            customer: hostile, signedInUntil: .distantFuture, signOut: PostForm(action: hostile, proof: hostile),
            sessionsPath: hostile, ownLinks: [hostile]),
        SessionsPage(
            customer: hostile,
            rows: [
                SessionsPage.Row(
                    userAgent: hostile, began: .distantPast, lastUsed: .distantPast, isThisBrowser: true,
                    signOut: PostForm(action: hostile, proof: hostile))
            ],
            signOutEverywhere: PostForm(action: hostile, proof: hostile)),
        NewLinkPage(form: PostForm(action: hostile, proof: hostile), reason: .signIn, proposedEmail: hostile),
        NewLinkPage(
            form: PostForm(action: hostile, proof: hostile), typed: (hostile, hostile), unclear: [.email, .ticket],
            reason: .signInAgain),
        SignOutQuestionPage(signedInAs: hostile, signOut: PostForm(action: hostile, proof: hostile)),
        AnswerPage(.signInRefused(requestID: hostile)), GoOnPage(path: hostile),
    ]

    @Test("of what a program gets back: no byte is lost, and none becomes markup")
    func exactly() {
        let page = HandOverPage(
            action: "https://app.example/?a=1&b=\(Self.hostile)",
            fields: [.init(name: "state", value: "  \(Self.hostile)\u{85} ")])
        let document = page.document(in: PageFrame(language: .german))
        #expect(DocumentCheck(document).problems.isEmpty && !document.contains("<img"))
        let value = document.firstMatch(of: /name="state" value="([^"]*)"/).map { match in
            [("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
                .reduce(String(match.1)) { $0.replacing($1.0, with: $1.1) }
        }
        #expect(value?.utf8.elementsEqual("  \(Self.hostile)\u{85} ".utf8) == true)
    }

    @Test("holds in every place of every page", arguments: hostilePages.indices)
    func everywhere(index: Int) {
        for support in [SupportContact.address(Self.hostile), .url(Self.hostile), .url("javascript:alert(1)")] {
            let frame = PageFrame(siteName: Self.hostile, language: .german, support: support)
            let document = Self.hostilePages[index].document(in: frame)
            let problems = DocumentCheck(document).problems
            #expect(problems.isEmpty)
            #expect(!document.contains("<img") && !document.contains("href=\"javascript:"))
            #expect(!document.unicodeScalars.contains { $0 == "\u{202E}" || $0 == "\u{0}" })
        }
    }
}
