import Foundation
import TestSupport

/// Part of fault 5: the nights in which Berlin's clocks are changed. The database's clock, by which jobs are due, is set to just before
/// and jumps; three replicas look at every step.
struct ChangedClocks {
    private static let name = "the two nights in which the clocks are changed, due at 2:30"

    /// A moment at which all replicas are started anew, and how many runs there are to be by then.
    private struct Step {
        let time: String
        let runs: Int
    }

    /// Spring: 2:30 does not exist and is made up for at 3:00 (1:00 UTC). Autumn: 2:30 comes twice (0:30 and 1:30 UTC).
    private static let nights: [(before: String, steps: [Step])] = [
        (
            "2027-03-27T02:00:00Z",
            [
                Step(time: "2027-03-28T00:59:00Z", runs: 0), Step(time: "2027-03-28T01:00:01Z", runs: 1),
                Step(time: "2027-03-28T01:31:00Z", runs: 1), Step(time: "2027-03-28T23:00:00Z", runs: 1),
                Step(time: "2027-03-29T00:31:00Z", runs: 2),
            ]
        ),
        (
            "2027-10-30T02:00:00Z",
            [
                Step(time: "2027-10-31T00:29:00Z", runs: 0), Step(time: "2027-10-31T00:30:01Z", runs: 1),
                Step(time: "2027-10-31T01:29:00Z", runs: 1), Step(time: "2027-10-31T01:31:00Z", runs: 1),
                Step(time: "2027-11-01T01:31:00Z", runs: 2),
            ]
        ),
    ]

    func row() async throws -> FaultRow {
        let clock = try ShiftedClock()
        let cluster = try await PostgresCluster(
            settings: FaultsCommand.clusterSettings, environment: clock.environment)
        var plan = Installation.Plan()
        plan.environment["OTALINK_DESK_TIME_ZONE"] = "Europe/Berlin"
        plan.environment["OTALINK_DRAIN_SECONDS"] = "0"
        plan.settings["Daemon::SchedulerCronTaskManager::Task###DeleteExpiredOTATokens"] = "30 2 * * *"
        return try await withInstallation(on: cluster, plan) { (installation) async throws in
            var row = FaultRow(NightlyJob.number, Self.name)
            for night in Self.nights {
                for replica in installation.replicas { await replica.kill() }
                try clock.set(Self.date(night.before))
                // The night before is done.
                try await installation.psql(
                    """
                    DELETE FROM otalink.job_run;
                    INSERT INTO otalink.job_run (job, due_at, runner, finished_at, outcome)
                    VALUES ('expire-links', '\(night.before)', 'before', now(), 'done')
                    """)
                for step in night.steps { try await look(step, clock, installation, &row) }
            }
            return row
        }
    }

    private func look(
        _ step: Step, _ clock: ShiftedClock, _ installation: Installation, _ row: inout FaultRow
    ) async throws {
        for replica in installation.replicas { await replica.kill() }
        try clock.set(Self.date(step.time))
        try await startAll(installation.replicas)
        let count = """
            SELECT count(*) FILTER (WHERE outcome = 'done'), count(*), max(attempts) FROM otalink.job_run
             WHERE job = 'expire-links'
            """
        let wanted = "\(step.runs + 1)|\(step.runs + 1)|1"
        let end = ContinuousClock.now + .seconds(20)
        while try await installation.psql(count) != wanted, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(100))
        }
        // Whoever would run it once more has had the time to.
        try await Task.sleep(for: .seconds(2))
        let runs = try await installation.psql(count)
        row.tried += 1
        row.answered += 1
        if runs == wanted {
            row.kept += 1
        } else {
            let difference = (Int(runs.prefix { $0 != "|" }) ?? 0) - step.runs - 1
            if difference < 0 { row.lost += 1 } else { row.doubled += 1 }
            row.add(.complaint("at \(step.time) there are \(runs) runs, wanted \(wanted)"))
        }
    }

    private static func date(_ text: String) throws -> Date {
        try Date(text, strategy: .iso8601)
    }
}
