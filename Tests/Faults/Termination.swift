import CurlClient
import Foundation
import TestSupport

/// Fault 9: SIGTERM to one replica after the other. Readiness goes first, requests under way end, connections close, within the
/// grace period.
struct Termination: Fault {
    static let number = 9
    /// What an orchestrator usually grants.
    private static let grace = Duration.seconds(30)

    func rows(_ campaign: Campaign) async throws -> [FaultRow] {
        let terminations = campaign.isShort ? 1 : 9
        var plan = Installation.Plan()
        plan.environment["OTALINK_DRAIN_SECONDS"] = "3"
        return try await withInstallation(on: campaign.cluster, plan) { (installation) async throws in
            let findings = Findings()
            var row = try await campaign.row(
                Self.number, "SIGTERM to one replica after the other × \(terminations)", installation
            ) { _ in
                for number in 0..<terminations {
                    let replica = installation.replicas[number % installation.replicas.count]
                    try await terminate(replica, installation, findings)
                    try await replica.start()
                    // The balancer wants two good answers before it trusts a replica again.
                    try await Task.sleep(for: .seconds(3))
                }
                return []
            }
            row.complaints += await findings.complaints
            row.add(.time("from the signal to the end", await findings.longest, promised: Self.grace))
            if row.tried != row.answered { row.add(.complaint("\(row.tried - row.answered) attempts failed")) }
            return [row]
        }
    }

    private func terminate(
        _ replica: ReplicaProcess, _ installation: Installation, _ findings: Findings
    ) async throws {
        guard let process = replica.process else { return }
        let start = ContinuousClock.now
        process.terminate()
        // Not ready, and answering all the same.
        while await replica.isReady(installation.client) {
            guard ContinuousClock.now - start < .seconds(2) else {
                await findings.complain("a replica calls itself ready two seconds after SIGTERM")
                break
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        let live = HTTPRequest(url: replica.url + "/health/live", timeout: .seconds(2))
        if (try? await installation.client.send(live).status) != 200 {
            await findings.complain("a replica that drains does not answer")
        }
        let finished = await process.finished()
        await findings.note(ContinuousClock.now - start)
        if finished.status != 0 { await findings.complain("SIGTERM ended a replica with \(finished.status)") }
    }

    private actor Findings {
        private(set) var complaints: [String] = []
        private(set) var longest: Duration = .zero

        func complain(_ text: String) { complaints.append(text) }
        func note(_ duration: Duration) { longest = max(longest, duration) }
    }
}
