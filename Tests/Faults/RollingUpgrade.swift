import Foundation
import TestSupport

/// Fault 8: the schema goes on to that of a later version while replicas serve: past a long reader, with a runner that is killed
/// half-way, and with two runners at once. The later version is a migration of our own that no release has.
struct RollingUpgrade: Fault {
    static let number = 8

    /// Transactional, with a middle that lasts; and one that no transaction can hold.
    private static let migrations = [
        (
            "later_columns",
            """
            ALTER TABLE otalink.customer_user ADD COLUMN later_note text;
            COMMENT ON COLUMN otalink.customer_user.later_note IS 'What a later version keeps.';
            SELECT pg_sleep(1);
            ALTER TABLE otalink.link ADD COLUMN later_note text;
            COMMENT ON COLUMN otalink.link.later_note IS 'What a later version keeps.';
            """
        ),
        (
            "later_index",
            """
            -- otalink: no-transaction
            DROP INDEX CONCURRENTLY IF EXISTS otalink.link_later;
            CREATE INDEX CONCURRENTLY link_later ON otalink.link (customer_login, later_note);
            """
        ),
    ]

    func rows(_ campaign: Campaign) async throws -> [FaultRow] {
        let whole = try await folder(Self.migrations[...])
        defer { try? FileManager.default.removeItem(atPath: whole) }
        let first = try await folder(Self.migrations[..<1])
        defer { try? FileManager.default.removeItem(atPath: first) }
        return [
            try await whileServing(campaign, whole), try await killed(campaign, first: first, whole: whole),
        ]
    }

    /// Our migrations, and after them those of the later version.
    private func folder(_ later: ArraySlice<(String, String)>) async throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "otalink-later-\(UUID())").path
        try await ChildProcess.run("cp", ["-r", RepositoryRoot.path + "/migrations", folder])
        let known =
            try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { Int($0.prefix(4)) }.max() ?? 0
        for (index, (name, text)) in later.enumerated() {
            let file = String(format: "%04d", known + 1 + index) + "_\(name).sql"
            try text.write(toFile: "\(folder)/\(file)", atomically: true, encoding: .utf8)
        }
        return folder
    }

    /// A long reader holds the table; two runners start at the same time; and one replica after the other is replaced.
    private func whileServing(_ campaign: Campaign, _ folder: String) async throws -> FaultRow {
        try await withInstallation(on: campaign.cluster) { (installation) async throws in
            try await campaign.row(
                Self.number, "upgrade by two runners past a long reader, replicas replaced", installation
            ) { _ in
                try await Task.sleep(for: .seconds(1))
                let reader = try await longReader(seconds: 8, installation)
                async let other = migrate(folder, installation).finished()
                let first = try await migrate(folder, installation).finished()
                let second = try await other
                _ = await reader.finished()
                var remarks: [Remark] = []
                for runner in [first, second] where runner.status != 0 {
                    remarks.append(.complaint("a runner ended with \(runner.status): \(runner.errors.suffix(300))"))
                }
                let applied = [first, second].map { $0.output.split(separator: "\n").count { $0.hasPrefix("applied") } }
                if applied.sorted() != [0, Self.migrations.count] {
                    remarks.append(.complaint("the two runners applied \(applied) migrations"))
                }
                for replica in installation.replicas {
                    replica.process?.terminate()
                    _ = await replica.process?.finished()
                    try await replica.start()
                    try await Task.sleep(for: .seconds(3))
                }
                return remarks
            }
        }
    }

    /// The runner is killed in the middle of each migration; the next one finishes the work.
    private func killed(_ campaign: Campaign, first: String, whole: String) async throws -> FaultRow {
        try await withInstallation(on: campaign.cluster) { (installation) async throws in
            try await campaign.row(
                Self.number, "upgrade whose runner is killed half-way, twice", installation
            ) { _ in
                var remarks: [Remark] = []
                try await killInside("%pg_sleep%", first, installation)
                let half = try await installation.psql(
                    "SELECT count(*) FROM information_schema.columns WHERE column_name = 'later_note'")
                if half != "0" { remarks.append(.complaint("a transactional migration was left half done")) }
                _ = try await migrate(first, installation).finished()
                // The index waits for every transaction that might see the old rows, so one that lasts keeps it busy.
                let reader = try await longReader(seconds: 5, installation)
                try await killInside("CREATE INDEX CONCURRENTLY link_later%", whole, installation)
                _ = await reader.finished()
                let last = try await migrate(whole, installation).finished()
                let found = try await installation.psql(
                    """
                    SELECT (SELECT count(*) FROM otalink.schema_migration WHERE name LIKE '%_later_%'),
                           (SELECT indisvalid FROM pg_index WHERE indexrelid = 'otalink.link_later'::regclass)
                    """)
                if last.status != 0 || found != "2|t" {
                    remarks.append(
                        .complaint(
                            "the next runner did not finish: \(found), \(last.status), \(last.errors.suffix(300))"))
                }
                try await Task.sleep(for: .seconds(2))
                return remarks
            }
        }
    }

    /// A transaction that has read the table of links and lasts.
    private func longReader(seconds: Int, _ installation: Installation) async throws -> ChildProcess {
        let sql = "BEGIN; SELECT count(*) FROM otalink.link; SELECT pg_sleep(\(seconds)) AS reader; COMMIT"
        let reader = try ChildProcess(
            "psql", ["-X", "-q", "-d", installation.operatorURL, "-f", "-"], input: Data(sql.utf8))
        let running = """
            SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%AS reader%'
            """
        while try await installation.psql(running) == "0" {
            guard !reader.hasEnded else { throw Broken("the long reader ended: \(await reader.finished().errors)") }
            try await Task.sleep(for: .milliseconds(20))
        }
        return reader
    }

    /// Kills a runner while the server runs a statement of it, and waits until the server has noticed.
    private func killInside(_ statement: String, _ folder: String, _ installation: Installation) async throws {
        let runner = try migrate(folder, installation)
        let running = """
            SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()
               AND application_name = 'migrate' AND query LIKE '\(statement)'
            """
        let end = ContinuousClock.now + .seconds(60)
        while try await installation.psql(running) == "0" {
            guard ContinuousClock.now < end, !runner.hasEnded else {
                throw Broken("the runner was not seen at \(statement): \(await runner.finished().errors.suffix(500))")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        runner.kill()
        _ = await runner.finished()
        let gone =
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'migrate' AND datname = current_database()"
        while try await installation.psql(gone) != "0" { try await Task.sleep(for: .milliseconds(50)) }
    }

    /// As the owner of the schema.
    private func migrate(_ folder: String, _ installation: Installation) throws -> ChildProcess {
        try ChildProcess(
            BuiltProgram.otalink, ["migrate", "up", "--directory", folder],
            environment: installation.environment.merging([
                "OTALINK_DATABASE_URL": installation.database.url + "?application_name=migrate"
            ]) { _, own in own })
    }
}
