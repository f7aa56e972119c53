import Foundation
import MailMessage
import OneTimeLinks
import Outbox
import ReplicaSupport
import Testing

@testable import LinkStore

@Suite("Writing our own mails")
struct MailWriterTests {
    static let mailID = UUID(uuidString: "01890A5D-AC96-774B-BCCE-B302099A8057")
    static let linkID = UUID(uuidString: "01890A5D-AC96-774B-BCCE-B302099A8058")

    let keys: KeyRing
    let writer: MailWriter
    let mail: ClaimedMail
    let contents: MailContents

    init() throws {
        keys = try KeyRing(secrets: [Array(1..<33), Array(0..<32)])
        writer = MailWriter(site: try .example(), keys: keys)
        let facts = try OutboxRulesTests.facts()
        var link = facts.link
        link.id = try #require(Self.linkID)
        mail = ClaimedMail(
            id: try #require(Self.mailID), kind: .refresh, notificationID: nil, recipient: facts.recipient,
            language: "en", attempt: 1, createdAt: OutboxRulesTests.now, link: link, keyID: keys.keyIDs[1],
            customer: facts.customer, ticket: facts.tickets.first)
        contents = MailContents(way: .link, ticket: try exampleTicket(), accessUntil: nil)
    }

    private func written(
        _ change: (inout ClaimedMail, inout MailContents) -> Void = { _, _ in }, text: NotificationText? = nil
    ) throws -> WrittenMail {
        var (mail, contents) = (mail, contents)
        change(&mail, &contents)
        return WrittenMail(try writer.write(mail, contents, settings: Settings(), text: text))
    }

    private var url: String {
        get throws {
            let linkID = try #require(Self.linkID)
            return "https://tickets.example.org/l/" + (try #require(keys.sign(linkID, as: .link, keyID: mail.keyID)))
        }
    }

    @Test("The text has the link alone on a line, the HTML has it as an anchor")
    func link() throws {
        let mail = try written()
        let url = try url
        #expect(mail.text.split(whereSeparator: \.isNewline).contains { $0 == url })
        #expect(mail.html.contains("<a href=\"\(url)\">\(url)</a>"))
        #expect(mail.html.contains("Anna Example"))
    }

    @Test("It is marked as a program's mail, answers nothing, and has its own Message-ID and date")
    func header() throws {
        let header = try written().reader.header
        #expect(header.first(named: "Auto-Submitted")?.value == "auto-generated")
        #expect(header.first(named: "X-Auto-Response-Suppress")?.value == "All")
        #expect(header.first(named: "In-Reply-To") == nil)
        #expect(header.first(named: "References") == nil)
        #expect(
            header.first(named: "Message-ID")?.value == "<01890a5d-ac96-774b-bcce-b302099a8057@tickets.example.org>")
        #expect(header.first(named: "Date")?.value == "Wed, 25 Nov 2026 09:46:40 +0000")
        #expect(header.first(named: "From")?.value == "Help Desk <desk@example.org>")
        #expect(header.first(named: "To")?.value == "Anna Example <anna@example.org>")
        #expect(header.first(named: "Subject")?.decodedValue.contains("Ticket#2026112510000018") == true)
        #expect(header.first(named: "Content-Type")?.value.hasPrefix("multipart/alternative") == true)
    }

    @Test("A queue has an author of its own, under the same name")
    func queueSender() throws {
        let settings = Settings(stored: [SettingName.queueSenders: #"{"Raw":"raw@example.org"}"#])
        func author(_ queue: String) throws -> String? {
            var contents = contents
            contents.ticket?.queue = queue
            return WrittenMail(try writer.write(mail, contents, settings: settings)).reader.header.first(named: "From")?
                .value
        }
        #expect(try author("Raw") == "Help Desk <raw@example.org>")
        #expect(try author("raw") == "Help Desk <desk@example.org>")
    }

    @Test("A repeat is the same bytes")
    func repeated() throws {
        #expect(try written().bytes == written { mail, _ in mail.attempt = 7 }.bytes)
    }

    @Test("It is written in the mail's language, and in English where there is none")
    func language() throws {
        #expect(
            try written { mail, _ in mail.language = "de" }.reader.header.first(named: "Content-Language")?.value
                == "de")
        #expect(try written { mail, _ in mail.language = "de" }.text != written().text)
        let french = try written { mail, _ in mail.language = "fr" }
        #expect(french.text == (try written().text))
        #expect(french.reader.header.first(named: "Content-Language")?.value == "en")
        #expect(try written { mail, _ in mail.language = "??" }.text == written().text)
    }

    @Test("The link's end is the earlier one of its own and the ticket's")
    func validity() throws {
        #expect(try written().text.contains("9 December 2026"))
        let end = OutboxRulesTests.now.addingTimeInterval(86_400)
        #expect(try written { _, contents in contents.accessUntil = end }.text.contains("26 November 2026"))
    }

    @Test("In a stored text every spelling of the tag becomes the link, and in the subject it goes away")
    func template() throws {
        let mail = try written(
            text: NotificationText(
                message: NotificationMessage(
                    language: "en", subject: "News <OTOBO_OTACustomerTicketLink>",
                    body: "Hello & <welcome>\n\n<OTOBO_OTACustomerTicketLink>\n<OTRS_OTACustomerTicketLink>")))
        let url = try url
        #expect(
            mail.reader.header.first(named: "Subject")?.decodedValue
                == "[Ticket#2026112510000018] News (25 November 2026, 09:45:40)")
        #expect(mail.text.split(whereSeparator: \.isNewline).filter { $0 == url }.count == 2)
        #expect(mail.html.contains("Hello &amp; &lt;welcome&gt;"))
        #expect(mail.html.components(separatedBy: "<a href=\"\(url)\">").count == 3)
    }

    private func subject(
        _ settings: [String: String] = [:], text: NotificationText? = nil,
        _ change: (inout ClaimedMail) -> Void = { _ in }
    ) throws -> String? {
        var mail = mail
        change(&mail)
        let bytes = try writer.write(mail, contents, settings: Settings(stored: settings), text: text)
        return WrittenMail(bytes).reader.header.first(named: "Subject")?.decodedValue
    }

    @Test(
        "Two renewals of one ticket have two subjects, built in or stored; the time is in the zone that the reader chose"
    )
    func renewals() throws {
        let stored = NotificationText(message: NotificationMessage(language: "de", subject: "Neu", body: "x"))
        let later: (inout ClaimedMail) -> Void = { $0.link.createdAt += 1 }
        #expect(try subject() == "[Ticket#2026112510000018] Your new link, 25 November 2026, 09:45:40")
        #expect(try subject([:], later) == "[Ticket#2026112510000018] Your new link, 25 November 2026, 09:45:41")
        #expect(
            try subject(text: stored, later) == "[Ticket#2026112510000018] Neu (25. November 2026, 09:45:41 Uhr)")
        #expect(try subject { $0.timeZone = "Asia/Tokyo" }?.hasSuffix("18:45:40") == true)
        for zone in ["UTC", "Nowhere/Town", ""] {
            #expect(try subject { $0.timeZone = zone }?.hasSuffix("09:45:40") == true)
        }
        // What is no renewal tells of something else each time.
        #expect(try subject(text: stored) { $0.kind = .notification } == "[Ticket#2026112510000018] Neu")
    }

    @Test("The mark in the built-in subject is the desk's")
    func mark() throws {
        let settings = [
            SettingName.ticketHook: "Anfrage", SettingName.ticketHookDivider: ": ", SettingName.subjectFormat: "Right",
        ]
        #expect(
            try subject(settings) == "Your new link, 25 November 2026, 09:45:40 [Anfrage: 2026112510000018]")
    }

    @Test(
        "A stranger's name makes no address that can be clicked, in To or in the text",
        arguments: [
            "evil.example/login", "Win at evil.example", "evil@evil.example", "www.evil", "https://evil.example",
        ])
    func strangersName(name: String) throws {
        let mail = try written { mail, contents in
            mail.customer?.firstName = name
            mail.customer?.lastName = name
            contents.ticket?.title = name
        }
        #expect(mail.reader.header.first(named: "To")?.value == "anna@example.org")
        for text in [mail.text, mail.html, mail.reader.header.first(named: "Subject")?.decodedValue ?? ""] {
            #expect(!text.contains("evil"))
        }
    }

    @Test("A person with a password gets the desk's own page and no token")
    func ticketPage() throws {
        let mail = try written { mail, contents in
            mail.kind = .notification
            contents.way = .ticketPage
        }
        #expect(mail.text.contains("https://desk.example.org/customer.pl?TicketNumber=2026112510000018"))
        #expect(!mail.text.contains("/l/"))
    }

    @Test("Without the key that signs the link there is no mail, and that is not for good")
    func keyMissing() throws {
        let error = try #require(throws: MailWritingError.self) { try written { mail, _ in mail.keyID = "gone" } }
        #expect(error == .signingKeyMissing)
        #expect(!error.isPermanent)
    }

    @Test("An address that cannot be mailed to is refused for good, and not quoted")
    func badRecipient() throws {
        let error = try #require(throws: MailWritingError.self) { try written { mail, _ in mail.recipient = "a b@x" } }
        #expect(error.isPermanent)
        #expect(!error.description.contains("a b"))
    }

    @Test(
        "The host becomes the right side of the Message-ID",
        arguments: zip(
            ["tickets.example.org", "127.0.0.1", "[::1]", ""], ["tickets.example.org", "127.0.0.1", "1", "otalink"]))
    func host(host: String, expected: String) throws {
        #expect(try MailSite.example(host: host).messageIDHost == expected)
    }
}
