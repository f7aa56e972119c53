import Catalogue
import Foundation
import Testing

@testable import LinkPages

@Suite("Bounds of a ticket page")
struct PageBoundsTests {
    private func page(_ texts: [String], title: String = "t") -> TicketPage {
        TicketPage(
            number: "1", title: title, state: "open",
            articles: texts.enumerated().map { index, text in
                TicketPage.Article(
                    from: "a", author: .customer, subject: "s", text: text,
                    writtenAt: Date(timeIntervalSince1970: 86_400 * Double(index)))
            },
            customer: "a", signedInUntil: .distantFuture, signOut: PostForm(action: "/", proof: ""),
            sessionsPath: "/sessions", ownLinks: ["https://desk.example/l/"])
    }

    private func sentences(_ document: String, _ language: Language) -> [String] {
        let labels = Catalogue(for: language).ticket
        return [labels.messageCut, labels.messagesCut, labels.addressesCut].filter(document.contains)
    }

    @Test("What fits says nothing of bounds")
    func small() {
        let document = page(["one https://a.example", "two"]).document(in: SamplePages.frame(.english))
        #expect(sentences(document, .english).isEmpty)
    }

    @Test("A long message is cut, and the page says so in its language", arguments: Catalogue.all.map(\.language))
    func longMessage(language: Language) {
        let document = page(["older", String(repeating: "word ", count: 60_000) + "the end"])
            .document(in: SamplePages.frame(language))
        #expect(sentences(document, language) == [Catalogue(for: language).ticket.messageCut])
        #expect(!document.contains("the end") && document.contains("older"))
        #expect(document.utf8.count < 150_000)
        #expect(DocumentCheck(document).problems == [])
    }

    @Test("Of many messages the newest are shown, and the page says so", arguments: Catalogue.all.map(\.language))
    func manyMessages(language: Language) {
        let texts = (0..<3_000).map { "message \($0) " + String(repeating: "x", count: 1_000) }
        let document = page(texts).document(in: SamplePages.frame(language))
        #expect(sentences(document, language) == [Catalogue(for: language).ticket.messagesCut])
        #expect(document.contains("message 2999 ") && !document.contains("message 0 "))
        #expect(document.utf8.count < 1_000_000)
        let empty = page(Array(repeating: "", count: 20_000)).document(in: SamplePages.frame(language))
        #expect(sentences(empty, language) == [Catalogue(for: language).ticket.messagesCut])
        #expect(empty.utf8.count < 1_000_000)
    }

    @Test("Of many web addresses the first become links, and the page says so")
    func manyAddresses() {
        let texts = [String(repeating: "http://a.b ", count: 4_000), String(repeating: "http://c.d ", count: 400)]
        let document = page(texts).document(in: SamplePages.frame(.german))
        #expect(sentences(document, .german) == [Catalogue(for: .german).ticket.addressesCut])
        #expect(document.matches(of: /<a href="http:\/\/[ac]/).count == MessageRoom.mostLinks)
        #expect(document.matches(of: /<a href="http:\/\/c/).count == 400)
        #expect(document.matches(of: /http:\/\/a\.b/).count == 4_000 + (MessageRoom.mostLinks - 400))
    }

    @Test("An address that the bound cuts is no link, since it would lead elsewhere; a sign-in link stays hidden")
    func cutAddress() {
        for (address, isShown) in [("https://a.example/path", true), ("https://desk.example/l/Ab12", false)] {
            let text =
                String(repeating: "x", count: MessageRoom.longestMessage - address.utf8.count) + address + "/more"
            let document = page([text]).document(in: SamplePages.frame(.english))
            #expect(!document.contains("href=\"https://"))
            #expect(document.contains(address) == isShown)
        }
    }

    @Test("Titles, names and subjects are cut too")
    func lines() {
        let document = page(["a"], title: String(repeating: "ü ", count: 100_000)).document(
            in: SamplePages.frame(.english))
        #expect(document.utf8.count < 30_000)
        #expect(document.contains(" …"))
    }
}
