import Foundation
import OneTimeLinks
import Testing

@Suite("What a mail is worth")
struct MailVerdictTests {
    @Test(
        "Each verdict says who may become a customer user, and what may be mailed unasked",
        arguments: [
            (.noMail, true, true, true), (.person, true, true, true), (.unverified, false, true, true),
            (.quiet, true, false, true), (.unread, false, false, false), (.limited, false, false, false),
            (.unauthenticated, false, false, false), (.noSender, false, false, false), (.robot, false, false, false),
        ] as [(MailVerdict, Bool, Bool, Bool)])
    func permissions(verdict: MailVerdict, account: Bool, firstLink: Bool, close: Bool) {
        #expect(verdict.allowsAccount == account)
        #expect(verdict.allowsFirstLink == firstLink)
        for event in [NotificationEvent.ticketCreate, nil] {
            #expect(verdict.allowsNews(of: event, hasHadLink: false) == firstLink)
            #expect(verdict.allowsNews(of: event, hasHadLink: true) == firstLink)
        }
        #expect(verdict.allowsNews(of: .articleCreate, hasHadLink: false))
        #expect(verdict.allowsNews(of: .ticketClose, hasHadLink: false) == close)
        #expect(verdict.allowsNews(of: .ticketClose, hasHadLink: true))
    }

    @Test("Of several verdicts the worst counts")
    func order() {
        #expect(MailVerdict.allCases == MailVerdict.allCases.sorted())
        #expect([MailVerdict.person, .robot, .quiet].max() == .robot)
        #expect([MailVerdict.quiet, .person].max() == .quiet)
    }

    @Test("A mail is named by its Message-ID and its sender, however the desk writes them")
    func keys() throws {
        let key = try #require(MailKey(messageID: "<a.1@Example.org>", sender: "jane@example.org"))
        #expect(key.bytes.count == 32)
        #expect(MailKey(messageID: "a.1@Example.org", sender: "Jane@EXAMPLE.org") == key)
        #expect(MailKey(messageID: " <a.1@\r\n Example.org> ", sender: "jane@example.org") == key)
        #expect(MailKey(messageID: "<A.1@Example.org>", sender: "jane@example.org") != key)
        #expect(MailKey(messageID: "<a.1@Example.org>", sender: "john@example.org") != key)
        #expect(MailKey(messageID: "<a.1@Example.org>\njane", sender: "@example.org") != key)
        #expect(MailKey(messageID: " <> ", sender: "jane@example.org") == nil)
        #expect(MailKey(bytes: key.bytes) == key && MailKey(bytes: [1]) == nil)
        #expect(key.text.count == 64 && MailKey(text: key.text) == key)
        for damaged in ["", "0", String(repeating: "g", count: 64)] { #expect(MailKey(text: damaged) == nil) }
    }

    @Test("Our own Message-IDs are read back, also those without a code")
    func ownMessageIDs() throws {
        let id = UUID()
        let code = OwnMessageID.newCode()
        #expect(code.count == 20 && code != OwnMessageID.newCode())
        let own = try #require(
            OwnMessageID("<\(OwnMessageID.text(mail: id, code: code, host: "tickets.example.org"))>"))
        #expect(own.mail == id && own.code == code)
        let old = try #require(OwnMessageID(OwnMessageID.text(mail: id, code: nil, host: "tickets.example.org")))
        #expect(old.mail == id && old.code == "tickets")
        for foreign in ["", "x@y", "<\(id)>", "<\(id)@a@b>", "<@a>"] { #expect(OwnMessageID(foreign) == nil) }
    }
}
