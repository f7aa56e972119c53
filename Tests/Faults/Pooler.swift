import Foundation
import TestSupport

/// Fault 6: PgBouncer in transaction mode stands before the database; it is killed, and so is the server behind it. LISTEN and
/// locks take the direct way.
struct Pooler: Fault {
    static let number = 6

    func rows(_ campaign: Campaign) async throws -> [FaultRow] {
        guard PgBouncer.isHere else {
            return [.skipped(Self.number, "PgBouncer in transaction mode", "pgbouncer is not installed")]
        }
        let cluster = campaign.cluster
        let bouncer = try PgBouncer(cluster: cluster, role: Installation.role)
        try await bouncer.start()
        defer { bouncer.kill() }
        var plan = Installation.Plan()
        plan.environment["OTALINK_DATABASE_PREPARED"] = "0"
        plan.databaseURL = { "postgresql://\(Installation.role)@127.0.0.1:\(bouncer.port)/\($0)" }
        plan.directURL = { "postgresql://\(Installation.role)@127.0.0.1:\(cluster.port)/\($1)" }
        let limit: @Sendable (TestDatabase) async throws -> Void = { database in
            // A pooler passes no settings at the start of a connection.
            try await database.psql(
                "ALTER ROLE \(Installation.role) SET statement_timeout = '10s'; ALTER ROLE \(Installation.role) SET lock_timeout = '5s'"
            )
        }
        return try await withInstallation(on: cluster, plan, prepare: limit) { (installation) async throws in
            [
                try await bouncerKilled(campaign, installation, bouncer),
                try await serverStopped(campaign, installation),
            ]
        }
    }

    private func bouncerKilled(
        _ campaign: Campaign, _ installation: Installation, _ bouncer: PgBouncer
    ) async throws -> FaultRow {
        let rounds = campaign.isShort ? 1 : 5
        let name = "PgBouncer in transaction mode, killed and started × \(rounds)"
        var row = try await campaign.row(Self.number, name, installation) { load in
            var random = campaign.random(for: 61)
            for _ in 0..<rounds {
                try await Task.sleep(for: .milliseconds(Int.random(in: 500...2_000, using: &random)))
                bouncer.kill()
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...1_000, using: &random)))
                try await bouncer.start()
                try await load.untilAnswered()
            }
            return []
        }
        let watch = RevocationWatch(installation: installation)
        let session = try await watch.newSession(Workload(installation: installation, seed: campaign.seed))
        try await watch.during(session) { revoke in try await revoke() }
        watch.add(to: &row)
        return row
    }

    private func serverStopped(_ campaign: Campaign, _ installation: Installation) async throws -> FaultRow {
        let cluster = campaign.cluster
        return try await campaign.row(
            Self.number, "PostgreSQL stopped fast and killed behind PgBouncer", installation
        ) { load in
            try await Task.sleep(for: .seconds(1))
            try await cluster.stop()
            try await cluster.restart()
            try await load.untilAnswered()
            try await cluster.kill()
            try await cluster.restart()
            try await load.untilAnswered()
            return []
        }
    }
}
