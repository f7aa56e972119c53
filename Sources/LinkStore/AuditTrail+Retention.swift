import PostgresClient

extension AuditTrail {
    /// Events deleted in one transaction, so that nobody waits for the job longer than that takes.
    public static let batch = 5_000

    /// Deletes events that are older than so many days, and the runs of jobs of that age, the oldest first and batch by batch.
    ///
    /// - Parameter connection: the connection that holds the job's lock.
    /// - Returns: how many events.
    public static func deleteOld(days: Int, on connection: PostgresConnectionHandle) async throws -> Int {
        var total = 0
        while true {
            let count = try await connection.query(RetentionSQL.deleteEvents, days, batch).affectedRows
            total += count
            if count < batch { break }
        }
        _ = try await connection.query(RetentionSQL.deleteRuns, days)
        return total
    }

    /// How many events are older than so many days.
    public func countOld(days: Int) async throws -> Int {
        try await client.query(RetentionSQL.countEvents, days).only().decode(Int.self)
    }
}

enum RetentionSQL {
    static let deleteEvents = Statement(
        "retention.delete_events",
        """
        DELETE FROM otalink.audit_event
         WHERE id = ANY (ARRAY(
               SELECT id
                 FROM otalink.audit_event
                WHERE at < now() - make_interval(days => $1::bigint::integer)
                ORDER BY at
                LIMIT $2))
        """)

    /// Never the last run of a job: what is due next counts from it.
    static let deleteRuns = Statement(
        "retention.delete_runs",
        """
        DELETE FROM otalink.job_run AS run
         WHERE due_at < now() - make_interval(days => $1::bigint::integer)
           AND EXISTS (SELECT FROM otalink.job_run AS later WHERE later.job = run.job AND later.due_at > run.due_at)
        """)

    static let countEvents = Statement(
        "retention.count_events", repeatable: true,
        "SELECT count(*) FROM otalink.audit_event WHERE at < now() - make_interval(days => $1::bigint::integer)")
}
