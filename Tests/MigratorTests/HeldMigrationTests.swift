import Foundation
import Migrator
import TestSupport
import Testing

@Suite("What is held back for the next release")
struct HeldMigrationTests {
    /// A folder with these files, whose names may have a folder before them.
    private func withFolder<R>(
        _ files: KeyValuePairs<String, String>, _ body: (String) async throws -> R
    ) async throws -> R {
        let folder = FileManager.default.temporaryDirectory.appending(path: "held-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, text) in files {
            let path = "\(folder)/\(name)"
            let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try text.write(toFile: path, atomically: false, encoding: .utf8)
        }
        return try await body(folder)
    }

    private static let files: KeyValuePairs = [
        "0001_first.sql": "CREATE TABLE public.a (b integer)", "next/drop_a.sql": "DROP TABLE public.a",
        "next/add_c.sql": "CREATE TABLE public.c (d integer)", "next/README": "not one",
    ]

    @Test("It is not applied, not pending and not missed; the next release applies it last, with the next numbers")
    func bothStates() async throws {
        try await withFolder(Self.files) { (folder) async throws in
            try await withDatabase { (client, database) async throws in
                let directory = try MigrationDirectory.load(folder)
                #expect(directory.heldBack.map(\.name) == ["add_c.sql", "drop_a.sql"])
                let runner = migrator(client, directory)
                #expect(try await runner.up().map(\.name) == ["0001_first.sql"])
                #expect(try await runner.status().pending.isEmpty)
                #expect(try await runner.status().stillHeldBack(directory.heldBack) == directory.heldBack)
                try await runner.requireCurrent()
                #expect(try await database.psql("SELECT to_regclass('public.a'), to_regclass('public.c')") == "a|")

                let next = migrator(client, try directory.ofNextRelease())
                #expect(try await next.up().map(\.name) == ["0002_add_c.sql", "0003_drop_a.sql"])
                #expect(try await database.psql("SELECT to_regclass('public.a'), to_regclass('public.c')") == "|c")
                // It is told of once, under its number.
                let status = try await runner.status()
                #expect(status.unknown.map(\.name) == ["0002_add_c.sql", "0003_drop_a.sql"])
                #expect(status.stillHeldBack(directory.heldBack).isEmpty)
                // This release runs on the schema of the next.
                try await runner.requireCurrent()
                #expect(try await runner.up().isEmpty)
            }
        }
    }

    @Test(
        "One that the next release could not apply is refused now",
        arguments: [
            ("next/0002_numbered.sql", "SELECT 1", "Take the digits off its name"),
            ("next/Upper.sql", "SELECT 1", "is no name for a migration"),
            ("next/commits.sql", "SELECT 1; COMMIT", "in a file that runs in one transaction"),
            ("next/unknown.sql", "-- otalink: later\nSELECT 1", "is unknown"),
        ])
    func refused(name: String, text: String, told: String) async throws {
        try await withFolder(["0001_first.sql": "SELECT 1", name: text]) { (folder) async throws in
            let told = try await message { _ = try MigrationDirectory.load(folder) }.contains(told)
            #expect(told)
        }
    }

    @Test("Every file that is held back is named in docs/upgrade.md, and no other is")
    func documented() throws {
        let held = try MigrationDirectory.load(RepositoryRoot.path + "/migrations").heldBack.map(\.name)
        let text = try String(contentsOfFile: RepositoryRoot.path + "/docs/upgrade.md", encoding: .utf8)
        let named = text.matches(of: /(?m)^\| `([a-z0-9_-]+\.sql)` \|/).map { String($0.1) }
        #expect(held == named && !held.isEmpty)
    }
}
