import CurlClient
import Foundation
import ReplicaSupport
import SMTPSink
import TestSupport
import Testing

@testable import Outbox
@testable import Queues

@Suite("Mail servers that fail, and what becomes of mails and links", .timeLimit(.minutes(10)))
struct SMTPFaultTests {
    @Test("Each fault at each step of the conversation", arguments: SMTPFaultRow.all)
    func fault(row: SMTPFaultRow) async throws {
        let sink = SMTPSink(
            options: SMTPSinkOptions(credentials: .init(user: "otalink", password: "secret")),
            script: SMTPScript(faults: [row.step: row.script]), logger: .quiet)
        let running = Task { try await sink.run() }
        defer { running.cancel() }
        let curl = CurlClient(logger: .quiet)
        let server = try MailServer(
            url: "smtp://otalink@127.0.0.1:\(try await sink.boundPort)", password: "secret", heloName: "client.test")
        let fixture = MailServerFixture(sink: sink, curl: curl, server: server)
        try await withReplicas { (replicas, _, database) async throws in
            _ = try await replicas[0].token()
            try await replicas[0].queueMail()
            let mail = try await replicas[0].claim()
            let worker = try fixture.worker(
                replicas[0], pacing: QueuePacing.mails, timeout: row.script == .hang ? .seconds(10) : .seconds(60))
            let outcome = await worker.deliver(mail)
            #expect(await sink.reachedCount(row.step) >= 1)
            let expected: MailOutcome = row.mail == "dead" ? .dead : .postponed(isOutcomeUnknown: row.isRepeatPossible)
            #expect(outcome == expected)
            #expect(try await states(database) == [row.mail, row.link, row.older])
            // A mail server that has the mail and could not say so is the only reason to send it twice.
            #expect(await sink.mailCount() == (row.isRepeatPossible ? 1 : 0))
            guard row.mail == "queued" else { return }
            // The server is in order again: the mail goes out, and is at most a repetition of what went before.
            await sink.follow(SMTPScript())
            try await database.psql("UPDATE otalink.mail_outbox SET next_attempt_at = now()")
            #expect(await worker.deliver(try await replicas[1].claim()) == .sent)
            #expect(try await states(database) == ["sent", "active", "superseded"])
            let mails = await sink.mails()
            #expect(mails.count == (row.isRepeatPossible ? 2 : 1))
            #expect(Set(mails.map(\.data)).count == 1)
        }
        await curl.close()
    }

    @Test("A server that does not speak TLS where TLS is required gets nothing, and the mail is tried again")
    func withoutTLS() async throws {
        try await withMailServer { (fixture) async throws in
            for url in ["smtps://127.0.0.1:PORT", "smtp://127.0.0.1:PORT?starttls=required"] {
                try await withReplicas { (replicas, _, database) async throws in
                    _ = try await replicas[0].token()
                    try await replicas[0].queueMail()
                    let server = try MailServer(url: url.replacing("PORT", with: "\(try await fixture.sink.boundPort)"))
                    let strict = MailServerFixture(sink: fixture.sink, curl: fixture.curl, server: server)
                    let worker = try strict.worker(replicas[0], pacing: QueuePacing.mails, timeout: .seconds(3))
                    #expect(await worker.deliver(try await replicas[0].claim()) == .postponed(isOutcomeUnknown: false))
                    #expect(try await states(database) == ["queued", "offered", "active"])
                    #expect(await fixture.sink.mailCount() == 0)
                }
            }
        }
    }

    @Test("docs/outgoing-mail.md has these rows and no others")
    func document() throws {
        let text = try String(contentsOfFile: RepositoryRoot.path + "/docs/outgoing-mail.md", encoding: .utf8)
        let table = try #require(text.components(separatedBy: "| where | the mail server |").last)
        let rows = table.split(separator: "\n").filter { $0.hasPrefix("| ") }.map(String.init)
        #expect(Array(rows.prefix(SMTPFaultRow.all.count)) == SMTPFaultRow.all.map(\.line))
        #expect(
            rows.dropFirst(SMTPFaultRow.all.count).allSatisfy {
                $0.hasPrefix("| TLS |") || $0.hasPrefix("| our side |")
            })
    }

    private func states(_ database: TestDatabase) async throws -> [String] {
        try await database.psql(
            """
            SELECT mail.state, link.state, older.state
              FROM otalink.mail_outbox AS mail
              JOIN otalink.link ON link.id = mail.link_id
              JOIN otalink.link AS older ON older.sequence < link.sequence
            """
        ).split(separator: "|").map(String.init)
    }
}
