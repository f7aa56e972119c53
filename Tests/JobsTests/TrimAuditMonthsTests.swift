import Foundation
import LinkStore
import OneTimeLinks
import PostgresClient
import TestSupport
import Testing

@testable import Jobs

@Suite("Trimming the audit trail by months", .timeLimit(.minutes(10)))
struct TrimAuditMonthsTests {
    private static let days = 45
    private static let limit = "now() - interval '45 days'"
    /// Partitions that are older than that as a whole.
    private static let oldMonths = "SELECT count(*) FROM otalink.audit_partitions() WHERE until <= \(limit)"

    /// A service that has run for four months and more: an event an hour, which says how many hours ago it was.
    private func withMonths(_ body: @Sendable (JobsDatabase) async throws -> Void) async throws {
        try await withJobsDatabase { (jobs) async throws in
            try await jobs.database.psql(
                """
                DROP TABLE otalink.audit_event_first;
                SELECT otalink.make_audit_month(ahead) FROM generate_series(-5, 3) AS months (ahead);
                INSERT INTO otalink.audit_event (event, at, reason)
                SELECT 'e', now() - n * interval '1 hour', n FROM generate_series(0, 130 * 24) AS n;
                """)
            #expect(try await jobs.store.audit.standing().strayEvents == 0)
            try await body(jobs)
        }
    }

    /// Exactly what is not older than the days.
    private func expectExact(_ jobs: JobsDatabase) async throws {
        let left = try await jobs.database.psql(
            "SELECT count(*), max(reason::integer), bool_and(at >= \(Self.limit) - interval '1 hour') FROM otalink.audit_event"
        )
        #expect(left == "\(Self.days * 24)|\(Self.days * 24 - 1)|t")
    }

    private static let old = 130 * 24 + 1 - days * 24

    private func run(_ jobs: JobsDatabase, days: String) async throws -> String? {
        let job = Job.trimAuditTrail { Settings(stored: [SettingName.auditTrailDays: days]) }
        let runner = JobRunner(job: job, client: jobs.client, zone: .gmt, replica: "a", logger: .quiet)
        return try await runner.runOnce(dueAt: try await jobs.store.jobRuns.now())
    }

    private func deleteOld(_ jobs: JobsDatabase, _ patience: LockPatience) async throws -> TrimCount {
        let count = try await jobs.client.withAdvisoryLock(1) { connection in
            try await AuditTrail.deleteOld(days: Self.days, on: connection, patience: patience)
        }
        return try #require(count)
    }

    @Test("Whole months are dropped, the rest of the oldest goes row by row, and the run counts both")
    func months() async throws {
        try await withMonths { (jobs) async throws in
            // By rows goes only what shares its month with events that stay.
            let byRows = try await jobs.database.psql(
                """
                CREATE TABLE public.deleted (n bigint);
                CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN INSERT INTO public.deleted SELECT count(*) FROM gone; RETURN NULL; END $$;
                CREATE TRIGGER note AFTER DELETE ON otalink.audit_event REFERENCING OLD TABLE AS gone
                    FOR EACH STATEMENT EXECUTE FUNCTION public.note();
                SELECT count(*) FROM otalink.audit_event
                 WHERE at < \(Self.limit) AND at >= date_trunc('month', \(Self.limit), 'UTC');
                """)
            #expect(Int(try await jobs.database.psql(Self.oldMonths)) ?? 0 >= 2)
            #expect(
                try await run(jobs, days: "\(Self.days)")
                    == "\(Self.old) events and 0 finished mails older than \(Self.days) days deleted")
            try await expectExact(jobs)
            #expect(try await jobs.database.psql(Self.oldMonths) == "0")
            #expect(try await jobs.database.psql("SELECT sum(n) FROM public.deleted") == byRows)
        }
    }

    @Test("A month that is being read is emptied row by row at once, and dropped the next time")
    func inUse() async throws {
        try await withMonths { (jobs) async throws in
            let count = try await jobs.client.transaction("reader") { transaction in
                _ = try await transaction.query(Self.reading)
                return try await deleteOld(jobs, LockPatience(attempts: 2, pause: .zero))
            }
            #expect(count.events == Self.old)
            try await expectExact(jobs)
            #expect(Int(try await jobs.database.psql(Self.oldMonths)) ?? 0 >= 2)
            #expect(try await deleteOld(jobs, LockPatience()) == TrimCount())
            #expect(try await jobs.database.psql(Self.oldMonths) == "0")
        }
    }

    @Test("A drop that did not get its lock is tried again")
    func again() async throws {
        try await withMonths { (jobs) async throws in
            let trimming = try await jobs.client.transaction("reader") { transaction in
                _ = try await transaction.query(Self.reading)
                let trimming = Task {
                    try await deleteOld(jobs, LockPatience(attempts: 100_000, pause: .milliseconds(200)))
                }
                let waiting = """
                    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
                     WHERE NOT granted AND datname = current_database()
                    """
                while try await jobs.database.psql(waiting) == "0" { try await giveWay() }
                // It gives way, so that others can go on.
                while try await jobs.database.psql(waiting) != "0" { try await giveWay() }
                return trimming
            }
            #expect(try await trimming.value.events == Self.old)
            #expect(try await jobs.database.psql(Self.oldMonths) == "0")
            try await expectExact(jobs)
        }
    }

    private static let reading = Statement("test.reading", "SELECT count(*) FROM otalink.audit_event")

    @Test("Months that are missing are made every night, whatever the setting says, and are like the others")
    func ahead() async throws {
        try await withJobsDatabase { (jobs) async throws in
            try await jobs.database.psql(
                """
                DO $$ BEGIN
                    EXECUTE (SELECT string_agg(format('DROP TABLE %s', partition), ';')
                               FROM otalink.audit_partitions() WHERE until > now() + interval '11 months');
                END $$
                """)
            #expect(try await jobs.store.audit.standing().daysAhead < 360)
            #expect(try await run(jobs, days: "0") == "everything is kept for ever; 2 months of the audit trail made")
            #expect(try await jobs.store.audit.standing().daysAhead >= 365)
            #expect(try await run(jobs, days: "0") == "everything is kept for ever")
            let kinds = try await jobs.database.psql(
                """
                SELECT DISTINCT (SELECT count(*) FROM pg_index WHERE indrelid = partition),
                       (SELECT count(*) FROM pg_description WHERE objoid = partition)
                  FROM otalink.audit_partitions()
                """)
            #expect(kinds == "9|13")
        }
    }
}
