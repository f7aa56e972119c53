import LinkStore
import OneTimeLinks

extension Job {
    /// Deletes what `AuditTrailDays` says is too old, and old verdicts on mails, every night.
    public static func trimAuditTrail(settings: @escaping @Sendable () -> Settings) -> Job {
        Job(
            name: "trim-audit-trail", lock: 0x6f74_6174_7269_6d73, schedule: { CronSchedule("30 3 * * *") },
            work: { connection in
                // First: these are deleted whatever the setting says.
                let verdicts = try await MailVerdicts.deleteOld(on: connection)
                let also = verdicts > 0 ? "; \(verdicts) old verdicts on mails deleted" : ""
                let days = settings().auditTrailDays
                guard days > 0 else { return "everything is kept for ever" + also }
                let count = try await AuditTrail.deleteOld(days: days, on: connection)
                return "\(count) older than \(days) days deleted" + also
            })
    }
}
