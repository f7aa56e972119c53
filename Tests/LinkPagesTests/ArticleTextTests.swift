import Testing

@testable import LinkPages

@Suite("Text of a message")
struct ArticleTextTests {
    typealias Part = ArticleText.Part

    private static let table: [(text: String, parts: [Part])] = [
        ("", []),
        ("one\ntwo", [.text("one\ntwo")]),
        ("one\r\ntwo\rthree", [.text("one\ntwo\nthree")]),
        ("See https://example.com/a.", [.text("See "), .webAddress("https://example.com/a"), .text(".")]),
        ("HTTP://EXAMPLE.COM", [.webAddress("HTTP://EXAMPLE.COM")]),
        ("(https://example.com/a)", [.text("("), .webAddress("https://example.com/a"), .text(")")]),
        ("https://example.com/a_(b)", [.webAddress("https://example.com/a_(b)")]),
        ("<https://example.com>", [.text("<"), .webAddress("https://example.com"), .text(">")]),
        ("\"https://example.com\"", [.text("\""), .webAddress("https://example.com"), .text("\"")]),
        (
            "http://a.example http://b.example",
            [.webAddress("http://a.example"), .text(" "), .webAddress("http://b.example")]
        ),
        ("javascript:alert(1)", [.text("javascript:alert(1)")]),
        ("javascript://x%0Aalert(1)", [.text("javascript://x%0Aalert(1)")]),
        ("data:text/html,x", [.text("data:text/html,x")]),
        ("ftp://example.com", [.text("ftp://example.com")]),
        ("https://", [.text("https://")]),
        ("https://...", [.text("https://"), .text("...")]),
        ("https:///path", [.text("https:///path")]),
        ("<OTOBO_OTACustomerTicketLink>", [.hidden]),
        ("Hier: <otobo_otacustomerticketlink>!", [.text("Hier: "), .hidden, .text("!")]),
        ("&lt;OTOBO_OTACustomerTicketLink&gt;", [.hidden]),
        ("<OTRS_OTACustomerTicketLink> <ZNUNY_OTACustomerTicketLink>", [.hidden, .text(" "), .hidden]),
        ("<OTOBO_OTACustomerTicketLink", [.text("<OTOBO_OTACustomerTicketLink")]),
        ("&#60;OTOBO_OTACustomerTicketLink&#62; %3COTOBO_OTACustomerTicketLink%3E", [.hidden, .text(" "), .hidden]),
        (
            "Hier: otalink:ticket=2026112510000018;customer=anna@example.org, danke",
            [.text("Hier: "), .hidden, .text(", danke")]
        ),
        ("OTALINK:Ticket=1; customer=o'neil@example.org.", [.hidden, .text(".")]),
        ("<otalink:ticket=1;customer=anna>", [.text("<"), .hidden, .text(">")]),
        ("'otalink:ticket=1;customer=anna'", [.text("'"), .hidden, .text("'")]),
        ("otalink:ticket=-;customer=-", [.hidden]),
        ("otalink:ticket=1;customer=", [.hidden]),
        ("otalink:ticket=otalink:ticket=1;customer=a b", [.hidden, .text(" b")]),
        ("otalink:ticket=1 otalink:customer=2", [.text("otalink:ticket=1 otalink:customer=2")]),
        ("> https://desk.example/l/Ab12 end", [.text("> "), .hidden, .text(" end")]),
        ("HTTP://Desk.Example/l/Ab12?x=1.", [.hidden]),
        // Links of the predecessor: as mailed, as mail programs rewrite them, without a scheme.
        (
            "See https://desk.example/otobo/customer.pl?Action=CustomerTicketZoom;TicketNumber=1;OTAToken=aB3dE6gH9jK2mN5pQ8sT1vW4.",
            [.text("See "), .hidden]
        ),
        ("<http://desk.example/customer.pl?OTAToken=aB3d&amp;x=1>", [.text("<"), .hidden, .text(">")]),
        ("desk.example/customer.pl?TicketNumber=1&OTAToken=aB3d end", [.hidden, .text(" end")]),
        (
            "https://guard.example/?u=https%3A%2F%2Fdesk.example%2Fcustomer.pl%3FOTAToken%3DaB3d https://example.com",
            [.hidden, .text(" "), .webAddress("https://example.com")]
        ),
        ("https://desk.example/other", [.webAddress("https://desk.example/other")]),
        (
            "https://elsewhere.example/?u=https://desk.example/x",
            [.webAddress("https://elsewhere.example/?u=https://desk.example/x")]
        ),
    ]

    @Test("is told apart into text, links and what is hidden", arguments: table)
    func parts(text: String, parts: [Part]) {
        #expect(ArticleText(text, ownLinks: ["https://desk.example/l/"]).parts == parts)
    }

    @Test("links carry rel and their text is escaped")
    func markup() {
        let html = ArticleText("<b> https://example.com/?a=1&b='2'").html(linkHidden: "x")
        #expect(
            html.source == """
                &lt;b&gt; <a href="https://example.com/?a=1&amp;b=&#39;2" rel="noopener noreferrer nofollow">\
                https://example.com/?a=1&amp;b=&#39;2</a>&#39;
                """)
    }

    @Test("a hidden link leaves a note and nothing of its token")
    func note() {
        let html = ArticleText("https://desk.example/l/Ab12", ownLinks: ["https://desk.example/l/"])
            .html(linkHidden: "(hidden)")
        #expect(html.source == "<span class=\"note\">(hidden)</span>")
    }

    @Test(
        "a hostile text costs no more than its length",
        arguments: [
            "https://a" + String(repeating: ")", count: 50_000),
            String(repeating: "<", count: 50_000),
            "<" + String(repeating: " ", count: 50_000),
            String(repeating: "https://", count: 6_000),
            String(repeating: "https://.", count: 6_000),
            String(repeating: "OTAToken=", count: 6_000),
            String(repeating: "OTAToken= ", count: 6_000),
            String(repeating: "a", count: 50_000) + " OTAToken=",
            String(repeating: "otalink:ticket=", count: 4_000),
        ])
    func hostile(text: String) {
        let clock = ContinuousClock()
        let duration = clock.measure { _ = ArticleText(text, ownLinks: ["https://desk.example/l/"]) }
        #expect(duration < .seconds(20))
    }
}
