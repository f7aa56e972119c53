import Foundation
import MailMessage
import SMTPSink
import TestSupport
import Testing

@Suite("A replica killed while it sends", .timeLimit(.minutes(10)))
struct KilledSenderTests {
    @Test(
        "Killed between the mail server's acceptance and the record of it: one repeat, the same, by the other replica")
    func repeated() async throws {
        try await withDeployment { (deployment) async throws in
            // The first connection has its mail taken, and waits for the answer for ever.
            await deployment.sink.follow(SMTPScript(faults: [.endOfData: .pause], faultyConnections: 1))
            let raw = "From: Anna Example <anna@example.org>\nTo: support@example.org\nSubject: Printer\n\nIt burns.\n"
            let filtered = try await deployment.otalink("mail", "inbound", input: Data(raw.utf8)).output
            _ = await deployment.desk.receive(mail: Array(filtered.utf8))
            let first = try await deployment.sink.nextMail { _ in true }
            let claimant = try await deployment.database.psql("SELECT claimed_by FROM otalink.mail_outbox")
            let sender = try #require(deployment.replicas.first { claimant.hasSuffix(":\($0.process.processID)") })
            sender.process.kill()
            _ = await sender.process.finished()
            // The claim runs out after a while; here it does at once, and a look at the outbox is due.
            try await deployment.database.psql(
                "UPDATE otalink.mail_outbox SET claimed_until = now() - interval '1 second'; NOTIFY otalink_mail")
            let second = try await deployment.sink.nextMail(after: 1) { _ in true }
            #expect(second.data == first.data)
            while try await deployment.database.psql("SELECT state FROM otalink.mail_outbox") != "sent" {
                try await giveWay()
            }
            #expect(await deployment.sink.mailCount() == 2)
            #expect(try await deployment.database.psql("SELECT count(*), min(state) FROM otalink.link") == "1|active")
        }
    }
}
