import DemoDesk
import Foundation
import MailMessage
import SMTPSink
import TestSupport
import Testing

@Suite("Notifications from the command line", .timeLimit(.minutes(10)))
struct NotificationCommandTests {
    private static let export = """
        ---
        - ID: 42
          Name: Geschlossen
          ValidID: 1
          Data:
            Events: [TicketStateUpdate]
            Recipients: [Customer]
          Message:
            de:
              Subject: '<OTOBO_TICKET_TicketNumber> ist zu'
              ContentType: text/html
              Body: '<p>Hallo &lt;OTOBO_CUSTOMER_REALNAME&gt;, &lt;OTOBO_OTACustomerTicketLink&gt;</p><p>&lt;OTOBO_TICKET_DynamicField_Floor&gt;</p>'
        """

    @Test("Imported, looked at, exported, and mailed by the desk's events")
    func wholeWay() async throws {
        try await withDeployment { (deployment) async throws in
            func imported(_ arguments: String...) async throws -> String {
                let words = ["notification", "import", "-"] + arguments
                let child = try ChildProcess(
                    Deployment.program, words, environment: deployment.environment, input: Data(Self.export.utf8))
                return await child.finished().output
            }
            let dash = "42: these tags become \"-\" in our mails: <OTOBO_TICKET_DynamicField_Floor>\n"
            let untaken =
                "42: the desk sends it at TicketStateUpdate, and otalink does not. To let otalink send it, but of changes of state "
                + "at a close only, import it with --with-events.\n"
            #expect(try await imported() == "42  Geschlossen  no event  valid  de\n\(dash)\(untaken)")
            let taken =
                "42: otalink sends it at TicketClose from now on. Switch it off at the desk, or customers get it twice.\n"
            #expect(try await imported("--with-events") == "42  Geschlossen  TicketClose  valid  de\n\(dash)\(taken)")
            let kept = "42: otalink sends it at TicketClose, as before.\n"
            #expect(try await imported() == "42  Geschlossen  TicketClose  valid  de\n\(dash)\(kept)")
            #expect(try await imported("--without-events") == "42  Geschlossen  no event  valid  de\n\(dash)")
            #expect(try await imported("--with-events", "--without-events") == "")
            _ = try await imported("--with-events")
            let added = try await deployment.otalink(
                "notification", "add", "--name", "Antwort", "--event", "ArticleCreate", "--language", "en",
                "--subject", "We have answered", "--body-file", "-",
                input: Data("<OTOBO_CUSTOMER_BODY[1]>\n\n<OTOBO_OTACustomerTicketLink>\n".utf8))
            #expect(added.output == "43\n")
            #expect(
                try await deployment.otalink("notification", "list").output
                    == "42  Geschlossen  TicketClose  valid  de\n43  Antwort  ArticleCreate  valid  en\n")
            let shown = try await deployment.otalink("notification", "show", "42").output
            #expect(shown.contains("--- de, text/html\n<OTOBO_TICKET_TicketNumber> ist zu\n"))
            let exported = try await deployment.otalink("notification", "export")
            let again = try await deployment.otalink("notification", "import", "-", input: Data(exported.output.utf8))
            #expect(again.output.split(separator: "\n").count == 5)

            _ = try await deployment.otalink("setting", "set", "OneTimeAuth::TokenRefreshNotificationID", "7")
            let doctor = try ChildProcess(Deployment.program, ["doctor"], environment: deployment.environment)
            #expect(await doctor.finished().output.contains("names 7, which is missing, not valid or empty"))
            _ = try await deployment.otalink("setting", "set", "OneTimeAuth::TokenRefreshNotificationID", "42")

            let raw = "From: Anna Example <anna@example.org>\r\nSubject: Printer\r\n\r\nIt burns.\r\n"
            let filtered = try await deployment.otalink("mail", "inbound", input: Data(raw.utf8)).output
            let ticket = await deployment.desk.receive(mail: Array(filtered.utf8))
            _ = try await deployment.sink.nextMail()

            let links = "SELECT count(*) FROM otalink.link"
            let preview = try await deployment.otalink(
                "notification", "preview", "42", "--ticket", ticket.number, "--language", "de")
            #expect(
                preview.output.hasPrefix("Subject: [Ticket#\(ticket.number)] \(ticket.number) ist zu\nLanguage: de\n"))
            #expect(preview.output.contains("Hallo Anna Example, http://127.0.0.1:"))
            #expect(preview.output.contains("/l/PLACEHOLDER"))
            #expect(try await deployment.database.psql(links) == "1")

            _ = try await deployment.desk.addArticle(
                NewDemoArticle(from: "Agent", subject: "Re: Printer", body: "It is out.\nBye."), to: ticket.number)
            let answer = try await deployment.sink.nextMail(after: 1) { _ in true }
            #expect(try text(of: answer).hasPrefix("It is out.\r\n\r\nhttp://127.0.0.1:"))
            try await deployment.desk.close(ticket.number)
            let close = try await deployment.sink.nextMail(after: 2) { _ in true }
            let subject = "[Ticket#\(ticket.number)] \(ticket.number) ist zu"
            #expect(MailReader(close.data).header.first(named: "Subject")?.decodedValue == subject)
            let path = try #require(try text(of: close).firstMatch(of: /\/l\/[0-9A-Za-z]{43}/)).output.description
            let browser = deployment.browser(on: 1)
            #expect(try await browser.press(try await browser.get(path)).status == 303)

            // Opened once more, the old link mails a fresh one in the words of notification 42.
            let later = deployment.browser(on: 1)
            #expect(try await later.press(try await later.get(path)).status == 200)
            let refresh = try await deployment.sink.nextMail(after: 3) { _ in true }
            let renewal = try #require(MailReader(refresh.data).header.first(named: "Subject")?.decodedValue)
            #expect(renewal.hasPrefix("\(subject) ("))
            let removed = try await deployment.otalink("notification", "remove", "42").output
            #expect(removed.hasPrefix("Removed.\nOneTimeAuth::TokenRefreshNotificationID still names it"))
        }
    }

    @Test("What does not fit is refused with what to do")
    func refused() async throws {
        try await PostgresCluster.shared().migratedDatabase(migrations: RepositoryRoot.path + "/migrations") {
            (database) async throws in
            let environment = ["OTALINK_DATABASE_URL": database.url, "SWIFT_BACKTRACE": "enable=no"]
            let text = ["--subject", "S", "--body-file", "-"]
            let add = ["add", "--name", "N", "--language", "de"]
            let table: [(arguments: [String], input: String, says: String)] = [
                (["import", "/nowhere.yml"], "", "The file /nowhere.yml cannot be read."),
                (["import", "-"], "<html>", "the file: is a web page"),
                (["show", "9"], "", "There is no notification 9. See: otalink notification list"),
                (["export", "9"], "", "There is no notification 9."),
                (add + text + ["--event", "Close"], "x", "There is no event Close."),
                (add + text + ["--content-type", "text/rtf"], "x", "The content type is text/plain or text/html."),
                (["add", "--name", "N", "--language", "d"] + text, "x", "d is no language"),
                (["add", "--name", " ", "--language", "de"] + text, "x", "Name and subject are one line"),
                (add + text, "", "The body is empty"),
                (add + text, "a\0b", "is not text in UTF-8"),
                (["preview", "9", "--ticket", "a b"], "", "a b is not a ticket number."),
            ]
            for row in table {
                let child = try ChildProcess(
                    Deployment.program, ["notification"] + row.arguments, environment: environment,
                    input: Data(row.input.utf8))
                let finished = await child.finished()
                #expect(
                    finished.status != 0 && finished.errors.contains(row.says), "\(row.arguments): \(finished.errors)")
            }
            #expect(try await database.psql("SELECT count(*) FROM otalink.notification") == "0")
            _ = try await ChildProcess.run(
                Deployment.program, ["notification"] + ["add", "--name", "Geschlossen", "--language", "de"] + text,
                environment: environment, input: Data("x".utf8))
            let taken = try ChildProcess(
                Deployment.program, ["notification", "import", "-"], environment: environment,
                input: Data(Self.export.utf8))
            let finished = await taken.finished()
            #expect(
                finished.status != 0 && finished.errors.contains("Notification 1 has the name \"Geschlossen\" already.")
            )
        }
    }

    private func text(of mail: ReceivedMail) throws -> String {
        let reader = MailReader(mail.data)
        return try #require(reader.textParts.first.map { reader.text(of: $0).string })
    }
}
