import Foundation
import TestSupport

/// Fault 2: all that happens to a PostgreSQL: it is stopped, killed, cuts its connections, has none left, is held up by a lock, or
/// has no room on its disk.
struct BrokenDatabase: Fault {
    static let number = 2
    /// From the moment that the server takes connections.
    private static let promised = Duration.seconds(10)

    func rows(_ campaign: Campaign) async throws -> [FaultRow] {
        let rows = try await withInstallation(on: campaign.cluster) { (installation) async throws in
            var rows = [
                try await stopped(campaign, installation),
                try await killed(campaign, installation),
                try await terminated(campaign, installation),
            ]
            if !campaign.isShort { rows.append(try await outOfConnections(campaign, installation)) }
            rows.append(try await locked(campaign, installation))
            return rows
        }
        return campaign.isShort ? rows : rows + [try await FullDisk().row(campaign)]
    }

    private func stopped(_ campaign: Campaign, _ installation: Installation) async throws -> FaultRow {
        let rounds = campaign.isShort ? 1 : 4
        let cluster = campaign.cluster
        let name = "PostgreSQL stopped fast and started × \(rounds)"
        let adjust: (inout Workload) -> Void = { $0.namesCalls = !campaign.isShort }
        return try await campaign.row(Self.number, name, installation, adjust: adjust) { load in
            var random = campaign.random(for: 21)
            var (away, longest) = (Duration.zero, Duration.zero)
            for _ in 0..<rounds {
                try await Task.sleep(for: .milliseconds(Int.random(in: 500...1_500, using: &random)))
                let start = ContinuousClock.now
                try await cluster.stop()
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...2_000, using: &random)))
                try await cluster.restart()
                away = max(away, ContinuousClock.now - start)
                longest = max(longest, try await load.untilAnswered())
            }
            return [
                .note("the server was away for \(away.text) at most"),
                .time("first answer after its start", longest, promised: Self.promised),
            ]
        }
    }

    private func killed(_ campaign: Campaign, _ installation: Installation) async throws -> FaultRow {
        let rounds = campaign.isShort ? 1 : 6
        let cluster = campaign.cluster
        return try await campaign.row(Self.number, "kill -9 of the postmaster × \(rounds)", installation) { load in
            var random = campaign.random(for: 22)
            var (away, longest) = (Duration.zero, Duration.zero)
            for _ in 0..<rounds {
                try await Task.sleep(for: .milliseconds(Int.random(in: 500...1_500, using: &random)))
                let start = ContinuousClock.now
                try await cluster.kill()
                try await cluster.restart()
                away = max(away, ContinuousClock.now - start)
                longest = max(longest, try await load.untilAnswered())
            }
            return [
                .note("the server was away for \(away.text) at most"),
                .time("first answer after its start", longest, promised: Self.promised),
            ]
        }
    }

    private static let ours = "FROM pg_stat_activity WHERE usename = '\(Installation.role)'"

    private func terminated(_ campaign: Campaign, _ installation: Installation) async throws -> FaultRow {
        let rounds = campaign.isShort ? 1 : 5
        let name = "connections cut, one by one and all at once × \(rounds)"
        return try await campaign.row(Self.number, name, installation) { _ in
            var cut = 0
            for _ in 0..<rounds {
                for process in try await installation.psql("SELECT pid \(Self.ours)").split(separator: "\n") {
                    try await installation.psql("SELECT pg_terminate_backend(\(process))")
                    cut += 1
                }
                try await Task.sleep(for: .milliseconds(500))
                cut += Int(try await installation.psql("SELECT count(pg_terminate_backend(pid)) \(Self.ours)")) ?? 0
                try await Task.sleep(for: .milliseconds(500))
            }
            return [.note("\(cut) connections were cut")]
        }
    }

    private func outOfConnections(_ campaign: Campaign, _ installation: Installation) async throws -> FaultRow {
        let name = "no connection to be had (SQLSTATE 53300) for ten seconds"
        return try await campaign.row(Self.number, name, installation) { _ in
            try await Task.sleep(for: .seconds(1))
            try await installation.psql(
                """
                ALTER ROLE \(Installation.role) CONNECTION LIMIT 1;
                SELECT pg_terminate_backend(pid) \(Self.ours);
                """)
            try await Task.sleep(for: .seconds(10))
            try await installation.psql("ALTER ROLE \(Installation.role) CONNECTION LIMIT -1")
            try await Task.sleep(for: .seconds(5))
            return []
        }
    }

    private func locked(_ campaign: Campaign, _ installation: Installation) async throws -> FaultRow {
        let seconds = campaign.isShort ? 7 : 30
        return try await campaign.row(Self.number, "the table of links locked for \(seconds) s", installation) { _ in
            try await Task.sleep(for: .seconds(1))
            try await installation.psql(
                "BEGIN; LOCK TABLE otalink.link IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(\(seconds)); COMMIT")
            try await Task.sleep(for: .seconds(2))
            return []
        }
    }
}
