import Foundation
import TestSupport

/// Fault 1: one of three replicas is killed without a word, over and over, at random points of its work.
struct KilledReplicas: Fault {
    static let number = 1

    func rows(_ campaign: Campaign) async throws -> [FaultRow] {
        let rounds = campaign.isShort ? 3 : 20
        return try await withInstallation(on: campaign.cluster) { (installation) async throws in
            let row = try await campaign.row(
                Self.number, "kill -9 of one of three replicas × \(rounds)", installation,
                adjust: { $0.namesCalls = !campaign.isShort }
            ) { _ in
                var random = campaign.random(for: Self.number)
                for _ in 0..<rounds {
                    try await Task.sleep(for: .milliseconds(Int.random(in: 200...1_500, using: &random)))
                    let replica = installation.replicas[Int.random(in: 0..<3, using: &random)]
                    await replica.kill()
                    try await Task.sleep(for: .milliseconds(Int.random(in: 0...800, using: &random)))
                    try await replica.start()
                }
                return []
            }
            return [row]
        }
    }
}
