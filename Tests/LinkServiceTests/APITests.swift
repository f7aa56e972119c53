import Crypto
import CurlClient
import Foundation
import LinkStore
import MailCommands
import MailMessage
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@Suite("The JSON interface")
struct APITests {
    private func call(
        _ base: ServiceUnderTest, _ path: String, key: String?, body: String = "{}"
    ) async throws -> HTTPResponse {
        let authorization = key.map { [(name: "Authorization", value: $0)] } ?? []
        return try await base.client.send(
            HTTPRequest(
                method: .post, url: base.url + "/api/v1" + path,
                headers: authorization + [(name: "Content-Type", value: "application/json")], body: Array(body.utf8)))
    }

    private func withKey(
        scopes: Set<APIScope>,
        _ body: @escaping @Sendable (Replica, ServiceUnderTest, TestDatabase) async throws -> Void
    ) async throws {
        try await withService { replica, base, database in
            let hash = Array(SHA256.hash(data: Data("ota_key".utf8)))
            #expect(try await replica.store.apiKeys.create(name: "test", hash: hash, scopes: scopes))
            try await body(replica, base, database)
        }
    }

    @Test("A link is made for a caller with the scope, and signs in; refusals say why")
    func issue() async throws {
        try await withKey(scopes: [.issueLinks]) { _, base, database in
            let linkRequest = #"{"ticketNumber":"2026112510000018","customerLogin":"anna@example.org"}"#
            let made = try await call(base, "/links", key: "Bearer ota_key", body: linkRequest)
            #expect(made.status == 201)
            let url = try #require(made.text.firstMatch(of: /"url":"http:\/\/127.0.0.1:8080(\/l\/[0-9A-Za-z]{43})"/)?.1)
            let browser = Browser(client: base.client, base: base.url)
            #expect(try await browser.press(try await browser.get(String(url))).status == 303)
            // HTTP Basic is all that the desk's requester can send.
            let basic = "Basic " + Data("desk:ota_key".utf8).base64EncodedString()
            #expect(try await call(base, "/links", key: basic, body: linkRequest).status == 201)
            // It breaks the text after 76 characters, and a blank arrives there.
            let long = Data("\(String(repeating: "desk-of-a-company-", count: 4)):ota_key".utf8).base64EncodedString()
            let broken = "Basic \(long.prefix(76)) \(long.dropFirst(76)) "
            #expect(try await call(base, "/links", key: broken, body: linkRequest).status == 201)
            let unknown = #"{"ticketNumber":"2026112510000018","customerLogin":"nobody@example.org"}"#
            let refused = try await call(base, "/links", key: "Bearer ota_key", body: unknown)
            #expect(refused.status == 422)
            #expect(refused.header("Content-Type") == "application/problem+json")
            #expect(refused.text.contains("customer-unknown"))
            #expect(
                try await database.psql("SELECT count(*) FROM otalink.audit_event WHERE actor = 'api-key test'") == "3")
        }
    }

    @Test(
        "Without a valid key with the scope nothing is done",
        arguments: [
            (nil, 401), ("Bearer ", 401), ("Bearer wrong", 401), ("Digest ota_key", 401), ("Bearer ota_key", 403),
        ]
            as [(String?, Int)])
    func refused(key: String?, status: Int) async throws {
        try await withKey(scopes: [.read]) { _, base, _ in
            for path in [
                "/links", "/links/0190a0a0-0000-7000-8000-000000000000/revoke", "/desk/events",
                "/mail/inbound", "/mail/outbound", "/mail/outbound/0190a0a0-0000-7000-8000-000000000000/accepted",
            ] {
                let answer = try await call(base, path, key: key)
                #expect(answer.status == status)
            }
        }
    }

    @Test("A body that is not what is wanted is refused", arguments: ["", "{", "[]", "{}", #"{"ticketNumber":1}"#])
    func badBody(body: String) async throws {
        try await withKey(scopes: [.issueLinks, .deskEvents]) { _, base, _ in
            for path in ["/links", "/desk/events"] {
                let answer = try await call(base, path, key: "Bearer ota_key", body: body)
                #expect(answer.status == 400)
            }
        }
    }

    @Test("Revoking takes the link and its session")
    func revoke() async throws {
        try await withKey(scopes: [.revokeLinks]) { replica, base, database in
            let token = try await replica.token()
            let id = try #require(replica.keys.verify(token, as: .link))
            let browser = Browser(client: base.client, base: base.url)
            #expect(try await browser.press(try await browser.get("/l/\(token)")).status == 303)
            #expect(try await call(base, "/links/\(id)/revoke", key: "Bearer ota_key").status == 204)
            #expect(try await call(base, "/links/\(id)/revoke", key: "Bearer ota_key").status == 404)
            #expect(try await browser.get("/t/2026112510000018").status == 401)
        }
    }

    @Test("An event of the desk refreshes the ticket afterwards, and mails the first link once, if that is set")
    func events() async throws {
        try await withKey(scopes: [.deskEvents]) { replica, base, database in
            let event = #"{"Event":"TicketCreate","Ticket":{"TicketID":"1"}}"#
            #expect(try await call(base, "/desk/events", key: "Bearer ota_key", body: event).status == 200)
            try await replica.workOffEvents()
            #expect(try await database.psql("SELECT title FROM otalink.ticket") == "Printer on fire")
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "0")
            let settings = Settings(stored: [SettingName.mailFirstLink: "1"])
            for _ in 0..<3 {
                _ = try await replica.takeDeskEvent(DeskEventHint(ticketID: 1), settings: settings, context: .none)
            }
            #expect(try await database.psql("SELECT kind FROM otalink.mail_outbox") == "notification")
            #expect(
                try await replica.takeDeskEvent(DeskEventHint(ticketID: 99), settings: settings, context: .none)
                    == .invisible)
        }
    }

    @Test(
        "Of what the desk posts the event's name and the ids are taken, wherever they stand",
        arguments: [
            (#"{"Event":"TicketCreate","Ticket":{"TicketID":"1"}}"#, "TicketCreate"),
            (#"{"Event":"TicketCreate","TicketID":1}"#, "TicketCreate"),
            (#"{"Ticket":{"TicketID":1,"Event":"TicketCreate","Title":"x"}}"#, "TicketCreate"),
            (#"{"Event":"ArticleCreate","TicketID":1,"ArticleID":"7"}"#, "ArticleCreate"),
            (#"{"Event":"ArticleCreate","Ticket":{"TicketID":1,"ArticleID":7}}"#, "ArticleCreate"),
            (#"{"Event":"ArticleCreate","Ticket":{"TicketID":1,"Article":{"ArticleID":7}}}"#, "ArticleCreate"),
            (#"{"Event":"ArticleCreate","Ticket":{"TicketID":1},"Article":{"ArticleID":7}}"#, "ArticleCreate"),
            (
                #"{"Event":"ArticleCreate","Ticket":{"TicketID":1,"Article":[{"ArticleID":1},{"ArticleID":7}]}}"#,
                "ArticleCreate"
            ),
            (#"{"Event":"ArticleCreate","TicketID":1}"#, "ArticleCreate"),
            (#"{"Event":"ArticleCreate","TicketID":1,"ArticleID":1}"#, ""),
            (#"{"Event":"ArticleCreate","TicketID":1,"ArticleID":{"a":1},"Article":[]}"#, "ArticleCreate"),
            (#"{"Event":"TicketQueueUpdate","TicketID":1}"#, ""),
            (#"{"Event":["TicketCreate"],"TicketID":1}"#, ""),
            (#"{"TicketID":1}"#, ""),
        ])
    func hints(body: String, mailed: String) async throws {
        try await withKey(scopes: [.deskEvents]) { replica, base, database in
            for event in NotificationEvent.allCases {
                let message = NotificationMessage(language: "en", subject: "S", body: "B")
                _ = try await replica.store.notifications.add(message, toName: event.rawValue, event: event)
            }
            base.desk.change { state in
                var answer = state.articles[0]
                (answer.articleID, answer.sender) = (7, .agent)
                state.articles.append(answer)
            }
            let answer = try await call(base, "/desk/events", key: "Bearer ota_key", body: body)
            #expect(answer.status == 200 && answer.text == #"{"Success":1}"#)
            try await replica.workOffEvents()
            let names = "SELECT name FROM otalink.mail_outbox JOIN otalink.notification n ON n.id = notification_id"
            #expect(try await database.psql(names) == mailed)
        }
    }

    @Test("A message goes through the inbound filter, its body byte for byte")
    func inboundMail() async throws {
        try await withKey(scopes: [.inboundMail]) { replica, base, _ in
            let mail =
                "Message-ID: <1@x>\r\nFrom: Anna <ANNA@example.org>\r\nX-OTOBO-Queue: Junk\r\n\r\nb\u{E4}d\n\rbytes\r\r\n\u{0}"
            let answer = try await call(base, "/mail/inbound", key: "Bearer ota_key", body: mail)
            #expect(answer.status == 200)
            #expect(answer.header("X-Otalink-Outcome") == "known")
            #expect(answer.header("X-Otalink-Removed-Fields") == "1")
            let expected =
                "X-OTOBO-CustomerUser: anna@example.org\r\nX-OTOBO-CustomerNo: anna@example.org\r\n"
                + "X-OTRS-CustomerUser: anna@example.org\r\nX-OTRS-CustomerNo: anna@example.org\r\n"
                + "Message-ID: <1@x>\r\nFrom: Anna <ANNA@example.org>\r\n\r\nb\u{E4}d\n\rbytes\r\r\n\u{0}"
            #expect(answer.body == Array(expected.utf8))
        }
    }

    @Test("A mail of the desk gets its link, which becomes active when the mail was taken; a desk away is 503")
    func outboundMail() async throws {
        try await withKey(scopes: [.outboundMail]) { replica, base, database in
            let mail =
                "To: anna@example.org\r\nSubject: [Ticket#2026112510000018]\r\n\r\n<OTOBO_OTACustomerTicketLink>\r\n"
            let path = "/mail/outbound?recipient=Anna%40example.org"
            let answer = try await call(base, path, key: "Bearer ota_key", body: mail)
            #expect(answer.status == 200)
            let filtered = try OutboundAnswer(
                decoding: Data(answer.body), mediaType: answer.header("Content-Type"),
                to: SpooledMessage(Array(mail.utf8)))
            let sent = try #require(filtered.mails.first)
            #expect(filtered.outcome == "linked" && sent.recipients == ["Anna@example.org"])
            let link = try #require(sent.link)
            let id = try #require(UUID(uuidString: link))
            let token = try #require(replica.keys.sign(id, as: .link))
            #expect(
                try String(decoding: sent.message.bytes(), as: UTF8.self).hasSuffix(
                    "\r\n\r\nhttp://127.0.0.1:8080/l/\(token)\r\n"))
            for _ in 0..<2 {
                let taken = try await call(base, "/mail/outbound/\(link)/accepted", key: "Bearer ota_key")
                #expect(taken.status == 204)
            }
            #expect(try await database.psql("SELECT state FROM otalink.link") == "active")
            let unknown = try await call(base, "/mail/outbound/\(UUID())/accepted", key: "Bearer ota_key")
            #expect(unknown.status == 404)
            try await database.psql("DELETE FROM otalink.ticket")
            base.desk.change { $0.isReachable = false }
            #expect(try await call(base, path, key: "Bearer ota_key", body: mail).status == 503)
        }
    }

    @Test("The page of an old link mails a fresh one, under the limit")
    func freshLink() async throws {
        try await withKey(scopes: []) { replica, base, database in
            let old = try await replica.token()
            _ = try await replica.token()
            let browser = Browser(client: base.client, base: base.url)
            let wrong = try await browser.press(try await browser.get("/l/\(old)"))
            #expect(wrong.status == 410)
            #expect(try await browser.press(wrong).status == 200)
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "1")
            // While one is on the way, no other is mailed; once it was, the limit holds.
            #expect(try await browser.press(wrong).status == 200)
            _ = try await database.psql("UPDATE otalink.mail_outbox SET state = 'sent'")
            let limited = try await browser.press(wrong)
            #expect(limited.status == 429)
            #expect(limited.header("Retry-After") == "60")
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "1")
        }
    }
}
