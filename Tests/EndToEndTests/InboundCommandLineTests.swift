import Foundation
import TestSupport
import Testing

@Suite("otalink mail inbound on the command line", .timeLimit(.minutes(10)))
struct InboundCommandLineTests {
    private let mail = Data("From: Anna <anna@example.org>\nSubject: s\n\nBody\n".utf8)

    private func run(
        _ arguments: [String], database url: String, _ environment: [String: String] = [:]
    ) async throws -> ChildProcess.Finished {
        try await ChildProcess(
            Deployment.program, ["mail", "inbound"] + arguments,
            environment: ["OTALINK_DATABASE_URL": url].merging(environment) { $1 }, input: mail
        ).finished()
    }

    @Test(
        "The log names the variables that are missing for what the command promises; by default nothing is on standard error"
    )
    func unconfigured() async throws {
        let migrations = RepositoryRoot.path + "/migrations"
        try await PostgresCluster.shared().migratedDatabase(migrations: migrations) { (database) async throws in
            let quiet = try await run([], database: database.url)
            #expect(quiet.status == 0 && quiet.errors == "")
            let told = try await run(
                [], database: database.url,
                [
                    "OTALINK_LOG_LEVEL": "warning", "OTALINK_DESK_URL": "http://127.0.0.1:1/",
                    "OTALINK_DESK_PASSWORD": "pw",
                ])
            #expect(told.status == 0 && told.errors.contains("The desk is not configured here"))
            #expect(told.errors.contains("missing=OTALINK_DESK_LOGIN "), "\(told.errors)")
            try await database.psql(
                """
                INSERT INTO otalink.setting (name, value) VALUES ('CustomerDatabase', '{"Backend":"CustomerUser"}');
                """)
            let kept = try await run([], database: database.url)
            #expect(kept.status == 75 && kept.output == "")
            #expect(kept.errors.contains("OTALINK_CUSTOMER_DATABASE_URL is missing"))
        }
    }

    @Test("The command behind --then gets the message; a code that is not known to be final keeps the mail")
    func then() async throws {
        let migrations = RepositoryRoot.path + "/migrations"
        try await PostgresCluster.shared().migratedDatabase(migrations: migrations) { (database) async throws in
            try await database.psql(
                "INSERT INTO otalink.setting (name, value) VALUES ('PostMaster::PreFilterModule###000-CreateCustomerUser', '{}'), ('CustomerBackends', 'otalink')"
            )
            let taken = try await run(["--then", "cat"], database: database.url)
            #expect(taken.status == 0)
            #expect(taken.output.contains("X-OTOBO-CustomerUser: anna@example.org"))
            #expect(taken.output.hasSuffix("\n\nBody\n"))
            let codes: [(command: String, status: Int32)] = [
                ("cat >/dev/null; exit 1", 75), ("exit 255", 75), ("exit 75", 75), ("no-such-program", 75),
                ("kill -s KILL $$", 75), ("(", 75), ("exit 67", 67), ("exit 77", 77), ("exit 0 # done", 0),
                ("exit 64", 75), ("exit 127", 75),
            ]
            for (command, status) in codes {
                let ended = try await run(["--then", command], database: database.url)
                #expect(ended.status == status, "\(command): \(ended.errors)")
                #expect(status != 75 || ended.errors.contains("the mail server keeps the mail"))
            }
        }
    }

    @Test("Without a database the code is 75, nothing is on standard output, and the command is not started")
    func databaseDown() async throws {
        for arguments in [[], ["--then", "echo started"]] {
            let failed = try await run(arguments, database: "postgresql://127.0.0.1:1/none")
            #expect(failed.status == 75)
            #expect(failed.output == "")
            #expect(!failed.errors.isEmpty)
        }
        let unset = try await run([], database: "")
        #expect(unset.status == 75 && unset.output == "")
    }
}
