import CurlClient
import DemoDesk
import Foundation
import MailMessage
import SMTPSink
import TestSupport
import Testing

@Suite("The whole way", .timeLimit(.minutes(10)))
struct WholeWayTests {
    @Test("A mail comes in, a customer reads their ticket, an old link mails a fresh one")
    func wholeWay() async throws {
        try await withDeployment { (deployment) async throws in
            // A mail from nobody we know, with a forged header.
            let raw =
                "From: Anna Example <Anna@example.org>\r\nTo: support@example.org\r\nSubject: Printer on fire\r\n"
                + "X-OTOBO-CustomerUser: root\r\n\r\nIt burns.\r\n"
            let filtered = try await deployment.otalink("mail", "inbound", input: Data(raw.utf8)).output
            #expect(filtered.contains("X-OTOBO-CustomerUser: anna@example.org\r\n") && !filtered.contains("root"))
            #expect(filtered.hasSuffix("\r\n\r\nIt burns.\r\n"))
            let row = "SELECT login, first_name, last_name FROM otalink.customer_user"
            #expect(try await deployment.database.psql(row) == "anna@example.org|Anna|Example")

            // The desk makes a ticket of it and tells us; the customer gets a mail with a link.
            let ticket = await deployment.desk.receive(mail: Array(filtered.utf8))
            let first = try await deployment.sink.nextMail { _ in true }
            #expect(first.recipients == ["anna@example.org"])
            let link = try path(in: first)

            // Opening the link spends nothing, on either replica; the button signs in.
            let anna = deployment.browser()
            let page = try await anna.get(link)
            #expect(try await deployment.browser(on: 1).get(link).status == 200)
            try await untilSent(1, deployment)
            #expect(try await deployment.database.psql("SELECT state FROM otalink.link") == "active")
            let signedIn = try await anna.press(page)
            #expect(signedIn.status == 303)
            #expect(signedIn.header("Location") == "/t/\(ticket.number)")
            let shown = try await anna.get("/t/\(ticket.number)")
            #expect(shown.text.contains("Printer on fire") && shown.text.contains("It burns."))

            // Later the old link is opened in another browser: it says so, and a fresh one is mailed.
            let later = deployment.browser(on: 1)
            let second = try await later.press(try await later.get(link))
            #expect(second.status == 200 && second.text.contains("new link"))
            let refresh = try await deployment.sink.nextMail(after: 1) { _ in true }
            let fresh = try path(in: refresh)
            #expect(fresh != link)
            try await untilSent(2, deployment)
            let wrong = try await later.press(try await later.get(link))
            #expect(wrong.status == 410 && wrong.text.contains("newer"))
            #expect(try await later.press(try await later.get(fresh)).status == 303)
            #expect(try await later.get("/t/\(ticket.number)").status == 200)
        }
    }

    private func path(in mail: ReceivedMail) throws -> String {
        let reader = MailReader(mail.data)
        let text = try #require(reader.textParts.first.map { reader.text(of: $0).string })
        return try #require(text.firstMatch(of: /http:\/\/127\.0\.0\.1:[0-9]+(\/l\/[0-9A-Za-z]{43})\s/)).output.1
            .description
    }

    /// The mail server has answered; the replica writes that down a moment later.
    private func untilSent(_ count: Int, _ deployment: Deployment) async throws {
        while try await deployment.database.psql("SELECT count(*) FROM otalink.mail_outbox WHERE state = 'sent'")
            != "\(count)"
        {
            try await giveWay()
        }
    }
}
