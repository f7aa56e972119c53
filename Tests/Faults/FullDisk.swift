import Foundation
import TestSupport

/// Part of fault 2: the database lies on a small tmpfs, which runs full under load. Needs root.
struct FullDisk {
    private static let name = "disk full for ten seconds (SQLSTATE 53100)"
    private static let tablespace = "small_disk"

    func row(_ campaign: Campaign) async throws -> FaultRow {
        guard geteuid() == 0 else { return .skipped(BrokenDatabase.number, Self.name, "only root can mount a tmpfs") }
        let cluster = campaign.cluster
        let folder = cluster.directory + "/small-disk"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let mounted = try await ChildProcess(
            "mount", ["-t", "tmpfs", "-o", "size=64m,mode=0700,uid=postgres", "tmpfs", folder]
        ).finished()
        guard mounted.status == 0 else {
            return .skipped(BrokenDatabase.number, Self.name, "no tmpfs can be mounted here")
        }
        let result: Result<FaultRow, any Error>
        do {
            try await cluster.psql("CREATE TABLESPACE \(Self.tablespace) LOCATION '\(folder)'", database: "postgres")
            result = .success(try await row(campaign, folder))
        } catch {
            result = .failure(error)
        }
        _ = try? await cluster.psql("DROP TABLESPACE IF EXISTS \(Self.tablespace)", database: "postgres")
        try await ChildProcess.run("umount", ["--lazy", folder])
        return try result.get()
    }

    private func row(_ campaign: Campaign, _ folder: String) async throws -> FaultRow {
        let move: @Sendable (TestDatabase) async throws -> Void = { database in
            try await campaign.cluster.psql(
                "ALTER DATABASE \(database.name) SET TABLESPACE \(Self.tablespace)", database: "postgres")
        }
        return try await withInstallation(on: campaign.cluster, prepare: move) { (installation) async throws in
            try await campaign.row(BrokenDatabase.number, Self.name, installation) { _ in
                try await Task.sleep(for: .seconds(1))
                let filler = folder + "/filler"
                // Ends with an error, which is what it is for.
                _ = try await ChildProcess("dd", ["if=/dev/zero", "of=\(filler)", "bs=8k"]).finished()
                try await Task.sleep(for: .seconds(10))
                try FileManager.default.removeItem(atPath: filler)
                try await Task.sleep(for: .seconds(3))
                return []
            }
        }
    }
}
