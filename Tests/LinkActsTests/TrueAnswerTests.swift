import Foundation
import LinkActs
import LinkStore
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@Suite("What an old link's page says of a new one")
struct TrueAnswerTests {
    private func spentToken(_ replica: Replica, ticket: TicketNumber? = nil) async throws -> String {
        let token = try await replica.token(ticket: ticket)
        guard case .signedIn = try await replica.click(token) else {
            Issue.record("the first click must sign in")
            return token
        }
        return token
    }

    private static let queued = "SELECT count(*) FROM otalink.mail_outbox WHERE state = 'queued'"

    @Test("One is on its way while its mail is queued; once that was used, the next click is told to wait")
    func limit() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let token = try await spentToken(replicas[0])
            #expect(try await replicas[0].click(token, browser: 2) == .message(.newLink))
            #expect(try await replicas[1].click(token, browser: 2) == .message(.newLink))
            #expect(try await database.psql(Self.queued) == "1")
            // The mail arrives, and its link is used in another browser.
            try await database.psql(
                """
                UPDATE otalink.mail_outbox SET state = 'sent';
                UPDATE otalink.link SET state = 'used', used_at = now() WHERE state = 'offered'
                """)
            #expect(try await replicas[1].click(token, browser: 2) == .noNewLink(.limited(retryAfter: 60)))
            try await database.psql("UPDATE otalink.mail_outbox SET created_at = now() - interval '2 minutes'")
            #expect(try await replicas[1].click(token, browser: 2) == .message(.newLink))
            #expect(try await database.psql(Self.queued) == "1")
            let reasons = "SELECT string_agg(DISTINCT reason, ' ') FROM otalink.refusals"
            #expect(try await database.psql(reasons) == "limited new-link-on-its-way")
        }
    }

    @Test("After a mail that was refused for good it is said for an hour, unless the address was changed")
    func refused() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let token = try await spentToken(replicas[0])
            let link = try #require(replicas[0].keys.verify(token, as: .link))
            #expect(try await replicas[0].click(token, browser: 2) == .message(.newLink))
            try await database.psql(
                "UPDATE otalink.mail_outbox SET state = 'dead', created_at = now() - interval '50 minutes'")
            #expect(try await replicas[0].click(token, browser: 2) == .noNewLink(.refused))
            let fresh = try await replicas[1].redeem.freshLink(
                link: link, settings: Settings(), language: "en", context: .none)
            #expect(fresh == .noMail(.refused))
            #expect(try await database.psql(Self.queued) == "0")
            let meaning = "SELECT DISTINCT meaning FROM otalink.refusals WHERE reason = 'mail-refused'"
            #expect(try await database.psql(meaning).contains("could not be delivered"))
            try await database.psql("UPDATE otalink.customer_user SET email = 'anna@example.net'")
            #expect(try await replicas[1].click(token, browser: 2) == .message(.newLink))
            #expect(
                try await database.psql("SELECT recipient FROM otalink.mail_outbox WHERE state = 'queued'")
                    == "anna@example.net")
            try await database.psql(
                """
                UPDATE otalink.customer_user SET email = 'anna@example.org';
                DELETE FROM otalink.mail_outbox WHERE state = 'queued';
                UPDATE otalink.link SET created_at = created_at - interval '11 minutes';
                UPDATE otalink.mail_outbox SET created_at = now() - interval '61 minutes'
                """)
            #expect(try await replicas[1].click(token, browser: 2) == .message(.newLink))
            #expect(try await database.psql(Self.queued) == "1")
        }
    }

    @Test("Mails about the ticket that an old link's ticket was merged into count too, also for two clicks at once")
    func merged() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let token = try await spentToken(replicas[0])
            var target = try exampleTicket()
            target.number = try #require(TicketNumber("2026112510000026"))
            target.ticketID = 2
            desk.change { [target] state in
                state.tickets[target.number] = target
                for number in state.tickets.keys where number != target.number {
                    state.tickets[number]?.stateType = .merged
                    state.tickets[number]?.mergedInto = target.number
                }
            }
            try await database.psql("UPDATE otalink.ticket SET read_at = now() - interval '2 minutes'")
            async let first = replicas[0].click(token, browser: 2)
            async let second = replicas[1].click(token, browser: 3)
            #expect(try await [first, second] == [.message(.newLink), .message(.newLink)])
            #expect(try await database.psql(Self.queued) == "1")
            try await database.psql("UPDATE otalink.mail_outbox SET state = 'dead'")
            #expect(try await replicas[0].click(token, browser: 2) == .noNewLink(.refused))
            try await database.psql(
                """
                UPDATE otalink.mail_outbox SET state = 'sent';
                UPDATE otalink.link SET state = 'used', used_at = now() WHERE state = 'offered'
                """)
            #expect(try await replicas[0].click(token, browser: 2) == .noNewLink(.limited(retryAfter: 60)))
        }
    }
}
