import Foundation
import LinkStore

extension DoctorCommand {
    /// Whether the desk reports, and what became of its reports.
    func deskEvents(_ surroundings: Surroundings) async -> [Finding] {
        let subject = "events of the desk"
        do {
            return DeskEventAdvice.findings(try await surroundings.store.deskEvents.standing(), subject: subject)
        } catch {
            return [Finding(verdict: .failed, subject: subject, text: "\(error)")]
        }
    }
}

/// What an operator is told about the events of the desk.
enum DeskEventAdvice {
    static func findings(_ standing: DeskEventStanding, subject: String, now: Date = Date()) -> [Finding] {
        var findings = [reports(standing, subject: subject)]
        if let refusal = standing.lastRefusal {
            let isNewest = standing.lastReport.map { $0 < refusal } ?? true
            findings.append(
                Finding(
                    verdict: isNewest ? .failed : .good, subject: subject,
                    text: "the last one that was refused came \(refusal.ISO8601Format()) from "
                        + "\(standing.refusedAddress ?? "an unknown address"): \(standing.refusalReason ?? "-")"
                        + (isNewest ? remedy(standing.refusalReason) : ", and the desk's key has worked since")))
        }
        if standing.oldestWait > 900 {
            findings.append(
                Finding(
                    verdict: .doubtful, subject: subject,
                    text: "\(standing.waiting) wait, the oldest for \(Int(standing.oldestWait / 60)) minutes. "
                        + "See: otalink desk events"))
        }
        if standing.dead > 0 {
            findings.append(
                Finding(
                    verdict: .failed, subject: subject,
                    text: "\(standing.dead) were given up after three days, lately \(standing.lastDead ?? "-"). "
                        + "Look with: otalink desk events --state dead. Try them again with: otalink desk retry --all-dead"
                ))
        }
        return findings
    }

    private static func reports(_ standing: DeskEventStanding, subject: String) -> Finding {
        guard let last = standing.lastReport else {
            return Finding(
                verdict: .untried, subject: subject,
                text: "none came within the last week. The desk's web service posts them with the key of: "
                    + "otalink api-key create desk --scope desk:events")
        }
        return Finding(verdict: .good, subject: subject, text: "the last one came \(last.ISO8601Format())")
    }

    private static func remedy(_ reason: String?) -> String {
        switch reason {
        case "no-valid-key":
            ". Put the key of 'otalink api-key create desk --scope desk:events' into the web service as the password of its requester."
        case "missing-scope": ". The key of the web service's requester lacks the scope desk:events."
        default: "."
        }
    }
}
