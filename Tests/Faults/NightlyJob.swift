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
        var row = try await campaign.row(Self.number, name, installation, adjust: { $0.lanes = 1 }) { _ in
            for _ in 0..<rounds {
                // Enough for several pages, so that there is a middle.
                let tickets = try await endedTickets(isKilled ? 1_200 : 100, installation)
                for replica in installation.replicas { await replica.kill() }
                try await installation.psql("DELETE FROM otalink.job_run")
                await installation.desk.setFaults(DemoFaults(delay: .milliseconds(isKilled ? 150 : 20)))
                try await startAll(installation.replicas)
                let killed = isKilled ? try await killRunner(installation) : nil
                await installation.desk.setFaults(DemoFaults())
                try await books.add(tickets, installation, attempts: isKilled ? 2 : 1)
                try await killed?.start()
            }
            return []
        }
        await books.add(to: &row)
        return row
    }

    /// Tickets with a link each, which are closed longer than links live.
    private func endedTickets(_ count: Int, _ installation: Installation) async throws -> [String] {
        try await installation.untilReady()
        let (login, end) = ("c2@example.org", Date().addingTimeInterval(-20 * 86_400))
        var tickets: [DemoTicket] = []
        for _ in 0..<count {
            var ticket = await installation.desk.create(NewDemoTicket(title: "Printer", customerLogin: login))
            (ticket.state, ticket.closed) = (.closedSuccessful, end)
            await installation.desk.seed(ticket)
            tickets.append(ticket)
        }
        let rows = tickets.map { "('\($0.number)', \($0.ticketID))" }.joined(separator: ", ")
        // As they were when somebody read them last: open.
        try await installation.psql(
            """
            WITH ended (number, id) AS (VALUES \(rows)),
            known AS (
                INSERT INTO otalink.ticket (ticket_number, ticket_id, state_type, customer_login, is_visible, read_at)
                SELECT number, id, 'open', '\(login)', true, now() FROM ended
            )
            INSERT INTO otalink.link (id, ticket_number, customer_login, recipient, key_id, state, origin)
            SELECT gen_random_uuid(), number, '\(login)', '\(login)', '0011aabb', 'active', 'api' FROM ended
            """)
        return tickets.map(\.number)
    }

    /// Kills the replica that runs the job, once it has deleted something.
    private func killRunner(_ installation: Installation) async throws -> ReplicaProcess {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            let deleted = Int(
                try await installation.psql(
                    """
                    SELECT count(*) FROM otalink.audit_event, otalink.job_run
                     WHERE event = 'links.expired' AND job = 'expire-links' AND at > started_at AND outcome IS NULL
                    """))
            if deleted ?? 0 > 0 {
                let runner = try await installation.psql("SELECT runner \(JobBooks.runs)")
                guard let replica = installation.replicas.first(where: { $0.name == runner }) else { break }
                await replica.kill()
                return replica
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Broken("no replica was seen in the middle of the job")
    }
}

/// What the runs of the job came to.
private actor JobBooks {
    static let runs = "FROM otalink.job_run WHERE job = 'expire-links'"

    private var tickets = 0
    private var kept = 0
    private var lost = 0
    private var doubled = 0
    private var longest: Duration = .zero
    private var complaints: [String] = []

    /// Waits for the run to end, and lets those that came too late look once more.
    func add(_ ended: [String], _ installation: Installation, attempts: Int) async throws {
        let start = ContinuousClock.now
        while try await installation.psql("SELECT count(*) \(Self.runs) AND outcome = 'done'") == "0" {
            guard ContinuousClock.now - start < .seconds(120) else { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        longest = max(longest, ContinuousClock.now - start)
        try await Task.sleep(for: .seconds(12))
        let runs = try await installation.psql("SELECT attempts, outcome \(Self.runs)")
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
