import LinkStore
import OneTimeLinks

extension Job {
    /// Deletes what `AuditTrailDays` says is too old, every night.
    public static func trimAuditTrail(settings: @escaping @Sendable () -> Settings) -> Job {
        Job(
            name: "trim-audit-trail", lock: 0x6f74_6174_7269_6d73, schedule: { CronSchedule("30 3 * * *") },
            work: { connection in
                let days = settings().auditTrailDays
                guard days > 0 else { return "everything is kept for ever" }
                let count = try await AuditTrail.deleteOld(days: days, on: connection)
                return "\(count) older than \(days) days deleted"
            })
    }
}
