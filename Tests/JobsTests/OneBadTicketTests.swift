import Foundation
import LinkStore
import Logging
import OneTimeLinks
import PostgresClient
import TestSupport
import Testing
import TicketSystem

@testable import Jobs

@Suite("One bad ticket in the nightly deletion")
struct OneBadTicketTests {
    private static let day: TimeInterval = 86_400

    private func expire(_ jobs: JobsDatabase, _ desk: FakeDesk, _ lines: LogLines = LogLines()) async throws
        -> ExpiryCount
    {
        let job = ExpireLinks(desk: desk, settings: LinkSettings(), logger: Logger(label: "test") { _ in lines })
        return try #require(try await jobs.client.withAdvisoryLock(1) { try await job(on: $0) })
    }

    private func closedTickets(_ jobs: JobsDatabase, _ desk: FakeDesk, _ numbers: ClosedRange<Int>) async throws {
        let now = try await jobs.store.tickets.now()
        for number in numbers {
            try await jobs.link(
                try desk.add("\(number)") { ($0.stateType, $0.closedAt) = (.closed, now - 20 * Self.day) },
                isKnown: number % 2 == 0)
        }
    }

    @Test("What the database refuses of one ticket costs that ticket, which is named and counted")
    func refused() async throws {
        try await withJobsDatabase { (jobs) async throws in
            let desk = FakeDesk()
            try await closedTickets(jobs, desk, 1...9)
            try await jobs.database.psql("ALTER TABLE otalink.ticket ADD CONSTRAINT odd CHECK (title <> 'odd')")
            try desk.add("5") { ($0.title, $0.stateType, $0.closedAt) = ("odd", .closed, .distantPast) }
            // Of another the links cannot be deleted.
            try await jobs.database.psql(
                """
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF OLD.ticket_number = '8' THEN RAISE EXCEPTION 'no'; END IF;
                    RETURN OLD;
                END $$;
                CREATE TRIGGER refuse BEFORE DELETE ON otalink.link FOR EACH ROW EXECUTE FUNCTION refuse()
                """)
            let lines = LogLines()
            let count = try await expire(jobs, desk, lines)
            // What cannot be kept of ticket 5 is no reason not to delete its links.
            #expect(try await jobs.links() == "8:1")
            #expect(count.skippedTickets == 2 && count.deletedTickets == 8 && count.deletedLinks == 8)
            #expect(count.description.contains("2 could not be handled"))
            for number in ["5", "8"] {
                #expect(
                    lines.all.contains { $0.contains("could not be handled") && $0.contains("\"ticket\": \(number)") })
            }
        }
    }

    @Test(
        "A ticket about which the desk's answer cannot be read keeps its links, and the others go",
        arguments: [true, false])
    func unreadable(isRefusingAll: Bool) async throws {
        try await withJobsDatabase { (jobs) async throws in
            let desk = FakeDesk { number in
                // The whole list fails for one ticket.
                if isRefusingAll, number.text == "5" {
                    throw TicketSystemError(.badAnswer(.unexpectedShape), operation: "TicketGet")
                }
            }
            try await closedTickets(jobs, desk, 1...20)
            if !isRefusingAll { desk.state.withLock { _ = $0.unreadable.insert("5") } }
            let count = try await expire(jobs, desk)
            #expect(try await jobs.links() == "5:1")
            #expect(count.skippedTickets == 1 && count.deletedTickets == 19 && count.turnedInvisible == 0)
        }
    }

    @Test("A row that cannot be read is passed by, as the last of a page too")
    func unreadableRow() async throws {
        try await withJobsDatabase { (jobs) async throws in
            let desk = FakeDesk()
            try await closedTickets(jobs, desk, 1...3)
            try await jobs.database.psql(
                "UPDATE otalink.link SET ticket_number = 'a b' WHERE ticket_number = '2'; UPDATE otalink.ticket SET closed_at = 'infinity' WHERE ticket_number = '2'"
            )
            try await jobs.database.psql(
                "INSERT INTO otalink.ticket (ticket_number, is_visible, read_at) VALUES ('3', true, 'infinity') ON CONFLICT (ticket_number) DO UPDATE SET read_at = 'infinity'"
            )
            let count = try await expire(jobs, desk)
            #expect(count.skippedTickets == 2 && count.deletedTickets == 1)
            #expect(try await jobs.links() == "3:1 a b:1")
        }
    }

    @Test("Sessions that ended are deleted while the desk is away")
    func cleaning() async throws {
        try await withJobsDatabase { (jobs) async throws in
            let desk = FakeDesk()
            try await closedTickets(jobs, desk, 1...2)
            try await jobs.database.psql(
                """
                INSERT INTO otalink.session (id, link_id, customer_login, ticket_number, created_at, last_seen_at)
                VALUES (gen_random_uuid(), gen_random_uuid(), 'anna@example.org', '9', now() - interval '30 days', now() - interval '30 days')
                """)
            desk.state.withLock { $0.readsLeft = 0 }
            await #expect(throws: TicketSystemError.self) { try await expire(jobs, desk) }
            #expect(try await jobs.database.psql("SELECT count(*) FROM otalink.session") == "0")
        }
    }

    @Test("What is old is trimmed from each table, also when another cannot be trimmed")
    func trimming() async throws {
        try await withJobsDatabase { (jobs) async throws in
            try await jobs.database.psql(
                """
                INSERT INTO otalink.job_run (job, due_at, runner, outcome)
                VALUES ('x', now() - interval '40 days', 'a', 'done'), ('x', now() - interval '39 days', 'a', 'done');
                ALTER TABLE otalink.audit_event RENAME COLUMN at TO elsewhere
                """)
            await #expect(throws: PostgresError.self) {
                try await jobs.client.withAdvisoryLock(1) { try await AuditTrail.deleteOld(days: 30, on: $0) }
            }
            #expect(try await jobs.database.psql("SELECT count(*) FROM otalink.job_run") == "1")
        }
    }
}
