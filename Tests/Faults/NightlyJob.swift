import DemoDesk
import Foundation
import TestSupport

/// Fault 5: the nightly job on three replicas whose clocks are 90 seconds apart; its runner is killed in the middle; and the nights in
/// which the clocks are changed.
struct NightlyJob: Fault {
    static let number = 5

    func rows(_ campaign: Campaign) async throws -> [FaultRow] {
        let clocks = try [-90, 0, 90].map { try ShiftedClock($0) }
        var plan = Installation.Plan()
        for (index, clock) in clocks.enumerated() { plan.environments[index + 1] = clock.environment }
        let rounds = campaign.isShort ? 1 : 3
        let rows = try await withInstallation(on: campaign.cluster, plan) { (installation) async throws in
            [
                try await due(campaign, installation, rounds: rounds, isKilled: false),
                try await due(campaign, installation, rounds: rounds, isKilled: true),
            ]
        }
        let nights = try await ChangedClocks().row()
        return withExtendedLifetime(clocks) { rows + [nights] }
    }

    /// All replicas start at once and find the last night's run missing.
    private func due(
        _ campaign: Campaign, _ installation: Installation, rounds: Int, isKilled: Bool
    ) async throws -> FaultRow {
        let name =
            isKilled
            ? "nightly job, its runner killed in the middle × \(rounds)"
            : "nightly job due on three replicas, clocks 90 s apart × \(rounds)"
        let books = JobBooks()
        var row = try await campaign.row(Self.number, name, installation, adjust: { $0.lanes = 1 }) { load in
            for _ in 0..<rounds {
                let tickets = try await endedTickets(20, load)
                for replica in installation.replicas { await replica.kill() }
                try await installation.psql("DELETE FROM otalink.job_run")
                // So that there is a middle.
                await installation.desk.setFaults(DemoFaults(delay: .milliseconds(isKilled ? 150 : 20)))
                try await startAll(installation.replicas)
                if isKilled { try await killRunner(installation) }
                await installation.desk.setFaults(DemoFaults())
                try await books.add(tickets, installation, attempts: isKilled ? 2 : 1)
            }
            return []
        }
        await books.add(to: &row)
        return row
    }

    /// Tickets with a link each, which are closed longer than links live.
    private func endedTickets(_ count: Int, _ load: Workload) async throws -> [String] {
        try await load.installation.untilReady()
        var tickets: [String] = []
        while tickets.count < count {
            let ticket = await load.installation.newTicket(of: "c2@example.org")
            guard try await load.issue(ticket: ticket, login: "c2@example.org").0 != nil else { continue }
            try await load.installation.desk.close(ticket, at: Date().addingTimeInterval(-20 * 86_400))
            tickets.append(ticket)
        }
        return tickets
    }

    private func killRunner(_ installation: Installation) async throws {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            let deleted = Int(
                try await installation.psql(
                    """
                    SELECT count(*) FROM otalink.audit_event, otalink.job_run
                     WHERE event = 'links.expired' AND at > started_at AND outcome IS NULL
                    """))
            if deleted ?? 0 > 0 {
                let runner = try await installation.psql("SELECT runner FROM otalink.job_run")
                guard let replica = installation.replicas.first(where: { $0.name == runner }) else { break }
                await replica.kill()
                try await replica.start()
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Broken("no replica was seen in the middle of the job")
    }
}

/// What the runs of the job came to.
private actor JobBooks {
    private var tickets = 0
    private var kept = 0
    private var lost = 0
    private var doubled = 0
    private var longest: Duration = .zero
    private var complaints: [String] = []

    /// Waits for the run to end, and lets those that came too late look once more.
    func add(_ ended: [String], _ installation: Installation, attempts: Int) async throws {
        let start = ContinuousClock.now
        while try await installation.psql("SELECT count(*) FROM otalink.job_run WHERE outcome = 'done'") == "0" {
            guard ContinuousClock.now - start < .seconds(120) else { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        longest = max(longest, ContinuousClock.now - start)
        try await Task.sleep(for: .seconds(12))
        let runs = try await installation.psql("SELECT attempts, outcome FROM otalink.job_run")
        if runs != "\(attempts)|done" {
            doubled += 1
            complaints.append("the run has \(runs) in place of \(attempts) attempts, done")
        }
        let list = ended.map { "'\($0)'" }.joined(separator: ", ")
        let left = try await installation.psql(
            "SELECT count(DISTINCT ticket_number) FROM otalink.link WHERE ticket_number IN (\(list))")
        let told = try await installation.psql(
            """
            SELECT count(*), count(DISTINCT ticket_number) FROM otalink.audit_event
             WHERE event = 'links.expired' AND ticket_number IN (\(list))
            """
        ).split(separator: "|").compactMap { Int($0) }
        tickets += ended.count
        let gone = min(ended.count - (Int(left) ?? 0), told.last ?? 0)
        lost += ended.count - gone
        if gone < ended.count {
            complaints.append("of \(ended.count) tickets \(left) keep links, \(told) were told of")
        }
        doubled += (told.first ?? 0) - (told.last ?? 0)
        kept += gone
    }

    func add(to row: inout FaultRow) {
        row.tried += tickets
        row.answered += tickets
        row.kept += kept
        row.lost += lost
        row.doubled += doubled
        row.complaints += complaints
        row.add(.note("\(tickets) ended tickets; the longest wait for a run to be done: \(longest.text)"))
    }
}
