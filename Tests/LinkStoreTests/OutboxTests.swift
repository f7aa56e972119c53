import Foundation
import OneTimeLinks
import Testing

@testable import LinkStore

@Suite("The outbox in PostgreSQL")
struct OutboxTests {
    /// Queues a mail with a link that is offered.
    private func queue(_ store: LinkStore) async throws -> QueuedMail {
        let link = try store.newLink(origin: .refresh)
        let mail = NewMail(id: .version7(), kind: .refresh, notificationID: nil, language: "de")
        let queued = try await store.links.offer(
            ticketNumber: link.ticketNumber, customerLogin: link.customerLogin, oldLink: nil, lifetimeDays: 14,
            context: .none
        ) { _ in (link, mail) }
        return try #require(queued)
    }

    @Test("Accepted by the mail server, a link becomes the active one and the older gives way")
    func sent() async throws {
        try await withStore { store, database in
            let old = try await store.issue()
            let queued = try await queue(store)
            let mail = try #require(try await store.outbox.claim(by: "a", lease: .seconds(60)))
            #expect(mail.id == queued.mailID)
            #expect(mail.customer?.firstName == "Anna")
            try await store.outbox.markSent(mail, reply: "250 ok")
            #expect(try await store.links.facts(id: old.id, lifetimeDays: 14).link?.state == .superseded)
            #expect(try await store.links.facts(id: queued.linkID, lifetimeDays: 14).link?.state == .active)
            #expect(try await database.psql("SELECT state, claimed_by IS NULL FROM otalink.mail_outbox") == "sent|t")
        }
    }

    @Test("A link whose mail is accepted after that of a newer one does not become active")
    func outOfOrder() async throws {
        try await withStore { store, _ in
            let first = try await queue(store)
            let mail = try #require(try await store.outbox.claim(by: "a", lease: .seconds(60)))
            let newer = try await store.issue()
            try await store.outbox.markSent(mail, reply: "250 ok")
            #expect(try await store.links.facts(id: first.linkID, lifetimeDays: 14).link?.state == .superseded)
            #expect(try await store.links.facts(id: newer.id, lifetimeDays: 14).link?.state == .active)
        }
    }

    @Test(
        "No two mails to one customer user are claimed at once, and a mail refused for good keeps the older link alive")
    func oneAtATime() async throws {
        try await withStore { store, database in
            let old = try await store.issue()
            _ = try await queue(store)
            _ = try await queue(store)
            let claims = try await withThrowingTaskGroup(of: ClaimedMail?.self) { group in
                for replica in 0..<8 {
                    group.addTask { try await store.outbox.claim(by: "replica-\(replica)", lease: .seconds(60)) }
                }
                return try await group.reduce(into: [ClaimedMail]()) { list, mail in mail.map { list.append($0) } }
            }
            #expect(claims.count == 1)
            let mail = try #require(claims.first)
            try await store.outbox.markDead(mail, error: "550 no such mailbox")
            #expect(try await store.links.facts(id: old.id, lifetimeDays: 14).link?.state == .active)
            #expect(try await store.outbox.claim(by: "a", lease: .seconds(60)) != nil)
            #expect(try await store.outbox.claim(by: "a", lease: .seconds(60)) == nil)
            _ = try await database.psql(
                "UPDATE otalink.mail_outbox SET claimed_until = now() - interval '1 second' WHERE state = 'queued'")
            let again = try await store.outbox.claim(by: "b", lease: .seconds(60))
            #expect(again?.attempt == 2)
        }
    }

    @Test("A postponed mail is due later")
    func postponed() async throws {
        try await withStore { store, _ in
            _ = try await queue(store)
            #expect(try #require(try await store.outbox.secondsUntilDue()) <= 0)
            let mail = try #require(try await store.outbox.claim(by: "a", lease: .seconds(60)))
            try await store.outbox.postpone(mail, for: .seconds(300), error: "451 later")
            #expect(try await store.outbox.claim(by: "a", lease: .seconds(60)) == nil)
            #expect((290...300).contains(try #require(try await store.outbox.secondsUntilDue())))
        }
    }

    @Test("A mail that cannot be read, or has lost its link, is told of by its id, and can be put off")
    func unreadable() async throws {
        try await withStore { store, database in
            let first = try await queue(store)
            try await database.psql("UPDATE otalink.ticket SET ticket_number = ticket_number || ' ?'")
            try await database.psql("UPDATE otalink.link SET ticket_number = ticket_number || ' ?'")
            let row = try #require(
                await #expect(throws: UnreadableRow.self) { try await store.outbox.claim(by: "a", lease: .seconds(60)) }
            )
            #expect(row.id == first.mailID && row.attempt == 1 && !row.description.contains("?"))
            try await store.outbox.postpone(id: row.id, for: .seconds(60), error: row.reason)
            #expect(try await store.outbox.claim(by: "a", lease: .seconds(60)) == nil)
            // Past the trigger, as a restore may do it.
            try await database.psql(
                "SET session_replication_role = replica; DELETE FROM otalink.link; UPDATE otalink.mail_outbox SET next_attempt_at = now()"
            )
            let lost = try #require(
                await #expect(throws: UnreadableRow.self) { try await store.outbox.claim(by: "a", lease: .seconds(60)) }
            )
            #expect(lost.id == first.mailID && lost.attempt == 2)
            try await store.outbox.markDead(id: lost.id, error: lost.reason)
            #expect(try await database.psql("SELECT state FROM otalink.mail_outbox") == "dead")
        }
    }

    @Test("A mail goes with its link, and a repeated end is told once")
    func deleted() async throws {
        try await withStore { store, database in
            _ = try await queue(store)
            let mail = try #require(try await store.outbox.claim(by: "a", lease: .seconds(60)))
            try await store.outbox.drop(mail, reason: "test")
            try await store.outbox.drop(mail, reason: "test")
            #expect(
                try await database.psql("SELECT count(*) FROM otalink.audit_event WHERE event = 'mail.dropped'") == "1")
            let queued = try await queue(store)
            _ = try await database.psql("DELETE FROM otalink.link WHERE id = '\(queued.linkID)'")
            #expect(try await database.psql("SELECT DISTINCT state FROM otalink.mail_outbox") == "dropped")
        }
    }
}
