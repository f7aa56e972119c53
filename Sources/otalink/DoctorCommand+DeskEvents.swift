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
    static func findings(_ standing: DeskEventStanding, subject: String) -> [Finding] {
        var findings = [reports(standing, subject: subject)]
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

    /// One row for what came and what was refused: a refusal counts until an event was taken.
    private static func reports(_ standing: DeskEventStanding, subject: String) -> Finding {
        let caller = KeyRefusalAdvice.Caller.desk
        let last = standing.lastReport.map { "the last one came \($0.ISO8601Format())" }
        guard let refusal = standing.lastRefusal else {
            guard let last else {
                return Finding(
                    verdict: .untried, subject: subject,
                    text: "none came within the last week. The desk's web service posts them with the key of: "
                        + caller.creation)
            }
            return Finding(verdict: .good, subject: subject, text: last)
        }
        if let last, let report = standing.lastReport, report >= refusal.at {
            return Finding(
                verdict: .good, subject: subject,
                text: "\(last); before it, one was refused: \(KeyRefusalAdvice.words(refusal))")
        }
        return Finding(
            verdict: .failed, subject: subject,
            text: "\(last ?? "none was taken within the last week"); the last one that was refused came "
                + KeyRefusalAdvice.words(refusal) + KeyRefusalAdvice.remedy(refusal, for: caller))
    }
}
