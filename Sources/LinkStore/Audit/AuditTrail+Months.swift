import Foundation
import PostgresClient

/// How often a statement is tried again that may wait for a lock for a short time only, so that others do not wait behind it.
public struct LockPatience: Sendable {
    public var attempts: Int
    /// Between two attempts.
    public var pause: Duration

    public init(attempts: Int = 5, pause: Duration = .seconds(1)) {
        self.attempts = max(1, attempts)
        self.pause = pause
    }

    /// Tries again as long as the lock was not to be had. Throws the last failure.
    func trying<Result>(_ work: () async throws -> Result) async throws -> Result {
        var left = attempts
        while true {
            left -= 1
            do {
                return try await work()
            } catch let error as PostgresError where error.isLockFailure && left > 0 {
                try await Task.sleep(for: pause)
            }
        }
    }
}

/// Which months the audit trail has partitions for, and what lies beside them.
public struct AuditTrailStanding: Sendable, Hashable {
    /// Events in the default partition, which takes those whose month has none.
    public var strayEvents: Int
    public var firstStray: Date?
    public var lastStray: Date?
    /// The end of the last month that has a partition; nil: no month has one.
    public var monthsEnd: Date?
    /// Days from now, by the database's clock, to that end.
    public var daysAhead: Double

    public init(
        strayEvents: Int = 0, firstStray: Date? = nil, lastStray: Date? = nil, monthsEnd: Date?, daysAhead: Double
    ) {
        self.strayEvents = strayEvents
        self.firstStray = firstStray
        self.lastStray = lastStray
        self.monthsEnd = monthsEnd
        self.daysAhead = daysAhead
    }
}

/// The table `audit_event` is partitioned by month. The functions of the database that are called here limit themselves how long they wait
/// for a lock.
extension AuditTrail {
    /// Partitions are made so many months ahead, so that months without a nightly job do no harm.
    public static let monthsAhead = 12

    /// Makes the partitions that are missing, from this month to a year ahead.
    ///
    /// - Parameter connection: the connection that holds the job's lock.
    /// - Returns: how many.
    public static func makeMonths(
        on connection: PostgresConnectionHandle, patience: LockPatience = LockPatience()
    ) async throws -> Int {
        var made = 0
        for ahead in 0...monthsAhead {
            let isNew = try await patience.trying {
                try await connection.query(MonthSQL.make, ahead).only().decode(at: 0, as: Bool.self)
            }
            if isNew { made += 1 }
        }
        return made
    }

    /// Drops the partitions all of whose events are older than so many days. If the lock for it cannot be had, it leaves them.
    ///
    /// - Returns: how many events they held.
    static func dropMonths(
        days: Int, on connection: PostgresConnectionHandle, patience: LockPatience
    ) async throws -> Int {
        var total = 0
        do {
            while true {
                let events = try await patience.trying {
                    try await connection.query(MonthSQL.drop, days).only().decode(at: 0, as: Int?.self)
                }
                guard let events else { return total }
                total += events
            }
        } catch let error as PostgresError where error.isLockFailure {
            return total
        }
    }

    /// Where the partitions end, and what lies in the default one.
    public func standing() async throws -> AuditTrailStanding {
        let row = try await client.query(MonthSQL.standing).only()
        return AuditTrailStanding(
            strayEvents: try row.decode("stray_events"), firstStray: try row.decode("first_stray"),
            lastStray: try row.decode("last_stray"), monthsEnd: try row.decode("months_end"),
            daysAhead: try row.decode("days_ahead"))
    }
}

enum MonthSQL {
    static let make = Statement("audit.make_month", "SELECT otalink.make_audit_month($1::bigint::integer)")

    static let drop = Statement(
        "audit.drop_month", "SELECT otalink.drop_audit_month(now() - make_interval(days => $1::bigint::integer))")

    static let standing = Statement(
        "audit.standing", repeatable: true,
        """
        SELECT stray.events AS stray_events, stray.first AS first_stray, stray.last AS last_stray, month.last AS months_end,
               COALESCE(EXTRACT(epoch FROM month.last - now()) / 86400, 0)::double precision AS days_ahead
          FROM (SELECT count(*) AS events, min(at) AS first, max(at) AS last FROM otalink.audit_event_default) AS stray
         CROSS JOIN (SELECT max(until) AS last FROM otalink.audit_partitions()) AS month
        """)
}
