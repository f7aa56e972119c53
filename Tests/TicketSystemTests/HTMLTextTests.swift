import Testing
import Text

@testable import TicketSystem

@Suite("HTML bodies as plain text")
struct HTMLTextTests {
    static let bodies: [(html: String, text: String)] = [
        ("", ""),
        ("just text", "just text"),
        ("<p>Guten Tag,</p><p>es geht&nbsp;wieder.</p>", "Guten Tag,\n\nes geht wieder."),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("a\n   b\t c", "a b c"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<head><title>x</title></head><body>y</body>", "y"),
        ("a<script>if (1 < 2) alert('</p>')</script>b<style>p { }</style>c", "abc"),
        ("a<!-- <b>hidden</b> -->b", "ab"),
        ("&lt;b&gt; &amp;amp; &#228;&#xF6;&uuml; &euro; &quot;", "<b> &amp; äöü € \""),
        ("&unknown; & &#0; &#x110000; 5 &lt 6", "&unknown; & &#0; &#x110000; 5 &lt 6"),
        ("3 < 4 and 5 > 4", "3 < 4 and 5 > 4"),
        ("<a href=\"x>y\" title='<'>link</a>", "link"),
        ("<b>bold</b> <i>and</i>\n<u>more</u>", "bold and more"),
        ("open <b", "open <b"),
        ("<!-- never closed", ""),
        ("<!-->a", "a"),
        ("<a<a<a", "<a<a<a"),
        ("a<b title=\"c>d", "ad"),
        ("<script>if (a<b) '</p>'</SCRIPT >x", "x"),
        ("<style>a<b</style>c", "c"),
        ("<head>a</header>b</head>c", "c"),
        ("<title>never closed", ""),
        ("<pre>a  \n  b \n\n</pre>c", "a\n  b\n\nc"),
        ("<amp;", "<amp;"),
        ("a \u{301}b", "a \u{301}b"),
    ]

    @Test("HTML becomes text", arguments: bodies)
    func text(_ row: (html: String, text: String)) {
        #expect(HTMLText.plainText(from: row.html) == row.text)
    }

    static let links: [(html: String, text: String)] = [
        ("<a href=\"https://a.example/x\">here</a> now", "here <https://a.example/x> now"),
        ("<a href='https://a.example/?a=1&amp;b=2'>here</a>", "here <https://a.example/?a=1&b=2>"),
        ("<A class=x HREF=https://a.example>here</A>", "here <https://a.example>"),
        ("<a href=\"https://a.example\">https://a.example</a>.", "https://a.example."),
        ("<a href=\"https://a.example\"> <b>https://a.example</b> </a>.", "https://a.example ."),
        ("<a href=\"mailto:a@a.example\">a@a.example</a>", "a@a.example"),
        ("<a href=\"mailto:a@a.example\">write</a>", "write <mailto:a@a.example>"),
        ("<a href=\"https://a.example\"><img src=x></a>", "https://a.example"),
        ("<a href=\"javascript:x\">a</a><a name=\"b\">b</a><a href=\"#c\">c</a><a>d</a>", "abcd"),
        ("<a href=\"https://a.example x\">here</a>", "here"),
        ("<a href=\"https://a.example\">never closed", "never closed <https://a.example>"),
        (
            "<a href=\"https://a.example\">a<a href=\"https://b.example\">b</a>",
            "a <https://a.example>b <https://b.example>"
        ),
        ("<a data-href=\"https://b.example\" href=\"https://a.example\">a</a>", "a <https://a.example>"),
    ]

    @Test("Where links lead is shown where that is wanted", arguments: links)
    func addresses(_ row: (html: String, text: String)) {
        #expect(HTMLText.plainText(from: row.html, showingAddresses: true) == row.text)
        #expect(!HTMLText.plainText(from: row.html).contains("<http"))
    }

    @Test("A long body takes time in proportion to its length")
    func length() {
        let html = String(repeating: "<p>a &amp; b < c &nosuch", count: 20_000)
        #expect(HTMLText.plainText(from: html).hasPrefix("a & b < c &nosuch"))
    }
}
