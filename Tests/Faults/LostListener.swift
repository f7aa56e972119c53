import Foundation
import TestSupport

/// Fault 4: sessions are revoked while replicas cannot hear of it: the listening connections are cut or silently dropped, or a
/// replica stands still. Measured is how late a request was sent that a replica still accepted.
struct LostListener: Fault {
    static let number = 4

    private enum Way: String, CaseIterable {
        case cut = "listening connections cut"
        case silent = "listening connections silently dropped"
        case paused = "a replica stands still (SIGSTOP)"
    }

    func rows(_ campaign: Campaign) async throws -> [FaultRow] {
        let proxies = try (1...3).map { _ in try TCPProxy(to: campaign.cluster.port) }
        var plan = Installation.Plan()
        let ports = proxies.map(\.port)
        plan.directURL = { replica, database in
            "postgresql://\(Installation.role)@127.0.0.1:\(ports[replica - 1])/\(database)?application_name=direct"
        }
        return try await withInstallation(on: campaign.cluster, plan) { (installation) async throws in
            var rows: [FaultRow] = []
            for way in Way.allCases {
                let watch = RevocationWatch(installation: installation, proxies: proxies)
                let rounds = campaign.isShort ? 1 : 6
                let name = "\(rounds) sessions revoked, \(way.rawValue)"
                var row = try await campaign.row(Self.number, name, installation, adjust: { $0.lanes = 2 }) { load in
                    var random = campaign.random(for: 40)
                    for _ in 0..<rounds { try await revoke(way, load, watch, &random) }
                    return []
                }
                watch.add(to: &row)
                rows.append(row)
            }
            return rows
        }
    }

    private func revoke(
        _ way: Way, _ load: Workload, _ watch: RevocationWatch, _ random: inout SeededGenerator
    ) async throws {
        let session = try await watch.newSession(load)
        // Not in step with the round trips on the listening connections.
        let lead = Duration.milliseconds(Int.random(in: 0...400, using: &random))
        switch way {
        case .cut:
            try await watch.during(session) { revoke in
                async let cut = load.installation.psql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'direct'")
                try await Task.sleep(for: lead / 4)
                let revokedAt = try await revoke()
                _ = try await cut
                return revokedAt
            }
        case .silent:
            for proxy in watch.proxies { proxy.stopForwarding() }
            try await watch.during(session) { revoke in
                try await Task.sleep(for: lead)
                return try await revoke()
            }
            for proxy in watch.proxies {
                proxy.cut()
                proxy.resume()
            }
        case .paused:
            let replica = load.installation.replicas[Int.random(in: 0..<3, using: &random)]
            let pause = Duration.milliseconds(Int.random(in: 200...3_000, using: &random))
            try await watch.during(session, paused: replica) { revoke in
                replica.process?.signal(SIGSTOP)
                _ = try await revoke()
                try await Task.sleep(for: pause)
                let runsAgainAt = ContinuousClock.now
                replica.process?.signal(SIGCONT)
                return runsAgainAt
            }
        }
    }
}
