import LinkStore
import OneTimeLinks

extension Job {
    /// Deletes what `AuditTrailDays` says is too old, old verdicts on mails, and old events of the desk, and makes the partitions of the
    /// audit trail for the year ahead, every night.
    public static func trimAuditTrail(settings: @escaping @Sendable () -> Settings) -> Job {
        Job(
            name: "trim-audit-trail", lock: 0x6f74_6174_7269_6d73, schedule: { CronSchedule("30 3 * * *") },
            work: { connection in
                // First: these are done whatever the setting says.
                var each = EachAlone()
                let months = await each.attempt { try await AuditTrail.makeMonths(on: connection) } ?? 0
                let verdicts = await each.attempt { try await MailVerdicts.deleteOld(on: connection) } ?? 0
                let events = await each.attempt { try await DeskEvents.deleteOld(on: connection) } ?? 0
                var also = verdicts > 0 ? "; \(verdicts) old verdicts on mails deleted" : ""
                if events > 0 { also += "; \(events) old events of the desk deleted" }
                if months > 0 { also += "; \(months) months of the audit trail made" }
                let days = settings().auditTrailDays
                guard days > 0 else {
                    try each.end()
                    return "everything is kept for ever" + also
                }
                let count = try await AuditTrail.deleteOld(days: days, on: connection)
                try each.end()
                return "\(count) older than \(days) days deleted" + also
            })
    }
}
