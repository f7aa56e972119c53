import Foundation
import Migrator
import ReplicaSupport
import TestSupport
import Testing

@Suite("Upgrade and downgrade, as documented", .timeLimit(.minutes(10)))
struct UpgradeTests {
    private static let files = RepositoryRoot.path + "/migrations"

    /// The migrations of the release after this one: what a release may add.
    private func nextRelease(in folder: String) throws -> (name: String, folder: String) {
        let release = folder + "/next"
        try FileManager.default.copyItem(atPath: Self.files, toPath: release)
        let last = try #require(try MigrationDirectory.load(Self.files).files.last)
        let name = String(format: "%04d_next_release.sql", last.number + 1)
        try """
        ALTER TABLE otalink.link ADD COLUMN next_release text NOT NULL DEFAULT 'new';
        COMMENT ON COLUMN otalink.link.next_release IS 'Something that this release does not know.';
        CREATE INDEX link_next_release ON otalink.link (next_release);
        CREATE TABLE otalink.next_release (id bigint PRIMARY KEY);
        COMMENT ON TABLE otalink.next_release IS 'The same.';
        COMMENT ON COLUMN otalink.next_release.id IS 'Its number.';
        INSERT INTO otalink.setting (name, value) VALUES ('OfTheNextRelease', '1');
        """.write(toFile: "\(release)/\(name)", atomically: false, encoding: .utf8)
        return (name, release)
    }

    @Test("A replica goes on while the schema becomes that of the next release, and the release can be gone back to")
    func sideBySide() async throws {
        let procedure = try Procedure("upgrade.md")
        try await withDeployment { (deployment) async throws in
            let ticket = try await deployment.annasTicket()
            let anna = deployment.browser()
            #expect(try await anna.press(try await anna.get(try await deployment.link(ticket: ticket))).status == 303)
            let waiting = try await deployment.link(ticket: ticket)
            let other = deployment.browser(on: 1)
            let page = try await other.get(waiting)
            try await withTemporaryFolder { (folder) async throws in
                let next = try nextRelease(in: folder)
                let migrated = try await deployment.otalink("migrate", "up", "--directory", next.folder)
                #expect(migrated.output.contains("applied \(next.name)"))
                // Both replicas know nothing of it, and work: a page that was opened before, a session of before.
                #expect(try await other.press(page).status == 303)
                #expect(try await anna.get("/t/\(ticket)").status == 200)
                // A replica of this release starts on the newer schema: the way back.
                try await withRunningReplicas([deployment.environment]) { (replicas) async throws in
                    let third = Browser(client: deployment.client, base: replicas[0].url)
                    let link = try await deployment.link(ticket: ticket)
                    #expect(try await third.press(try await third.get(link)).status == 303)
                    #expect(try await third.get("/t/\(ticket)").status == 200)
                }
                // What the document says an operator sees then.
                let shown = try await procedure.run(
                    "Upgrade from N to N+1", in: folder, environment: deployment.environment)
                #expect(shown.output.contains("unknown  \(next.name) (made by a newer version)"))
                #expect(shown.output.contains("The schema is up to date."))
                #expect(shown.output.contains("All applied migrations are as their files say."))
                #expect(
                    try await deployment.database.psql("SELECT count(*) FROM otalink.link WHERE next_release = 'new'")
                        == "3")
            }
        }
    }

    @Test("On the schema of the release before, a replica does not start, and says which command to run")
    func older() async throws {
        let files = try MigrationDirectory.load(Self.files).files
        let last = try #require(files.last)
        try await withTemporaryFolder { (folder) async throws in
            for file in files.dropLast() {
                try file.text.write(toFile: "\(folder)/\(file.name)", atomically: false, encoding: .utf8)
            }
            try await PostgresCluster.shared().database { (database) async throws in
                let environment = [
                    "OTALINK_DATABASE_URL": database.url, "OTALINK_SECRET_KEYS": String(repeating: "k", count: 43),
                    "OTALINK_BASE_URL": "http://127.0.0.1:1", "OTALINK_DESK_URL": "http://127.0.0.1:1/",
                    "OTALINK_DESK_LOGIN": "otalink", "OTALINK_DESK_PASSWORD": "pw",
                    "OTALINK_DESK_TICKET_URL": "http://127.0.0.1/ticket/", "OTALINK_SMTP_URL": "smtp://127.0.0.1:1",
                    "OTALINK_MAIL_FROM": "support@example.org",
                ]
                try await ChildProcess.run(
                    Deployment.program, ["migrate", "up", "--directory", folder], environment: environment)
                let refused = try await ChildProcess(Deployment.program, ["serve"], environment: environment).finished()
                #expect(refused.status == 1)
                let told =
                    "the schema is older than this program: \(last.name) not applied. Run: otalink migrate up"
                #expect(refused.errors.contains(told))
                // What the document quotes is of that form.
                let quoted = try Procedure("upgrade.md").commands("Upgrade from N to N+1", language: "text")
                #expect(
                    quoted.contains(
                        "the schema is older than this program: 0012_inspection.sql not applied. Run: otalink migrate up"
                    ))
            }
        }
    }

    @Test("Of two runners at once one applies each migration, and both succeed")
    func twice() async throws {
        try await PostgresCluster.shared().database { (database) async throws in
            let outputs = try await concurrently(2) { _ in
                try await ChildProcess.run(
                    Deployment.program, ["migrate", "up"], environment: ["OTALINK_DATABASE_URL": database.url]
                ).output
            }
            let applied = outputs.flatMap { $0.matches(of: /applied (\S+) in/).map { String($0.1) } }
            #expect(applied.sorted() == (try MigrationDirectory.load(Self.files).files.map(\.name)))
        }
    }
}
