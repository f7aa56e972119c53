import Foundation
import LinkStore

extension DoctorCommand {
    /// Whether the audit trail has a partition for each month, and what lies beside them.
    func auditTrail(_ surroundings: Surroundings) async -> Finding {
        let subject = "audit trail"
        do {
            return AuditTrailAdvice.finding(try await surroundings.store.audit.standing(), subject: subject)
        } catch {
            return Finding(verdict: .failed, subject: subject, text: "\(error)")
        }
    }
}

/// What an operator is told about the months of the audit trail.
enum AuditTrailAdvice {
    /// The nightly job keeps it above eleven months.
    static let fewestDays = 300.0

    static func finding(_ standing: AuditTrailStanding, subject: String) -> Finding {
        let end = standing.monthsEnd.map { "the months before \(day($0))" } ?? "no month"
        if let first = standing.firstStray, let last = standing.lastStray {
            return Finding(
                verdict: .doubtful, subject: subject,
                text: "\(standing.strayEvents) events from \(first.ISO8601Format()) to \(last.ISO8601Format()) lie in "
                    + "otalink.audit_event_default, because their months had no partition. They are shown, exported and deleted like all "
                    + "others. There are partitions for \(end). \(job)")
        }
        guard standing.daysAhead >= fewestDays else {
            return Finding(
                verdict: .doubtful, subject: subject, text: "there are partitions for \(end) only. \(job)")
        }
        return Finding(verdict: .good, subject: subject, text: "there are partitions for \(end)")
    }

    private static let job =
        "The nightly job makes them a year ahead. Look at its runs: SELECT * FROM otalink.job_status. Run it now: otalink audit trim"

    private static func day(_ date: Date) -> String {
        date.formatted(.iso8601.year().month().day())
    }
}
