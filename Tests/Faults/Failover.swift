import Foundation
import TestSupport

/// Fault 3: the primary of two servers that replicate synchronously is killed, and its standby promoted. Replicas know both hosts.
struct Failover: Fault {
    static let number = 3
    /// From the promotion to the first answer.
    private static let promised = Duration.seconds(10)

    func rows(_ campaign: Campaign) async throws -> [FaultRow] {
        var rows: [FaultRow] = []
        for round in 1...2 { rows.append(try await row(campaign, round: round)) }
        return rows
    }

    private func row(_ campaign: Campaign, round: Int) async throws -> FaultRow {
        let primary = try await PostgresCluster(settings: FaultsCommand.clusterSettings)
        let standby = try await PostgresCluster(following: primary, as: "standby")
        try await waitUntilSynchronous(primary)
        let hosts = "127.0.0.1:\(primary.port),127.0.0.1:\(standby.port)"
        var plan = Installation.Plan()
        plan.databaseURL = { "postgresql://\(Installation.role)@\(hosts)/\($0)?target_session_attrs=read-write" }
        plan.operatorURL = { "postgresql://postgres@\(hosts)/\($0)?target_session_attrs=read-write" }
        // Due every minute, so that one can see the job go on.
        plan.settings["Daemon::SchedulerCronTaskManager::Task###DeleteExpiredOTATokens"] = "* * * * *"
        return try await withInstallation(on: primary, plan) { (installation) async throws in
            var row = try await campaign.row(
                Self.number, "primary killed and its standby promoted, time \(round)", installation,
                adjust: { $0.namesCalls = true }
            ) { load in
                var random = campaign.random(for: 30 + round)
                try await Task.sleep(for: .milliseconds(Int.random(in: 2_000...5_000, using: &random)))
                try await primary.kill()
                try await standby.promote()
                let promotedAt = ContinuousClock.now
                try await Task.sleep(for: .seconds(12))
                guard let first = load.ledger.firstAnswer(after: promotedAt) else {
                    return [.complaint("nothing was answered within twelve seconds of the promotion")]
                }
                return [.time("first answer after the promotion", first, promised: Self.promised)]
            }
            try await goOn(installation, campaign, &row)
            return row
        }
    }

    /// Replicas listen to the new primary, and the job runs there.
    private func goOn(_ installation: Installation, _ campaign: Campaign, _ row: inout FaultRow) async throws {
        let load = Workload(installation: installation, seed: campaign.seed)
        let watch = RevocationWatch(installation: installation)
        let session = try await watch.newSession(load)
        try await watch.during(session) { revoke in try await revoke() }
        watch.add(to: &row)
        let since = try await installation.psql("SELECT now()")
        let start = ContinuousClock.now
        let done = """
            SELECT count(*) FROM otalink.job_run
             WHERE job = 'expire-links' AND outcome = 'done' AND finished_at > '\(since)'
            """
        while try await installation.psql(done) == "0" {
            guard ContinuousClock.now - start < .seconds(150) else {
                return row.add(.complaint("the job, due every minute, does not run on the new primary"))
            }
            try await Task.sleep(for: .milliseconds(500))
        }
        row.add(.note("the job, due every minute, ran on the new primary after \((ContinuousClock.now - start).text)"))
    }

    private func waitUntilSynchronous(_ primary: PostgresCluster) async throws {
        try await primary.psql("ALTER SYSTEM SET synchronous_standby_names = 'standby'", database: "postgres")
        try await primary.psql("SELECT pg_reload_conf()", database: "postgres")
        let end = ContinuousClock.now + .seconds(30)
        while try await primary.psql("SELECT sync_state FROM pg_stat_replication", database: "postgres") != "sync" {
            guard ContinuousClock.now < end else { throw Broken("the standby does not become synchronous") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
