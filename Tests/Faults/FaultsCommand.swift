import ArgumentParser
import Foundation
import TestSupport

/// Does faults to an installation under load, and counts what clients were promised and what was kept.
@main
struct FaultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "otalink-faults",
        abstract: "Break things under load, and count what was promised and what was kept.",
        discussion: """
            Ends with 1 if a promise was lost or kept twice, if something failed otherwise than with "try again", or if a promised \
            time was missed tenfold.
            """)

    private static let all: [any Fault.Type] = [
        KilledReplicas.self, BrokenDatabase.self, Failover.self, LostListener.self, NightlyJob.self, Pooler.self,
        BrokenDesk.self, RollingUpgrade.self, Termination.self,
    ]

    @Flag(help: "Fewer rounds of fewer faults, in a minute and a half.") var short = false
    @Option(help: "Only the fault of this number; may be given several times.") var only: [Int] = []
    @Option(help: "Where the random numbers begin.") var seed: UInt64 = 1

    func run() async throws {
        guard LoadBalancer.isInstalled else {
            throw ValidationError("HAProxy is missing: apt-get install haproxy")
        }
        let start = ContinuousClock.now
        // Disk writes are real: what is answered is on disk.
        let cluster = try await PostgresCluster(settings: Self.clusterSettings)
        let campaign = Campaign(cluster: cluster, isShort: short, seed: seed)
        print("seed \(seed)\n\n" + FaultTable.head)
        var isGood = true
        for fault in Self.all
        where only.isEmpty ? !short || Self.inShort.contains(fault.number) : only.contains(fault.number) {
            let rows: [FaultRow]
            do {
                rows = try await fault.init().rows(campaign)
            } catch {
                var row = FaultRow(fault.number, "\(fault)")
                row.complaints = ["broke off: \(error)"]
                rows = [row]
            }
            for row in rows {
                print(FaultTable.text(of: row))
                fflush(nil)
                isGood = isGood && row.isGood
            }
        }
        print("\n\((ContinuousClock.now - start).text) in all")
        if !isGood { throw ExitCode(1) }
    }

    static let clusterSettings = ["fsync=on", "full_page_writes=on", "synchronous_commit=on"]
    /// Whose short form is for every change.
    private static let inShort: Set<Int> = [1, 2, 4, 9]
}
