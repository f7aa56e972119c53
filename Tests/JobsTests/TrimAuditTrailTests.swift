import Foundation
import LinkStore
import OneTimeLinks
import TestSupport
import Testing

@testable import Jobs

@Suite("Trimming the audit trail")
struct TrimAuditTrailTests {
    private func run(_ jobs: JobsDatabase, days: String) async throws -> String? {
        let job = Job.trimAuditTrail { Settings(stored: [SettingName.auditTrailDays: days]) }
        let runner = JobRunner(job: job, client: jobs.client, zone: .gmt, replica: "a", logger: .quiet)
        return try await runner.runOnce(dueAt: try await jobs.store.jobRuns.now())
    }

    @Test("What is older than the days is deleted in batches, the rest stays, and the run says so")
    func trim() async throws {
        try await withJobsDatabase { (jobs) async throws in
            let many = AuditTrail.batch + 7
            try await jobs.database.psql(
                """
                INSERT INTO otalink.audit_event (event, at)
                SELECT 'old', now() - interval '30 days' - make_interval(secs => n) FROM generate_series(0, \(many - 1)) AS n;
                INSERT INTO otalink.audit_event (event, at) VALUES ('new', now() - interval '30 days' + interval '1 minute');
                INSERT INTO otalink.job_run (job, due_at, runner, outcome)
                VALUES ('expire-links', now() - interval '32 days', 'a', 'done'),
                       ('expire-links', now() - interval '31 days', 'a', 'done'),
                       ('trim-audit-trail', now() - interval '31 days', 'a', 'done');
                INSERT INTO otalink.mail_outbox
                       (id, kind, ticket_number, customer_login, recipient, language, state, created_at, finished_at)
                SELECT gen_random_uuid(), 'refresh', '1', state, 'r', 'en', state, now() - interval '40 days',
                       now() - days * interval '1 day'
                  FROM (VALUES ('sent', 31), ('dead', 31), ('sent', 29), ('queued', NULL)) AS mail (state, days);
                """)
            #expect(try await jobs.store.audit.countOld(days: 30) == TrimCount(events: many, mails: 2))
            #expect(try await run(jobs, days: "30") == "\(many) events and 2 finished mails older than 30 days deleted")
            let mails = "SELECT string_agg(state, ',' ORDER BY state) FROM otalink.mail_outbox"
            #expect(try await jobs.database.psql(mails) == "queued,sent")
            #expect(try await jobs.database.psql("SELECT string_agg(event, ',') FROM otalink.audit_event") == "new")
            // The last run of a job stays, whatever its age.
            let runs = try await jobs.database.psql(
                "SELECT job, count(*), bool_or(detail LIKE '%deleted') FROM otalink.job_run GROUP BY job ORDER BY job")
            #expect(runs == "expire-links|1|f\ntrim-audit-trail|1|t")
        }
    }

    @Test("Without a number of days everything stays", arguments: ["", "0"])
    func forEver(days: String) async throws {
        try await withJobsDatabase { (jobs) async throws in
            try await jobs.database.psql("INSERT INTO otalink.audit_event (event, at) VALUES ('old', '2001-01-01')")
            #expect(try await run(jobs, days: days) == "everything is kept for ever")
            #expect(try await jobs.database.psql("SELECT count(*) FROM otalink.audit_event") == "1")
        }
    }

    @Test(
        "Events of the desk go after seven days, given up ones after thirty, whatever the setting says",
        arguments: ["", "30"])
    func events(days: String) async throws {
        try await withJobsDatabase { (jobs) async throws in
            try await jobs.database.psql(
                """
                INSERT INTO otalink.desk_event (id, ticket_id, event, state, finished_at, created_at)
                SELECT gen_random_uuid(), n, state, state, now() - days * interval '1 day', now() - interval '60 days'
                  FROM (VALUES (1, 'done', 8), (2, 'done', 6), (3, 'dead', 31), (4, 'dead', 29), (5, 'queued', NULL))
                       AS event (n, state, days);
                """)
            #expect(try await run(jobs, days: days)?.hasSuffix("; 2 old events of the desk deleted") == true)
            let left = "SELECT string_agg(ticket_id::text, ',' ORDER BY ticket_id) FROM otalink.desk_event"
            #expect(try await jobs.database.psql(left) == "2,4,5")
        }
    }

    @Test("Verdicts on mails go after seven days, whatever the setting says", arguments: ["", "30"])
    func verdicts(days: String) async throws {
        try await withJobsDatabase { (jobs) async throws in
            try await jobs.database.psql(
                """
                INSERT INTO otalink.mail_verdict (mail_key, verdict, reason, at)
                SELECT sha256(convert_to(n::text, 'UTF8')), 'robot', 'r', now() - n * interval '1 day'
                  FROM generate_series(5, 9) AS n;
                """)
            #expect(try await run(jobs, days: days)?.hasSuffix("; 3 old verdicts on mails deleted") == true)
            #expect(try await jobs.database.psql("SELECT count(*) FROM otalink.mail_verdict") == "2")
        }
    }

    @Test("A run that loses its lock in the middle leaves what it did, and another one finishes")
    func killed() async throws {
        try await withJobsDatabase { (jobs) async throws in
            try await jobs.database.psql(
                """
                INSERT INTO otalink.audit_event (event, at)
                SELECT 'old', '2001-01-01' FROM generate_series(1, \(AuditTrail.batch * 3));
                -- The second batch is the end of the connection.
                CREATE TABLE public.batches (n int); INSERT INTO public.batches VALUES (0);
                CREATE FUNCTION public.kill() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    UPDATE public.batches SET n = n + 1;
                    IF (SELECT n FROM public.batches) = 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                    RETURN NULL;
                END $$;
                CREATE TRIGGER kill AFTER DELETE ON otalink.audit_event FOR EACH STATEMENT EXECUTE FUNCTION public.kill();
                """)
            await #expect(throws: (any Error).self) { try await run(jobs, days: "30") }
            let left = try await jobs.database.psql("SELECT count(*) FROM otalink.audit_event")
            #expect(left == "\(AuditTrail.batch * 2)")
            try await jobs.database.psql("DROP TRIGGER kill ON otalink.audit_event")
            #expect(
                try await run(jobs, days: "30")
                    == "\(AuditTrail.batch * 2) events and 0 finished mails older than 30 days deleted")
        }
    }
}
