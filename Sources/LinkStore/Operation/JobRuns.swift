import Foundation
import OneTimeLinks
import PostgresClient

/// The table `job_run`. Written over the connection that holds the job's lock, and no other: a replica that lost its
/// lock cannot write.
public struct JobRuns: Sendable {
    let client: PostgresClient

    /// The database's clock, by which jobs are due.
    public func now() async throws -> Date {
        try await client.query(TicketSQL.now).only().decode(at: 0, as: Date.self)
    }

    /// When the job was last due and done; nil when it never was.
    public func lastDone(job: String) async throws -> Date? {
        try await client.query(JobRunSQL.lastDone, job).first.flatMap { try $0.decode("due_at", as: Date?.self) }
    }

    /// Begins the run for a due time, or takes over one whose runner died.
    ///
    /// - Returns: false when the run for this time is done.
    public static func begin(
        job: String, dueAt: Date, runner: String, on connection: PostgresConnectionHandle
    ) async throws -> Bool {
        try await connection.query(JobRunSQL.begin, job, dueAt, runner).affectedRows > 0
    }

    /// Writes how the run ended.
    public static func finish(
        job: String, dueAt: Date, isDone: Bool, detail: String, on connection: PostgresConnectionHandle
    ) async throws {
        _ = try await connection.query(
            JobRunSQL.finish, job, dueAt, isDone ? "done" : "failed", ForeignText.safe(detail, limit: 2_000))
    }
}

enum JobRunSQL {
    static let lastDone = Statement(
        "job_run.last_done", repeatable: true,
        "SELECT max(due_at) AS due_at FROM otalink.job_run WHERE job = $1 AND outcome = 'done'")

    static let begin = Statement(
        "job_run.begin",
        """
        INSERT INTO otalink.job_run AS run (job, due_at, runner)
        VALUES ($1, $2, $3)
        ON CONFLICT (job, due_at) DO UPDATE
           SET started_at = now(), finished_at = NULL, runner = excluded.runner, attempts = run.attempts + 1,
               outcome = NULL, detail = ''
         WHERE run.outcome IS DISTINCT FROM 'done'
        """)

    static let finish = Statement(
        "job_run.finish",
        """
        UPDATE otalink.job_run
           SET finished_at = now(), outcome = $3, detail = $4
         WHERE job = $1
           AND due_at = $2
        """)
}
