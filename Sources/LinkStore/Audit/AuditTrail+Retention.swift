import PostgresClient

/// What the nightly trimming deleted, or would delete.
public struct TrimCount: Sendable, Hashable, CustomStringConvertible {
    public var events = 0
    /// Mails that were sent, given up or dropped.
    public var mails = 0

    public init(events: Int = 0, mails: Int = 0) {
        self.events = events
        self.mails = mails
    }

    public var description: String { "\(events) events and \(mails) finished mails" }
}

extension AuditTrail {
    /// Rows deleted in one transaction, so that nobody waits for the job longer than that takes.
    public static let batch = 5_000

    /// Deletes events, finished mails and runs of jobs that are older than so many days: months of events as a whole, the rest batch by
    /// batch. If a month is in use it is emptied batch by batch too, so that no event stays longer.
    ///
    /// - Parameter connection: the connection that holds the job's lock.
    public static func deleteOld(
        days: Int, on connection: PostgresConnectionHandle, patience: LockPatience = LockPatience()
    ) async throws -> TrimCount {
        func all(_ statement: Statement) async throws -> Int {
            try await connection.deletingAll(statement, days)
        }
        var each = EachAlone()
        let dropped = await each.attempt { try await dropMonths(days: days, on: connection, patience: patience) }
        let events = await each.attempt { try await all(RetentionSQL.deleteEvents) }
        let mails = await each.attempt { try await all(RetentionSQL.deleteMails) }
        _ = await each.attempt { try await connection.query(RetentionSQL.deleteRuns, days) }
        try each.end()
        return TrimCount(events: (dropped ?? 0) + (events ?? 0), mails: mails ?? 0)
    }

    /// How much is older than so many days.
    public func countOld(days: Int) async throws -> TrimCount {
        // In a transaction, so that the client's own time limit counts behind a pooler too.
        let (events, mails) = try await client.transaction("retention.count") { transaction in
            try await transaction.query(RetentionSQL.count, days).only().decode(Int.self, Int.self)
        }
        return TrimCount(events: events, mails: mails)
    }
}

extension PostgresConnectionHandle {
    /// Deletes batch by batch, each in a transaction of its own, until nothing is left that the statement deletes.
    ///
    /// - Parameters:
    ///   - statement: its last parameter is how many rows it may delete.
    ///   - parameters: those before it.
    /// - Returns: how many rows.
    func deletingAll(_ statement: Statement, _ parameters: (any PostgresEncodable)...) async throws -> Int {
        var total = 0
        while true {
            let count = try await query(statement, parameters: parameters + [AuditTrail.batch]).affectedRows
            total += count
            if count < AuditTrail.batch { return total }
        }
    }
}

enum RetentionSQL {
    private static let limit = "now() - make_interval(days => $1::bigint::integer)"

    static let deleteEvents = Statement(
        "retention.delete_events",
        """
        DELETE FROM otalink.audit_event
         WHERE at < \(limit)
           AND id = ANY (ARRAY(
               SELECT id
                 FROM otalink.audit_event
                WHERE at < \(limit)
                ORDER BY at
                LIMIT $2))
        """)

    /// A mail that waits has no end yet.
    static let deleteMails = Statement(
        "retention.delete_mails",
        """
        DELETE FROM otalink.mail_outbox
         WHERE id = ANY (ARRAY(
               SELECT id
                 FROM otalink.mail_outbox
                WHERE state <> 'queued'
                  AND finished_at < \(limit)
                LIMIT $2))
        """)

    /// Never the last run of a job: what is due next counts from it.
    static let deleteRuns = Statement(
        "retention.delete_runs",
        """
        DELETE FROM otalink.job_run AS run
         WHERE due_at < \(limit)
           AND EXISTS (SELECT FROM otalink.job_run AS later WHERE later.job = run.job AND later.due_at > run.due_at)
        """)

    static let count = Statement(
        "retention.count", repeatable: true,
        """
        SELECT (SELECT count(*) FROM otalink.audit_event WHERE at < \(limit)),
               (SELECT count(*) FROM otalink.mail_outbox WHERE state <> 'queued' AND finished_at < \(limit))
        """)
}
