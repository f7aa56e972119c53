import Foundation
import Testing

@testable import Catalogue

@Suite("Mails")
struct MailTests {
    private static let url = "https://desk.example/l/Ab12"

    private static func facts(
        name: String? = "Annegret Schmidt", title: String? = "Printer", site: String = "Example Help Desk",
        link: MailLink = .oneTime(url: url, validUntil: Date(timeIntervalSince1970: 1_796_821_200))
    ) -> MailFacts {
        MailFacts(
            siteName: site, support: "help@example.com", recipientName: name, ticketNumber: "2026112510000013",
            ticketTitle: title, link: link, issuedAt: Date(timeIntervalSince1970: 1_795_611_600),
            zone: TimeZone(identifier: "Europe/Berlin") ?? .gmt)
    }

    @Test("the refresh mail in English")
    func refreshEnglish() {
        let mail = Catalogue.english.refreshMail(Self.facts())
        #expect(mail.subject == "[Ticket#2026112510000013] Your new link, 25 November 2026, 14:00:00")
        #expect(
            mail.text == """
                Hello Annegret Schmidt,

                here is your new link to ticket 2026112510000013 (“Printer”):

                https://desk.example/l/Ab12

                The link works once, until 9 December 2026, 14:00 (UTC+1). When you want to see the ticket again \
                later, simply open the link again, and we will mail you a new one.

                Please do not pass this link on: whoever has it can open your ticket.

                This email comes from Example Help Desk, because somebody asked for a new link to your ticket or \
                opened an older one. If that was not you, you can ignore this email.

                Kind regards
                Example Help Desk
                help@example.com

                """)
    }

    @Test("the mail about a new ticket in German")
    func newTicketGerman() {
        let mail = Catalogue.german.newTicketMail(Self.facts(name: " ", title: nil))
        #expect(mail.subject == "[Ticket#2026112510000013] Wir haben Ihre Nachricht erhalten")
        #expect(
            mail.text == """
                Guten Tag,

                vielen Dank für Ihre Nachricht. Sie hat die Ticketnummer 2026112510000013 bekommen, und wir melden \
                uns so bald wie möglich bei Ihnen.

                Mit diesem Link können Sie Ihr Ticket ansehen. Ein Passwort brauchen Sie dafür nicht:

                https://desk.example/l/Ab12

                Der Link funktioniert einmal, und zwar bis zum 9. Dezember 2026, 14:00 Uhr (UTC+1). Möchten Sie das \
                Ticket später wieder ansehen, öffnen Sie den Link einfach noch einmal: Wir schicken Ihnen dann einen \
                neuen.

                Bitte geben Sie diesen Link nicht weiter: Wer ihn hat, kann Ihr Ticket öffnen.

                Diese E-Mail kommt von Example Help Desk, weil wir eine Nachricht von Ihrer Adresse erhalten haben. \
                Falls Sie uns nicht geschrieben haben, brauchen Sie nichts zu tun.

                Mit freundlichen Grüßen
                Example Help Desk
                help@example.com

                """)
    }

    @Test("the mail about news in both languages")
    func news() {
        let english = Catalogue.english.newsMail(Self.facts(title: nil))
        #expect(english.subject == "[Ticket#2026112510000013] There is news about your ticket")
        #expect(english.text.contains("\n\nthere is news about your ticket 2026112510000013.\n\nWith this link"))
        let german = Catalogue.german.newsMail(Self.facts(link: .plain(url: Self.url)))
        #expect(german.subject == "[Ticket#2026112510000013] Neues zu Ihrem Ticket")
        #expect(german.text.contains("zu Ihrem Ticket 2026112510000013 („Printer“).\n\nHier können Sie"))
    }

    @Test("say only what is true of the link", arguments: Catalogue.all.map(\.language))
    func links(language: Language) {
        let catalogue = Catalogue(for: language)
        let endless = catalogue.newTicketMail(Self.facts(link: .oneTime(url: Self.url, validUntil: nil))).text
        #expect(endless.contains(Self.url) && endless.contains(catalogue.mail.worksOnce))

        let plain = catalogue.newTicketMail(Self.facts(link: .plain(url: Self.url))).text
        #expect(plain.contains("\n\n\(Self.url)\n\n") && plain.contains(catalogue.mail.newTicketPlainLink))
        #expect(!plain.contains(catalogue.mail.worksOnce) && !plain.contains(catalogue.mail.keepToYourself))

        let none = catalogue.newTicketMail(Self.facts(link: .unavailable(text: "Sorry."))).text
        #expect(none.contains("\n\nSorry.\n\n") && !none.contains(catalogue.mail.newTicketLink))
        #expect(!none.contains(catalogue.mail.keepToYourself))
    }

    @Test("leave out names and titles that could pass for links", arguments: Catalogue.all.map(\.language))
    func harmful(language: Language) {
        let catalogue = Catalogue(for: language)
        for text in [
            "http://evil.example", "Go to WWW.evil.example", "evil@evil.example", "\u{202E}\u{0}", "mailto:x",
            "evil.example/login", "Win at Evil.Example/login", "(evil.example)", "evil.example.", "evil\u{3002}example",
            "evil\u{FF0E}example", "evil.\u{200B}example", "evil.\u{FE0F}example", "evil.\u{180E}example",
            "evil.\u{E0001}example", "evil\u{FF20}example", "evil.xn--p1ai",
            "evil.\u{440}\u{444}",
            "192.0.2.1/evil", "evil-1.example:8080",
        ] {
            let mail = catalogue.newTicketMail(Self.facts(name: text, title: text)).text
            #expect(!mail.lowercased().contains("evil"))
            #expect(mail.hasPrefix(catalogue.mail.greetingWithoutName + "\n\n"))
            #expect(mail.contains("2026112510000013 ") || mail.contains("2026112510000013,"))
        }
    }

    @Test(
        "no name is greeted that a program could take for an address",
        arguments: [
            "https:evil/login", "//evil/login", "http:/evil", "(//evil", "\\\\evil\\share", "tel:+49123456",
            "skype:evil?call",
            "localhost:8080/x", "localhost/x", "evil%2Eexample/login", "evil%2eexample", "a%40b", "https%3Aevil",
            "evil.\\ example", "evil\\.example", "evil.\\example", "Re:https:evil/login", "com.app:/cb",
            "\u{FF48}ttps\u{FF1A}evil",
            "Anna sms:123",
        ])
    func addresses(name: String) {
        #expect(MailLine.harmless(name) == nil)
        #expect(MailLine.withoutAddresses(name).contains("[…]"))
    }

    @Test(
        "names and titles of every day stay",
        arguments: [
            "Dr. A. Meyer", "Re: Printer", "Re:Printer", "AW:WG:Drucker", "Order 3:1", "O'Neil: urgent", "12:30",
            "A4 / A3",
            "and/or", "Kernel::System::Ticket", "C:\\temp", "100% sure", "50%25", "Nr.3:1", "Anna (Sales): Bob", "a\\b",
            "Frage: wie?", "localhost",
        ])
    func ordinary(name: String) {
        #expect(MailLine.harmless(name) == name)
        #expect(MailLine.withoutAddresses(name) == name)
    }

    @Test(
        "of a title, words that could pass for links go, and the others stay",
        arguments: [
            ("Win at evil.example/login", "Win at […]"), ("Printer on fire", "Printer on fire"),
            ("Version 10.1.11, e.g. z.B. Nr.5 .NET ...", "Version 10.1.11, e.g. z.B. Nr.5 .NET ..."),
            ("a 192.0.2.1 b", "a […] b"), ("see\u{A0}a@b.example now", "see […] now"), ("evil.example", "[…]"),
        ])
    func titles(title: String, expected: String) {
        #expect(MailLine.withoutAddresses(title) == expected)
        let mail = Catalogue.english.refreshMail(Self.facts(title: title)).text
        #expect(mail.contains(expected == "[…]" ? "ticket 2026112510000013:" : "2026112510000013 (“\(expected)”):"))
    }

    @Test("two renewals of one ticket have two subjects, the time in the reader's zone and language")
    func subjects() {
        var facts = Self.facts()
        facts.subjectMark = SubjectMark(text: "[Anfrage: 13]", isBehind: true)
        #expect(
            Catalogue.german.refreshMail(facts).subject
                == "Ihr neuer Link vom 25. November 2026, 14:00:00 Uhr [Anfrage: 13]")
        facts.issuedAt += 1
        facts.zone = .gmt
        #expect(
            Catalogue.english.refreshMail(facts).subject == "Your new link, 25 November 2026, 13:00:01 [Anfrage: 13]")
    }

    @Test("keep what comes from elsewhere on one line, and short")
    func lines() {
        var facts = Self.facts(name: "A\r\nB: C", title: String(repeating: "x", count: 5000), site: "Desk\r\nBcc: x")
        facts.subjectMark = SubjectMark(text: "[Ticket#1\r\nBcc: everybody]")
        let mail = Catalogue.english.refreshMail(facts)
        #expect(mail.subject == "[Ticket#1 Bcc: everybody] Your new link, 25 November 2026, 14:00:00")
        #expect(mail.text.hasPrefix("Hello A B: C,\n"))
        #expect(!mail.text.contains("\r") && !mail.text.contains("\nBcc"))
        #expect(mail.text.contains("x…”)") && mail.text.count < 1000)
    }

    @Test("no line is longer than SMTP allows", arguments: Catalogue.all.map(\.language))
    func length(language: Language) {
        let long = String(repeating: "ü", count: 500)
        let mail = Catalogue(for: language).newTicketMail(Self.facts(name: long, title: long, site: long))
        for line in mail.text.split(separator: "\n") { #expect(line.utf8.count <= 998) }
    }
}
