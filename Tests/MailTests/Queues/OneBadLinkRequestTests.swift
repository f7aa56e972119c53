import Foundation
import LinkActs
import LinkStore
import Logging
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@Suite("One bad link request")
struct OneBadLinkRequestTests {
    private func worker(_ replica: Replica, _ lines: LogLines = LogLines()) -> LinkRequestWorker {
        LinkRequestWorker(
            store: replica.store,
            answer: AnswerLinkRequest(store: replica.store, keys: replica.keys, keeper: replica.keeper),
            settings: { Settings() }, logger: Logger(label: "test") { _ in lines })
    }

    private func linkRequest(_ replica: Replica, _ number: String, key: UInt8) async throws -> UUID {
        let linkRequest = LinkRequest(
            id: .version7(), ticketNumber: try #require(TicketNumber(number)), email: "anna@example.org",
            language: "en",
            createdAt: Date(), context: RequestContextFacts(clientAddress: "192.0.2.\(key)"))
        let limits = LinkRequestLimits(perMinute: 1, perHour: 1, perClientAndHour: 1)
        #expect(try await replica.store.linkRequests.queue(linkRequest, key: [key], limits: limits) == nil)
        return linkRequest.id
    }

    @Test("It is put off by itself and named, the others are looked up, cleaning goes on, and at last it is given up")
    func alone() async throws {
        try await withReplicas { replicas, desk, database in
            let replica = replicas[0]
            // The database refuses what the desk says of one ticket; the row of another link request cannot be read.
            try await database.psql("ALTER TABLE otalink.ticket ADD CONSTRAINT odd CHECK (title <> 'odd')")
            var odd = try exampleTicket()
            (odd.number, odd.ticketID, odd.title) = (try #require(TicketNumber("77")), 77, "odd")
            desk.change { [odd] in $0.tickets[odd.number] = odd }
            let refused = try await linkRequest(replica, "77", key: 1)
            let unreadable = try await linkRequest(replica, "88", key: 2)
            try await database.psql("UPDATE otalink.link_request SET ticket_number = 'a b' WHERE id = '\(unreadable)'")
            let good = try await linkRequest(replica, "2026112510000018", key: 3)
            let old = try await linkRequest(replica, "99", key: 4)
            try await database.psql(
                "UPDATE otalink.link_request SET created_at = now() - interval '2 hours', finished_at = now() WHERE id = '\(old)'"
            )

            let lines = LogLines()
            _ = await worker(replica, lines).workOff()
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "1")
            let open =
                "SELECT id FROM otalink.link_request WHERE finished_at IS NULL AND next_attempt_at > now() AND claimed_until IS NULL ORDER BY id"
            #expect(try await database.psql(open).uppercased() == "\(refused)\n\(unreadable)")
            #expect(try await database.psql("SELECT count(*) FROM otalink.link_request WHERE id = '\(old)'") == "0")
            for id in [refused, unreadable] {
                #expect(lines.all.contains { $0.contains("put off") && $0.contains("\(id)") })
            }
            #expect(
                try await database.psql("SELECT finished_at IS NOT NULL FROM otalink.link_request WHERE id = '\(good)'")
                    == "t")

            // Ten minutes old, it waits ten minutes more; beyond a quarter of an hour nobody waits for it.
            try await database.psql(
                "UPDATE otalink.link_request SET created_at = now() - interval '10 minutes', next_attempt_at = now() WHERE finished_at IS NULL"
            )
            _ = await worker(replica).workOff()
            let waiting =
                "SELECT count(*) FROM otalink.link_request WHERE next_attempt_at > now() + interval '9 minutes'"
            #expect(try await database.psql(waiting) == "2")
            try await database.psql(
                "UPDATE otalink.link_request SET created_at = now() - interval '16 minutes', next_attempt_at = now() WHERE finished_at IS NULL"
            )
            _ = await worker(replica).workOff()
            #expect(
                try await database.psql(
                    "SELECT count(*) FROM otalink.audit_event WHERE event = 'link.wished' AND reason = 'given-up'")
                    == "2")
        }
    }

    @Test("Cleaning does not wait for the link requests, nor one part of it for the other")
    func cleaning() async throws {
        try await withReplicas { replicas, _, database in
            let old = try await linkRequest(replicas[0], "99", key: 1)
            try await database.psql(
                """
                UPDATE otalink.link_request SET created_at = now() - interval '2 hours', finished_at = now() WHERE id = '\(old)';
                ALTER TABLE otalink.api_request RENAME TO elsewhere;
                ALTER TABLE otalink.link_request RENAME COLUMN claimed_until TO away
                """)
            _ = await worker(replicas[0]).workOff()
            #expect(try await database.psql("SELECT count(*) FROM otalink.link_request") == "0")
        }
    }
}
