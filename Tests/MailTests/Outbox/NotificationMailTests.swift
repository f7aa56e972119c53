import Foundation
import LinkActs
import LinkStore
import Logging
import OneTimeLinks
import ReplicaSupport
import SMTPSink
import Synchronization
import TestSupport
import Testing
import TicketSystem

@testable import Notifications

@Suite("Notifications in the mail")
struct NotificationMailTests {
    /// As the desk exports a notification that was written with its editor for HTML.
    static let export = """
        ---
        - ID: 42
          Name: Neuer Link
          Comment: ''
          ValidID: '1'
          Data:
            Events: []
            Recipients: [Customer]
          Message:
            de:
              Subject: 'Ihr Link zu <OTOBO_TICKET_Title>'
              ContentType: text/html
              Body: |-
                <p>Grüß Gott &lt;OTOBO_CUSTOMER_DATA_UserFirstname&gt; &amp; Co.,</p>
                <p>zu „&lt;OTOBO_TICKET_Title&gt;“: &lt;OTOBO_OTACustomerTicketLink&gt;</p>
                <p><a href="&lt;OTOBO_OTACustomerTicketLink&gt;">Öffnen</a></p>
                <blockquote>&lt;OTOBO_CUSTOMER_BODY[2]&gt;</blockquote>
            en:
              Subject: 'Your link'
              ContentType: text/plain
              Body: 'Hello <OTOBO_CUSTOMER_REALNAME>, here: <OTOBO_OTACustomerTicketLink>'
        """

    private static let settings = Settings(stored: [SettingName.tokenRefreshNotificationID: "42"])

    /// Clicks an old link of Anna, so that a refresh mail is queued.
    private static func askForFreshLink(_ replica: Replica, language: String) async throws {
        let old = try await replica.token()
        _ = try await replica.click(old)
        let answer = try await replica.redeem(
            token: old, browser: [2], settings: settings, language: language, context: .none)
        #expect(answer == .message(.newLink))
    }

    @Test(
        "A refresh mail in German, as HTML, from the desk's export into the hands of a foreign reader; its link signs in"
    )
    func germanHTML() async throws {
        try await withMailServer { mailServer in
            try await withReplicas { (replicas, desk, _) async throws in
                let replica = replicas[0]
                desk.change { state in
                    state.tickets = state.tickets.mapValues { ticket in
                        var ticket = ticket
                        ticket.title = "Drucker <brennt> & raucht"
                        return ticket
                    }
                    state.articles[0].text = "Es <b>brennt</b>\nund raucht\nund stinkt"
                }
                try await replica.store.notifications.replace(try NotificationYAML.read(Data(Self.export.utf8)))
                try await Self.askForFreshLink(replica, language: "de")
                let outcome = try await mailServer.worker(replica, desk: desk).deliver(try await replica.claim())
                #expect(outcome == .sent)

                let bytes = try await mailServer.sink.nextMail().data
                let mail = try #require(try await readByPython([bytes]).first)
                #expect(mail.defects == [])
                #expect(mail.type == "multipart/alternative")
                let mark = "[Ticket#2026112510000018] Ihr Link zu Drucker <brennt> & raucht ("
                #expect(mail.subject.hasPrefix(mark) && mail.subject.hasSuffix(" Uhr)"))
                #expect(mail.to == [["Anna Example", "anna@example.org"]])
                #expect(WrittenMail(bytes).reader.header.first(named: "Content-Language")?.value == "de")
                try #require(mail.texts.map(\.type) == ["text/plain", "text/html"])
                let match = try #require(mail.texts[0].text.firstMatch(of: /https:\S+\/l\/([0-9A-Za-z]{43})/))
                let (url, token) = (String(match.output.0), String(match.output.1))
                #expect(
                    mail.texts[0].text == """
                        Grüß Gott Anna & Co.,

                        zu „Drucker <brennt> & raucht“:
                        \(url)

                        Öffnen
                        <\(url)>

                        Es <b>brennt</b>
                        und raucht

                        """)
                #expect(
                    mail.texts[1].text == """
                        <!DOCTYPE html>
                        <html lang="de"><head><meta charset="utf-8"></head><body>
                        <p>Grüß Gott Anna &amp; Co.,</p>
                        <p>zu „Drucker &lt;brennt&gt; &amp; raucht“: <a href="\(url)">\(url)</a></p>
                        <p><a href="\(url)">Öffnen</a></p>
                        <blockquote>Es &lt;b&gt;brennt&lt;/b&gt;<br>
                        und raucht</blockquote>
                        </body></html>

                        """)
                guard case .signedIn = try await replicas[1].click(token, browser: 3) else {
                    Issue.record("the link of the mail must sign in")
                    return
                }
            }
        }
    }

    @Test("The mail is in the customer's language, else in the default one", arguments: [("de", true), ("fr", false)])
    func language(language: String, isGerman: Bool) async throws {
        try await withMailServer { mailServer in
            try await withReplicas { (replicas, desk, _) async throws in
                try await replicas[0].store.notifications.replace(try NotificationYAML.read(Data(Self.export.utf8)))
                try await Self.askForFreshLink(replicas[0], language: language)
                let worker = try mailServer.worker(replicas[0], desk: desk)
                #expect(await worker.deliver(try await replicas[0].claim()) == .sent)
                let mail = WrittenMail(try await mailServer.sink.nextMail().data)
                #expect(mail.text.contains("Grüß Gott") == isGerman)
                #expect(mail.text.contains("Hello Anna Example") == !isGerman)
                #expect((desk.state.withLock(\.articleReads) > 0) == isGerman)
            }
        }
    }

    struct Fallback: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let kind: MailKind
        /// What is done to the notification.
        let sql: String
        /// What the built-in text says.
        let says: String
    }

    @Test(
        "A notification that is gone, not valid or empty gives way to the built-in text, and the log says so",
        arguments: [
            Fallback(
                testDescription: "gone", kind: .refresh, sql: "DELETE FROM otalink.notification", says: "your new link"),
            Fallback(
                testDescription: "not valid", kind: .refresh, sql: "UPDATE otalink.notification SET is_valid = false",
                says: "your new link"),
            Fallback(
                testDescription: "empty", kind: .refresh, sql: "DELETE FROM otalink.notification_message",
                says: "your new link"),
            Fallback(
                testDescription: "of an event", kind: .notification, sql: "DELETE FROM otalink.notification",
                says: "there is news"),
        ])
    func fallback(row: Fallback) async throws {
        try await withMailServer { mailServer in
            try await withReplicas { (replicas, desk, database) async throws in
                try await replicas[0].store.notifications.replace(try NotificationYAML.read(Data(Self.export.utf8)))
                _ = try await database.psql(row.sql)
                try await replicas[0].queueMail(row.kind, notificationID: 42)
                let log = WarningLog()
                let worker = try mailServer.worker(replicas[0], desk: desk, logger: log.logger)
                #expect(await worker.deliver(try await replicas[0].claim()) == .sent)
                #expect(WrittenMail(try await mailServer.sink.nextMail().data).text.contains(row.says))
                #expect(log.warnings == ["A notification is missing, not valid or empty; the built-in text is mailed"])
            }
        }
    }

    @Test("A mail that quotes an article waits for the desk, and goes without where the desk refuses for good")
    func quotation() async throws {
        try await withMailServer { mailServer in
            try await withReplicas { (replicas, desk, _) async throws in
                try await replicas[0].store.notifications.replace(try NotificationYAML.read(Data(Self.export.utf8)))
                try await replicas[0].queueMail(notificationID: 42, language: "de")
                desk.change { $0.isReachable = false }
                let worker = try mailServer.worker(replicas[0], desk: desk)
                #expect(await worker.deliver(try await replicas[0].claim()) == .postponed(isOutcomeUnknown: false))
                #expect(await mailServer.sink.connectionCount() == 0)
                let withoutDesk = try mailServer.worker(replicas[0])
                #expect(await withoutDesk.deliver(try await replicas[0].claim()) == .sent)
                #expect(
                    WrittenMail(try await mailServer.sink.nextMail().data).html.contains("<blockquote>-</blockquote>"))
            }
        }
    }

    @Test("A notification of an event goes to somebody with a password too, with the desk's own page")
    func password() async throws {
        try await withMailServer { mailServer in
            try await withReplicas { (replicas, desk, database) async throws in
                let replica = replicas[0]
                let message = NotificationMessage(
                    language: "en", subject: "S", body: "<OTOBO_OTACustomerTicketLink>\n<OTOBO_CONFIG_FQDN>")
                _ = try await replica.store.notifications.add(message, toName: "N", event: .ticketCreate)
                _ = try await database.psql("UPDATE otalink.customer_user SET pw = 'x'")
                let outcome = try await replica.takeDeskEvent(
                    DeskEventHint(ticketID: 1, event: .ticketCreate), settings: Settings(), context: .none)
                guard case .mailed = outcome else {
                    Issue.record("the event must be mailed, and was \(outcome)")
                    return
                }
                let worker = try mailServer.worker(replica, desk: desk)
                #expect(await worker.deliver(try await replica.claim()) == .sent)
                let text = WrittenMail(try await mailServer.sink.nextMail().data).text
                #expect(
                    text.split(whereSeparator: \.isNewline) == [
                        "https://desk.example.org/customer.pl?TicketNumber=2026112510000018", "desk.example.org",
                    ])
            }
        }
    }
}

/// The warnings that a logger is given.
final class WarningLog: Sendable {
    private let lines = Mutex<[String]>([])

    var warnings: [String] { lines.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(log: self) }
        logger.logLevel = .warning
        return logger
    }

    private struct Handler: LogHandler {
        let log: WarningLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.warning

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.lines.withLock { $0.append("\(event.message)") }
        }
    }
}
