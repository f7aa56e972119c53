import Foundation
import LinkStore
import OneTimeLinks
import ReplicaSupport
import Testing
import TicketSystem

@testable import Notifications

@Suite("Tags in notifications")
struct NotificationTagsTests {
    static let url = "https://tickets.example.org/l/Ab12"
    static let anchor = "<a href=\"\(url)\">\(url)</a>"

    /// A ticket and an article whose texts do their worst.
    static func facts(_ change: (inout NotificationFacts) -> Void = { _ in }) throws -> NotificationFacts {
        var ticket = try exampleTicket()
        ticket.title = "Fire & <b>smoke</b> \"now\"\r\nBcc: all@example.org\u{202E}"
        ticket.queue = "<OTOBO_CUSTOMER_DATA_UserEmail>"
        var facts = NotificationFacts(
            link: url, ticketNumber: ticket.number, ticket: ticket,
            customer: CustomerUser(
                login: "anna", email: "anna@example.org", customerID: "ACME & Söhne", firstName: "Anna",
                lastName: "O'Hara"),
            article: TicketArticle(
                articleID: 7, sender: .agent, from: "Agent", subject: "Re: Fire & smoke\u{7}",
                text: "One <1>\r\nTwo\n\nFour &lt;OTOBO_TICKET_Title&gt;\n", createdAt: nil),
            deskURL: "https://desk.example.org:8443/otobo/customer.pl?Action=CustomerTicketZoom;TicketNumber=1",
            sender: "support@example.org",
            settings: Settings(stored: [SettingName.ticketHook: "Fall#", SettingName.helpDeskName: "Hilfe & Co"]))
        change(&facts)
        return facts
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let template: String
        let expected: String
        var testDescription: String { template }

        init(_ template: String, _ expected: String) {
            self.template = template
            self.expected = expected
        }
    }

    static let plainTable: [Row] = [
        Row("<OTOBO_TICKET_TicketNumber>", "2026112510000018"),
        Row("<OTRS_TICKET_TicketNumber>", "2026112510000018"),
        Row("<OTOBO_TICKET_ticketnumber>", "2026112510000018"),
        Row("<OTOBO_TICKET_TicketID>", "1"),
        Row("[<OTOBO_TICKET_Title>]", "[Fire & <b>smoke</b> \"now\" Bcc: […]]"),
        Row("<OTOBO_TICKET_Queue>", "<OTOBO_CUSTOMER_DATA_UserEmail>"),
        Row("<OTOBO_TICKET_State>/<OTOBO_TICKET_StateType>", "open/open"),
        Row("<OTOBO_TICKET_CustomerID> <OTOBO_TICKET_CustomerUserID>", "anna@example.org anna@example.org"),
        Row("<OTOBO_CUSTOMER_DATA_UserFirstname> <OTOBO_CUSTOMER_DATA_UserLastname>", "Anna O'Hara"),
        Row("<OTOBO_CUSTOMER_DATA_UserFullname>", "Anna O'Hara"),
        Row("<OTOBO_CUSTOMER_REALNAME>", "Anna O'Hara"),
        Row("<OTRS_CUSTOMER_DATA_UserEmail>", "anna@example.org"),
        Row("<OTOBO_CUSTOMER_DATA_UserLogin>", "anna"),
        Row("<OTOBO_CUSTOMER_DATA_UserCustomerID>", "ACME & Söhne"),
        Row(
            "<OTOBO_CONFIG_HttpType>://<OTOBO_CONFIG_FQDN>/<OTOBO_CONFIG_ScriptAlias>customer.pl",
            "https://desk.example.org:8443/otobo/customer.pl"),
        Row("[<OTOBO_CONFIG_Ticket::Hook><OTOBO_CONFIG_Ticket::HookDivider>1]", "[Fall#1]"),
        Row("<OTOBO_CONFIG_ProductName>, <OTOBO_CONFIG_Organization>", "Hilfe & Co, Hilfe & Co"),
        Row(
            "<OTOBO_CONFIG_NotificationSenderName> <OTOBO_CONFIG_NotificationSenderEmail>",
            "Hilfe & Co support@example.org"),
        Row("<OTOBO_CONFIG_DatabasePw>", "-"),
        Row("<OTOBO_CUSTOMER_SUBJECT[8]>", "Re: Fire [...]"),
        Row("<OTOBO_CUSTOMER_SUBJECT[16]>|<OTOBO_CUSTOMER_SUBJECT>", "Re: Fire & smoke|Re: Fire & smoke"),
        Row("<OTOBO_CUSTOMER_BODY[1]>", "One <1>"),
        Row("<OTOBO_CUSTOMER_BODY[3]>|", "One <1>\nTwo|"),
        Row("<OTOBO_CUSTOMER_BODY>", "One <1>\nTwo\n\nFour &lt;OTOBO_TICKET_Title&gt;"),
        Row("<OTOBO_CUSTOMER_BODY[0]>|", "|"),
        Row("<OTOBO_OTACustomerTicketLink>.", "\(url)."),
        Row("<OTRS_OTACustomerTicketLink>", url),
        Row("<OTOBO_AGENT_UserFirstname> <OTOBO_TICKET_DynamicField_A_Value>", "- -"),
        Row("<OTOBO_TICKET_Title[5]>", "-"),
        Row("<OTOBO_TICKET_DynamicField_Straße>|<OTOBO_CONFIG_Ticket::Hook###(1)>|<OTOBO_TICKET_Title >", "-|-|-"),
        Row("<OTOBO_TICKET_Title\n>|<OTOBO_TICKET_Title&gt;", "<OTOBO_TICKET_Title\n>|<OTOBO_TICKET_Title&gt;"),
        Row(
            "<OTOBO_> <OTOBO_TICKET_Title <b> <OTHER_TICKET_Title>",
            "<OTOBO_> <OTOBO_TICKET_Title <b> <OTHER_TICKET_Title>"),
        Row("<otobo_TICKET_Title> < OTOBO_TICKET_Title>", "<otobo_TICKET_Title> < OTOBO_TICKET_Title>"),
        Row("<<OTOBO_TICKET_State>>", "<open>"),
        Row("&lt;OTOBO_TICKET_State&gt;", "&lt;OTOBO_TICKET_State&gt;"),
        Row("a\r\nb\rc", "a\nb\nc"),
        Row("", ""),
    ]

    @Test("In plain text", arguments: plainTable)
    func plainText(row: Row) throws {
        #expect(try NotificationTags(Self.facts()).plainText(row.template) == row.expected)
    }

    static let htmlTable: [Row] = [
        Row(
            "<p><OTOBO_TICKET_Title></p>",
            "<p>Fire &amp; &lt;b&gt;smoke&lt;/b&gt; &quot;now&quot; Bcc: […]</p>"),
        Row("<p>&lt;OTOBO_TICKET_State&gt; &amp; <b>more</b></p>", "<p>open &amp; <b>more</b></p>"),
        Row("&lt;OTRS_CUSTOMER_DATA_UserLastname&gt;", "O&#39;Hara"),
        Row("&lt;OTOBO_TICKET_State>", "&lt;OTOBO_TICKET_State>"),
        Row("&lt;OTOBO_TICKET_Queue&gt;", "&lt;OTOBO_CUSTOMER_DATA_UserEmail&gt;"),
        Row("<p>&lt;OTOBO_OTACustomerTicketLink&gt;</p>", "<p>\(anchor)</p>"),
        Row("<OTOBO_OTACustomerTicketLink>", anchor),
        Row("<a href=\"<OTOBO_OTACustomerTicketLink>\">Open</a>", "<a href=\"\(url)\">Open</a>"),
        Row("<a href='&lt;OTOBO_OTACustomerTicketLink&gt;'>Open</a>", "<a href='\(url)'>Open</a>"),
        Row("<a href=\"%3COTOBO_OTACustomerTicketLink%3E\">Open</a>", "<a href=\"\(url)\">Open</a>"),
        Row("<a href=\"%3cOTOBO_OTACustomerTicketLink%3e\">Open</a>", "<a href=\"\(url)\">Open</a>"),
        Row("<a href=\"http://&lt;OTOBO_OTACustomerTicketLink&gt;\">Open</a>", "<a href=\"\(url)\">Open</a>"),
        Row("<a href='HTTPS://%3COTOBO_OTACustomerTicketLink%3E'>Open</a>", "<a href='\(url)'>Open</a>"),
        Row("<a href=\"x http://&lt;OTOBO_OTACustomerTicketLink&gt;\">", "<a href=\"x http://\(url)\">"),
        Row("http://&lt;OTOBO_OTACustomerTicketLink&gt;", "http://\(anchor)"),
        Row("&#60;OTOBO_TICKET_State&#62; &#x3c;OTOBO_TICKET_State&#x3e;", "open open"),
        Row(
            "<A HREF=\"&lt;OTOBO_OTACustomerTicketLink&gt;\"><b>&lt;OTOBO_OTACustomerTicketLink&gt;</b></A> &lt;OTOBO_OTACustomerTicketLink&gt;",
            "<A HREF=\"\(url)\"><b>\(url)</b></A> \(anchor)"),
        Row("<abbr>&lt;OTOBO_OTACustomerTicketLink&gt;</abbr>", "<abbr>\(anchor)</abbr>"),
        Row(
            "<img alt=\"<OTOBO_TICKET_Title>\">",
            "<img alt=\"Fire &amp; &lt;b&gt;smoke&lt;/b&gt; &quot;now&quot; Bcc: […]\">"),
        Row("<img alt=<OTOBO_CUSTOMER_DATA_UserCustomerID>>", "<img alt=ACME&#32;&#38;&#32;Söhne>"),
        Row("<img alt='<OTOBO_CUSTOMER_DATA_UserLastname>'>", "<img alt='O&#39;Hara'>"),
        Row("<!-- it's > --><OTOBO_OTACustomerTicketLink>", "<!-- it's > -->\(anchor)"),
        Row("3 < 4 \"<OTOBO_OTACustomerTicketLink>", "3 < 4 \"\(anchor)"),
        Row("<p title=\"a > b\">&lt;OTOBO_OTACustomerTicketLink&gt;</p>", "<p title=\"a > b\">\(anchor)</p>"),
        Row("<br/><OTOBO_OTACustomerTicketLink>", "<br/>\(anchor)"),
        Row("&lt;OTOBO_CUSTOMER_BODY[2]&gt;", "One &lt;1&gt;<br>\nTwo"),
        Row("<p title=\"&lt;OTOBO_CUSTOMER_BODY[2]&gt;\">", "<p title=\"One &lt;1&gt; Two\">"),
        Row("&lt;OTOBO_CUSTOMER_SUBJECT[10]&gt;", "Re: Fire &amp; [...]"),
        Row("&lt;OTOBO_CONFIG_DatabasePw&gt;<OTOBO_NOTHING>", "--"),
        Row("100%3 &nbsp;&lt;b&gt;", "100%3 &nbsp;&lt;b&gt;"),
    ]

    @Test("In HTML", arguments: htmlTable)
    func html(row: Row) throws {
        #expect(try NotificationTags(Self.facts()).html(row.template) == row.expected)
    }

    static let subjectTable: [Row] = [
        Row("<OTOBO_TICKET_Title>", "Fire & <b>smoke</b> \"now\" Bcc: […]"),
        Row("A\r\nB: <OTOBO_CUSTOMER_BODY[2]>", "A B: One <1> Two"),
        Row("News <OTOBO_OTACustomerTicketLink> for <OTRS_CUSTOMER_REALNAME>", "News for Anna O'Hara"),
        Row("&lt;OTOBO_TICKET_State&gt; <OTOBO_NOTHING>", "&lt;OTOBO_TICKET_State&gt; -"),
    ]

    @Test("In subjects, which stay one line and carry no link", arguments: subjectTable)
    func subject(row: Row) throws {
        #expect(try NotificationTags(Self.facts()).subject(row.template) == row.expected)
    }

    @Test("What is not known is a dash, in every tag but those of the configuration and the link")
    func unknown() throws {
        let facts = try Self.facts { facts in
            (facts.ticket, facts.customer, facts.article, facts.deskURL, facts.sender) = (nil, nil, nil, nil, nil)
        }
        let text = NotificationTag.all.map { $0.spelling.replacing("[n]", with: "[3]") }.joined(separator: "|")
        #expect(
            NotificationTags(facts).plainText(text)
                == "\(Self.url)|2026112510000018" + String(repeating: "|-", count: 19)
                + "|Fall#||Hilfe & Co|Hilfe & Co|Hilfe & Co|-")
    }

    @Test(
        "A stranger's name or title makes no address that can be clicked; their words in the body are quoted as they are"
    )
    func addresses() throws {
        let facts = try Self.facts { facts in
            facts.ticket?.title = "Win at evil.example/login"
            facts.customer?.firstName = "Evil.example"
            facts.customer?.lastName = "https://evil.example"
            facts.article?.subject = "Re: evil.example/login"
            facts.article?.text = "See evil.example"
        }
        let tags = NotificationTags(facts)
        let names =
            "<OTOBO_CUSTOMER_DATA_UserFirstname>|<OTOBO_CUSTOMER_DATA_UserLastname>|<OTOBO_CUSTOMER_DATA_UserFullname>"
        let template = "<OTOBO_TICKET_Title>|\(names)|<OTOBO_CUSTOMER_REALNAME>|<OTOBO_CUSTOMER_SUBJECT>"
        let expected = "Win at […]|-|-|-|-|Re: […]"
        #expect(tags.subject(template) == expected)
        #expect(tags.plainText(template) == expected)
        #expect(tags.html(template) == expected)
        #expect(tags.plainText("<OTOBO_CUSTOMER_BODY[1]>") == "See evil.example")
    }

    @Test(
        "The subject gets the ticket's mark as the desk writes it",
        arguments: [
            ("Left", "News", "[Fall#2026112510000018] News"), ("Right", "News", "News [Fall#2026112510000018]"),
            ("None", "News", "News"), ("Left", "<OTOBO_OTACustomerTicketLink>", "[Fall#2026112510000018]"),
            // The desk takes out what is there already.
            ("Left", "News [<OTOBO_CONFIG_Ticket::Hook><OTOBO_TICKET_TicketNumber>]", "[Fall#2026112510000018] News"),
            ("Left", "News to Fall#: <OTOBO_TICKET_TicketNumber>", "[Fall#2026112510000018] News to"),
            ("None", "[Fall#2026112510000018] News", "News"),
            ("Left", "[Fall#2026112510000026] News", "[Fall#2026112510000018] [Fall#2026112510000026] News"),
        ])
    func mark(format: String, subject: String, expected: String) throws {
        let facts = try Self.facts { facts in
            facts.settings = Settings(stored: [SettingName.ticketHook: "Fall#", SettingName.subjectFormat: format])
        }
        let message = NotificationMessage(language: "en", subject: subject, body: "x")
        #expect(NotificationTags(facts).letter(message).subject == expected)
    }

    @Test("Tags that become a dash are named, each once")
    func unknownTags() {
        let notification = StoredNotification(
            id: 1, name: "N", comment: "", event: nil, isValid: true,
            messages: [
                NotificationMessage(
                    language: "de", subject: "<OTRS_TICKET_DynamicField_X> <OTOBO_TICKET_Title>",
                    body:
                        "<OTOBO_CURRENT_UserFullname> &lt;OTOBO_NOTHING&gt; <OTOBO_TICKET_Title[3]> <OTOBO_CUSTOMER_BODY[3]>"
                ),
                NotificationMessage(
                    language: "en", subject: "<OTOBO_TICKET_DynamicField_X>", body: "&lt;OTOBO_AGENT_SUBJECT[20]&gt;",
                    contentType: .html),
            ])
        #expect(
            NotificationTags.unknownTags(in: notification) == [
                "<OTOBO_AGENT_SUBJECT[20]>", "<OTOBO_CURRENT_UserFullname>", "<OTOBO_TICKET_DynamicField_X>",
                "<OTOBO_TICKET_Title[3]>",
            ])
    }

    @Test("The article is asked for only where a tag needs it")
    func article() {
        func asks(_ subject: String, _ body: String, _ type: NotificationMessage.ContentType = .plain) -> Bool {
            NotificationTags.asksForArticle(
                NotificationMessage(language: "en", subject: subject, body: body, contentType: type))
        }
        #expect(!asks("<OTOBO_TICKET_Title>", "<OTOBO_CUSTOMER_DATA_UserEmail> &lt;OTOBO_CUSTOMER_BODY[3]&gt;"))
        #expect(asks("<OTOBO_CUSTOMER_SUBJECT[3]>", ""))
        #expect(asks("", "<OTRS_CUSTOMER_BODY>"))
        #expect(asks("", "&lt;OTOBO_CUSTOMER_BODY[3]&gt;", .html))
    }

    @Test("A notification that is HTML keeps its HTML, and its plain text shows where links lead")
    func letter() throws {
        let message = NotificationMessage(
            language: "pt_BR", subject: "Oi",
            body:
                "<p>Oi <OTOBO_CUSTOMER_REALNAME>,</p><p><a href=\"&lt;OTOBO_OTACustomerTicketLink&gt;\">Abrir</a></p>"
                + "<p>&lt;OTOBO_OTACustomerTicketLink&gt;</p>", contentType: .html)
        let letter = try NotificationTags(Self.facts()).letter(message)
        #expect(letter.language == "pt-BR")
        #expect(letter.text == "Oi Anna O'Hara,\n\nAbrir <\(Self.url)>\n\n\(Self.url)")
        #expect(letter.html.hasPrefix("<!DOCTYPE html>\n<html lang=\"pt-BR\">"))
        #expect(letter.html.contains("<p>Oi O&#39;Hara") == false)
        #expect(
            letter.html.contains(
                "<p>Oi Anna O&#39;Hara,</p><p><a href=\"\(Self.url)\">Abrir</a></p><p>\(Self.anchor)</p>"))
    }

    @Test("A whole document stays as it is written")
    func document() throws {
        let body = "<html>\n<head><title>x</title></head><body><OTOBO_TICKET_State></body></html>"
        let message = NotificationMessage(language: "en", subject: "x", body: body, contentType: .html)
        var letter = try NotificationTags(Self.facts()).letter(message)
        #expect(letter.html == body.replacing("<OTOBO_TICKET_State>", with: "open"))
        #expect(letter.text == "open")
        letter = try NotificationTags(Self.facts()).letter(
            NotificationMessage(language: "de\r\nBcc: x", subject: "x", body: "x"))
        #expect(letter.language == "und")
    }

    @Test("A long template takes time in proportion to its length")
    func length() throws {
        let template = String(repeating: "<&lt;%3C<OTOBO_&lt;OTRS_x <OTOBO_TICKET_State>", count: 20_000)
        #expect(
            try NotificationTags(Self.facts()).html(template).utf8.count == 20_000 * (template.utf8.count / 20_000 - 16)
        )
    }

    struct Choice: Sendable {
        let wanted: [String]
        let found: String?
    }

    @Test(
        "The language is the mail's, else the default one, else any",
        arguments: [
            Choice(wanted: ["de"], found: "de"), Choice(wanted: ["DE-at", "en"], found: "de"),
            Choice(wanted: ["fr", "en"], found: "en"), Choice(wanted: ["fr", "it"], found: "de"),
            Choice(wanted: ["pt_BR"], found: "pt_BR"), Choice(wanted: ["pt-br"], found: "pt_BR"),
            Choice(wanted: ["pt"], found: "pt"), Choice(wanted: ["pt_PT"], found: "pt"),
            Choice(wanted: ["zh"], found: "zh_CN"), Choice(wanted: [""], found: "de"), Choice(wanted: [], found: "de"),
        ])
    func language(choice: Choice) {
        let messages = ["de", "en", "pt", "pt_BR", "zh_CN"].map {
            NotificationMessage(language: $0, subject: $0, body: "x")
        }
        let notification = StoredNotification(id: 1, name: "N", messages: messages)
        #expect(notification.message(in: choice.wanted)?.subject == choice.found)
        #expect(StoredNotification(id: 1, name: "N", messages: []).message(in: choice.wanted) == nil)
    }
}
