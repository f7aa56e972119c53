import Foundation
import SMTPSink
import TestSupport
import Testing

@Suite("otalink mail list, retry and drop", .timeLimit(.minutes(10)))
struct MailQueueTests {
    private func queue(_ deployment: Deployment) async throws -> String {
        // A ticket, and the first link that is mailed for it.
        let raw = "From: Anna Example <anna@example.org>\nTo: support@example.org\nSubject: Printer\n\nIt burns.\n"
        let filtered = try await deployment.otalink("mail", "inbound", input: Data(raw.utf8)).output
        _ = await deployment.desk.receive(mail: Array(filtered.utf8))
        let ended = "SELECT id FROM otalink.mail_outbox WHERE state = 'dead' OR (attempts > 0 AND claimed_by IS NULL)"
        while true {
            let id = try await deployment.database.psql(ended)
            if !id.isEmpty { return id }
            try await giveWay()
        }
    }

    @Test("A dead letter is listed with what the server said, and goes out when it is retried")
    func retry() async throws {
        try await withDeployment { (deployment) async throws in
            await deployment.sink.follow(SMTPScript(faults: [.recipient: .reply("550 5.1.1 No such user")]))
            let id = try await queue(deployment)
            let listed = try await deployment.otalink("mail", "list").output
            #expect(listed.contains(id) && listed.contains("dead") && listed.contains("550 5.1.1 No such user"))
            await deployment.sink.follow(SMTPScript())
            #expect(try await deployment.otalink("mail", "retry", "--all-dead").output == "1 due now.\n")
            // The replicas are told, so nobody waits.
            let mail = try await deployment.sink.nextMail { _ in true }
            #expect(String(decoding: mail.data, as: UTF8.self).contains(id))
            while try await deployment.database.psql("SELECT state FROM otalink.mail_outbox") != "sent" {
                try await giveWay()
            }
            #expect(try await deployment.database.psql("SELECT state FROM otalink.link") == "active")
            let told = try await deployment.database.psql(
                "SELECT actor LIKE 'operator %' FROM otalink.audit_event WHERE event = 'mail.retried'")
            #expect(told == "t")
            #expect(try await deployment.otalink("mail", "list").output == "")
            #expect(try await deployment.otalink("mail", "list", "--state", "sent").output.contains(id))
        }
    }

    @Test("A mail whose replica died can be dropped, and does not hold up the person's other mails")
    func dropClaimed() async throws {
        try await withDeployment { (deployment) async throws in
            await deployment.sink.follow(SMTPScript(faults: [.recipient: .reply("450 4.2.1 Later")]))
            let id = try await queue(deployment)
            try await deployment.database.psql(
                "UPDATE otalink.mail_outbox SET claimed_by = 'gone', claimed_until = now() - interval '1 minute', next_attempt_at = now() + interval '1 hour'"
            )
            #expect(try await deployment.otalink("mail", "drop", id).output == "Dropped.\n")
            let claimed = "SELECT count(*) FROM otalink.mail_outbox WHERE claimed_by IS NOT NULL"
            #expect(try await deployment.database.psql(claimed) == "0")
        }
    }

    @Test("A mail that waits can be retried or dropped; what is not there is told")
    func drop() async throws {
        try await withDeployment { (deployment) async throws in
            await deployment.sink.follow(SMTPScript(faults: [.recipient: .reply("450 4.2.1 Later")]))
            let id = try await queue(deployment)
            #expect(try await deployment.otalink("mail", "list").output.contains("attempt 2 at "))
            #expect(try await deployment.otalink("mail", "retry", id).output == "1 due now.\n")
            while try await deployment.database.psql(
                "SELECT attempts > 1 AND claimed_by IS NULL FROM otalink.mail_outbox") != "t"
            {
                try await giveWay()
            }
            #expect(try await deployment.otalink("mail", "drop", id).output == "Dropped.\n")
            #expect(try await deployment.database.psql("SELECT state FROM otalink.mail_outbox") == "dropped")
            for arguments in [["drop", id], ["retry", id], ["retry"], ["drop", "x"], ["list", "--state", "lost"]] {
                let refused = try await ChildProcess(
                    Deployment.program, ["mail"] + arguments, environment: deployment.environment
                ).finished()
                #expect(refused.status != 0 && !refused.errors.isEmpty)
            }
        }
    }
}
