import Catalogue
import Foundation
import Testing

@testable import LinkPages

@Suite("Pages")
struct PageTests {
    @Test("are well-formed in every language", arguments: SamplePages.all.map(\.name), Catalogue.all.map(\.language))
    func wellFormed(name: String, language: Language) throws {
        let page = try #require(SamplePages.all.first { $0.name == name }?.page)
        let document = page.document(in: SamplePages.frame(language))
        #expect(DocumentCheck(document).problems == [])
        #expect(document.contains("<html lang=\"\(language.tag)\">"))
    }

    @Test("the check finds what it is there for")
    func check() {
        let document = ConfirmPage(form: PostForm(action: "/", proof: "x")).document(in: PageFrame(language: .english))
        let slips = [
            ("</main>", ""), ("<h1>", "<h1 style=\"x\">"), ("<p>", "<script>"), ("<h1>", "<h2>"),
            ("id=\"content\"", ""),
            ("Open", "&Open"), ("Open", "<Open"), (" lang=\"en\"", ""),
        ]
        #expect(DocumentCheck(document).problems == [])
        for (text, slip) in slips {
            #expect(DocumentCheck(document.replacing(text, with: slip)).problems != [], "\(text) to \(slip)")
        }
    }

    @Test("the stylesheet stands in each page exactly as it is to be hashed")
    func stylesheet() throws {
        for (_, page) in SamplePages.all {
            let document = page.document(in: SamplePages.frame(.english))
            let match = try #require(document.firstMatch(of: /<style>(.*?)<\/style>/.dotMatchesNewlines()))
            #expect(match.output.1 == Stylesheet.text)
        }
        #expect(
            !Stylesheet.text.contains("<") && !Stylesheet.text.contains("url(") && !Stylesheet.text.contains("@import"))
    }

    @Test("say nothing of ticket and person before the sign-in")
    func confirm() {
        let document = ConfirmPage(form: PostForm(action: "/l/Ab12", proof: "Cd34"))
            .document(in: SamplePages.frame(.german))
        #expect(document.contains("<form method=\"post\" action=\"/l/Ab12\">"))
        #expect(document.contains("<input type=\"hidden\" name=\"form\" value=\"Cd34\">"))
        #expect(!document.contains("2026"))
    }

    @Test("a ticket shows its newest message first, and of two at one moment the one named later")
    func order() throws {
        let page = TicketPage(
            number: "1", title: "t", state: "open",
            articles: [(2, "second"), (1, "first"), (3, "third"), (3, "fourth")].map { day, text in
                TicketPage.Article(
                    from: "a", author: .customer, subject: "", text: text,
                    writtenAt: Date(timeIntervalSince1970: 86_400 * Double(day)))
            },
            customer: "a", signedInUntil: .distantFuture, signOut: PostForm(action: "/", proof: ""),
            sessionsPath: "/sessions", ownLinks: [])
        let document = page.document(in: PageFrame(language: .english))
        let found = document.matches(of: /dir="auto">([a-z]+)</).map { String($0.output.1) }
        #expect(found == ["fourth", "third", "second", "first"])
    }

    @Test("a ticket shows times in words and for machines, and hides sign-in links")
    func ticket() throws {
        let page = try #require(SamplePages.all.first { $0.name == "ticket" }?.page)
        let german = page.document(in: SamplePages.frame(.german))
        #expect(german.contains("<time datetime=\"2026-11-25T13:00:00Z\">25. November 2026, 14:00 Uhr</time>"))
        #expect(german.contains("Europe/Berlin"))
        #expect(!german.contains("desk.example") && !german.contains("OTACustomerTicketLink"))
    }

    private static let waits: [(seconds: Int?, sentence: String?)] = [
        (nil, nil), (-5, "one minute"), (0, "one minute"), (60, "one minute"), (61, "2 minutes"), (300, "5 minutes"),
        (5400, "90 minutes"), (5401, nil), (Int.max, nil), (Int.min, "one minute"),
    ]

    @Test("a wait is named in whole minutes unless it is long", arguments: waits)
    func wait(seconds: Int?, sentence: String?) {
        let document = AnswerPage(.tooManyRequests(retryAfter: seconds)).document(in: PageFrame(language: .english))
        #expect(document.contains("You can try again in") == (sentence != nil))
        if let sentence { #expect(document.contains("in \(sentence).")) }
    }

    @Test("the administrator's wording stands under the built-in heading, in paragraphs")
    func ownWording() throws {
        let page = try #require(SamplePages.all.first { $0.name == "own-wording" }?.page)
        let document = page.document(in: SamplePages.frame(.german))
        #expect(
            document.contains("<h1>Dieser Link gilt nicht mehr</h1>\n<p>Ring us up:<br>+49 30 123456</p>\n<p>Or see "))
    }

    @Test("Times of no other zone are called UTC, as in mails")
    func zone() throws {
        for name in ["UTC", "GMT"] {
            let frame = PageFrame(language: .english, zone: try #require(TimeZone(identifier: name)))
            #expect(SamplePages.ticket.document(in: frame).contains("All times are in the time zone UTC."))
        }
    }

    @Test("there is a button for a fresh link only if it is offered")
    func freshLink() {
        let frame = PageFrame(language: .english)
        let without = AnswerPage(.message(.wrongLink, text: nil)).document(in: frame)
        let with = AnswerPage(.message(.wrongLink, text: nil), freshLink: PostForm(action: "/x", proof: "y"))
            .document(in: frame)
        #expect(!without.contains("<form") && with.contains("<form method=\"post\" action=\"/x\">"))
    }

    @Test("a page without a site name has a header all the same")
    func unnamed() {
        for name in [nil, "", " \n"] {
            let document = AnswerPage(.notFound).document(in: PageFrame(siteName: name, language: .german))
            #expect(document.contains("<bdi>Helpdesk</bdi>"))
            #expect(!document.contains("Brauchen Sie Hilfe"))
        }
    }

    private static let contacts: [(SupportContact, String)] = [
        (.address("help@example.com"), "<a href=\"mailto:help@example.com\">"),
        (.url("https://example.com/help"), "<a href=\"https://example.com/help\" rel=\"noopener noreferrer\">"),
        (.url("call extension 42"), "<bdi>call extension 42</bdi>"),
    ]

    @Test("the foot names the help desk's contact", arguments: contacts)
    func support(contact: SupportContact, html: String) {
        let document = AnswerPage(.notFound).document(in: PageFrame(language: .english, support: contact))
        #expect(document.contains(html))
    }
}
