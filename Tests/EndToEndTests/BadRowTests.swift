import Foundation
import TestSupport
import Testing

@Suite("Bad rows and a bad database on the command line", .timeLimit(.minutes(10)))
struct BadRowTests {
    private func run(
        _ arguments: [String], _ database: TestDatabase, input: String = "", environment: [String: String] = [:]
    ) async throws -> ChildProcess.Finished {
        let usual = ["OTALINK_DATABASE_URL": database.url, "OTALINK_BASE_URL": "https://tickets.example.org"]
        return try await ChildProcess(
            Deployment.program, arguments, environment: usual.merging(environment) { $1 }, input: Data(input.utf8)
        ).finished()
    }

    @Test("The doctor fails for a stored setting that cannot be used, and shows the row")
    func settings() async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            func findings() async throws -> [String] {
                try await run(["doctor"], database).output.split(separator: "\n").map(String.init)
                    .filter { $0.contains("  settings  ") }
            }
            let good = try await findings()
            #expect(good.count == 1 && good[0].hasPrefix("good"))
            try await database.psql(
                """
                INSERT INTO otalink.setting (name, value)
                VALUES ('SessionIdleTime', '8h'), ('caf' || chr(233), '1'), ('cafe' || chr(769), '2'),
                       ('HelpDeskName', E'two\\nlines')
                """)
            let bad = try await findings()
            #expect(bad.count == 4)
            #expect(bad.first?.hasPrefix("failed") == true)
            #expect(bad.first?.contains("SessionIdleTime is stored as '8h'") == true)
            #expect(bad.dropFirst().allSatisfy { $0.hasPrefix("doubtful") })
            #expect(bad.contains { $0.contains("'two?lines'") })
            #expect(try await run(["setting", "get", "SessionIdleTime"], database).output == "480\n")
            try await database.psql(
                """
                DELETE FROM otalink.setting;
                INSERT INTO otalink.setting (name, value)
                VALUES ('DefaultLanguage', 'fr'), ('OneTimeAuth::CustomerErrorMessageNewLink@fr', 'Un lien'),
                       ('OneTimeAuth::CustomerErrorMessageNewLink@de', 'Ein Link')
                """)
            let languages = try await findings()
            #expect(languages.count == 2 && languages.allSatisfy { $0.hasPrefix("doubtful") })
            #expect(languages.contains { $0.contains("CustomerErrorMessageNewLink@fr is set, and no page is in") })
            #expect(languages.contains { $0.contains("DefaultLanguage is 'fr', and no page is in it") })
        }
    }

    @Test("A database whose encoding is not UTF8 is refused by migrate and serve, and the doctor says why")
    func encoding() async throws {
        try await PostgresCluster.shared().database(encoding: "LATIN1") { (database) async throws in
            let migrated = try await run(["migrate", "up"], database)
            #expect(migrated.status == 1)
            #expect(migrated.errors.contains("the encoding of the database is LATIN1"))
            let served = try await run(
                ["serve"], database,
                environment: [
                    "OTALINK_SECRET_KEYS": try await run(["keys", "generate"], database).output,
                    "OTALINK_DESK_URL": "http://127.0.0.1:1/otalink", "OTALINK_DESK_LOGIN": "otalink",
                    "OTALINK_DESK_PASSWORD": "x", "OTALINK_DESK_TICKET_URL": "https://desk.example.org/",
                    "OTALINK_SMTP_URL": "smtp://127.0.0.1:1", "OTALINK_MAIL_FROM": "support@example.org",
                ])
            #expect(served.status == 1)
            #expect(served.errors.contains("the encoding of the database is LATIN1"), "\(served.errors)")
            let doctor = try await run(["doctor"], database).output.split(separator: "\n")
            #expect(
                doctor.contains { $0.hasPrefix("failed") && $0.contains("database encoding") && $0.contains("LATIN1") })
        }
    }

    @Test("Import names the rows that it leaves out, counts them, and takes the others")
    func customers() async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            let good = (0..<100).map { "c\($0),c\($0)@example.org\n" }.joined()
            let list =
                "login,email\n" + good + "n\0,n@example.org\nren\u{E9},r1@example.org\nrene\u{301},r2@example.org\n"
            let imported = try await run(["customer", "import", "LDAP", "-"], database, input: list)
            #expect(imported.status == 0, "\(imported.errors)")
            #expect(imported.output.contains("101 accounts: 101 added"))
            #expect(imported.output.contains("2 rows were left out"))
            #expect(imported.output.contains("Row 102 has a character U+0000"))
            #expect(imported.output.contains("Row 104 has a login that looks like the one of row 103"))
            #expect(try await database.psql("SELECT skipped FROM otalink.customer_backend") == "2")
            let json = try await run(["customer", "import", "LDAP", "-", "--json"], database, input: list)
            #expect(json.output.contains("Row 102 has a character U+0000"))
        }
    }
}
