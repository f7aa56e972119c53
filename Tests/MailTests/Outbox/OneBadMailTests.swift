import Foundation
import LinkStore
import Logging
import OneTimeLinks
import PostgresClient
import ReplicaSupport
import SMTPSink
import ServiceLifecycle
import TestSupport
import Testing

@testable import Outbox
@testable import Queues

@Suite("One bad mail in the outbox", .timeLimit(.minutes(10)))
struct OneBadMailTests {
    /// Mails to Anna, and one to Bert, whose row is broken.
    private func queue(_ replica: Replica, _ database: TestDatabase, breaking: String) async throws -> UUID {
        let bad = try await replica.queueMail()
        try await database.psql(
            """
            INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
            VALUES ('bert@example.org', 'bert@example.org', 'bert@example.org', 'Bert', 'Example');
            UPDATE otalink.link SET customer_login = 'bert@example.org' WHERE id = '\(bad.linkID)';
            UPDATE otalink.mail_outbox SET customer_login = 'bert@example.org', created_at = now() - interval '1 hour',
                   next_attempt_at = now() - interval '1 hour';
            \(breaking)
            """)
        try await replica.queueMail()
        return bad.mailID
    }

    private static let slow: QueuePacing = {
        var pacing = QueuePacing.impatient
        pacing.row = BackOff(first: .seconds(600), longest: .seconds(3600))
        return pacing
    }()

    @Test("A row that cannot be read is put off and named, the others are sent; when it is old it is given up")
    func unreadable() async throws {
        try await withMailServer { mailServer in
            try await withReplicas { replicas, _, database in
                let bad = try await queue(
                    replicas[0], database,
                    breaking: "UPDATE otalink.link SET ticket_number = 'a b' WHERE customer_login = 'bert@example.org'")
                let lines = LogLines()
                let worker = try mailServer.worker(
                    replicas[0], pacing: Self.slow, logger: Logger(label: "test") { _ in lines })
                try await running(worker) {
                    let mail = try await mailServer.sink.nextMail()
                    #expect(mail.recipients == ["anna@example.org"])
                }
                #expect(lines.all.contains { $0.contains("put off") && $0.contains("\(bad)") })
                let row =
                    "SELECT state, claimed_by IS NULL, next_attempt_at > now() + interval '9 minutes' FROM otalink.mail_outbox WHERE id = '\(bad)'"
                #expect(try await database.psql(row) == "queued|t|t")
                try await database.psql(
                    "UPDATE otalink.mail_outbox SET created_at = now() - interval '4 days', next_attempt_at = now() WHERE id = '\(bad)'"
                )
                let again = try mailServer.worker(replicas[0], pacing: Self.slow)
                try await running(again) {
                    while try await database.psql(row).hasPrefix("queued") { try await giveWay() }
                }
                #expect(try await database.psql(row).hasPrefix("dead"))
            }
        }
    }

    @Test("A mail that cannot be decided on is put off, and does not hold up the others to the same person")
    func undecided() async throws {
        try await withMailServer { mailServer in
            try await withReplicas { replicas, _, database in
                // The ticket was merged, and what is known of the one that it went into cannot be read.
                let bad = try await queue(
                    replicas[0], database,
                    breaking: """
                        INSERT INTO otalink.ticket (ticket_number, ticket_id, state_type, merged_into, is_visible, read_at)
                        VALUES ('77', 77, 'merged', '78', true, now()), ('78', NULL, 'open', NULL, true, now());
                        UPDATE otalink.link SET ticket_number = '77' WHERE customer_login = 'bert@example.org'
                        """)
                let (outcomes, sent) = AsyncStream<MailOutcome>.makeStream()
                let worker = try mailServer.worker(replicas[0], pacing: Self.slow, outcomes: sent)
                try await running(worker) {
                    let both = await outcomes.prefix(2).reduce(into: Set<MailOutcome>()) { $0.insert($1) }
                    #expect(both == [.sent, .postponed(isOutcomeUnknown: false)])
                }
                let row =
                    "SELECT state, claimed_by IS NULL, next_attempt_at > now() FROM otalink.mail_outbox WHERE id = '\(bad)'"
                #expect(try await database.psql(row) == "queued|t|t")
            }
        }
    }

    @Test("A mail that is held back for ever, by a time typed into the table, is no trouble")
    func heldBack() async throws {
        try await withReplicas { replicas, _, database in
            try await replicas[0].queueMail()
            try await database.psql("UPDATE otalink.mail_outbox SET next_attempt_at = 'infinity'")
            #expect(try await replicas[0].store.outbox.secondsUntilDue() == nil)
            #expect(try await replicas[0].store.outbox.claim(by: "a", lease: .seconds(60)) == nil)
        }
    }

    private func running(_ worker: OutboxWorker, _ body: () async throws -> Void) async throws {
        let group = ServiceGroup(configuration: .init(services: [worker], logger: .quiet))
        let running = Task { try await group.run() }
        let result = await Result(catching: { try await body() })
        await group.triggerGracefulShutdown()
        try await running.value
        try result.get()
    }
}
