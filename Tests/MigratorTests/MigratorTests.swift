import Foundation
import Migrator
import PostgresClient
import TestSupport
import Testing

@Suite("Migrating", .timeLimit(.minutes(10)))
struct MigratorTests {
    private static let two =
        ["0001_a.sql": "CREATE TABLE a (i int);", "0002_b.sql": "CREATE TABLE b (i int);"] as KeyValuePairs

    @Test("Pending files are applied once, in order, and recorded; the runner makes its table with comments")
    func up() async throws {
        try await withDatabase { client, database in
            let first = migrator(client, try directory(["0001_a.sql": "CREATE TABLE a (i int);"]))
            #expect(try await first.status().pending.map(\.number) == [1])
            #expect(try await message { try await first.requireCurrent() }.contains("Run: otalink migrate up"))
            #expect(try await first.up().map(\.name) == ["0001_a.sql"])
            try await first.requireCurrent()

            let second = migrator(client, try directory(Self.two))
            #expect(try await second.up().map(\.version) == [2])
            #expect(try await second.up().isEmpty)
            try await second.verify()
            let rows = try await database.psql(
                "SELECT version, name, length(checksum), applied_by FROM otalink.schema_migration ORDER BY 1")
            #expect(rows == "1|0001_a.sql|64|postgres\n2|0002_b.sql|64|postgres")
            let uncommented = try await database.psql(
                """
                SELECT count(*) FROM pg_attribute
                 WHERE attrelid = 'otalink.schema_migration'::regclass AND attnum > 0
                   AND col_description(attrelid, attnum) IS NULL
                """)
            #expect(uncommented == "0")
        }
    }

    @Test(
        "A database whose encoding cannot hold every character is refused, and stays empty",
        arguments: ["LATIN1", "SQL_ASCII"])
    func encoding(name: String) async throws {
        try await PostgresCluster.shared().database(encoding: name) { database in
            try await database.withClient { client in
                let migrator = migrator(client, try directory(Self.two))
                for text in [
                    try await message { try await migrator.up() },
                    try await message { try await migrator.requireCurrent() },
                ] {
                    #expect(text.contains("the encoding of the database is \(name)"))
                    #expect(text.contains("ENCODING 'UTF8'"))
                }
                let tables = try await database.psql("SELECT count(*) FROM pg_namespace WHERE nspname = 'otalink'")
                #expect(tables == "0")
            }
        }
    }

    @Test("Of two runners at once one does the work, and the other finds it done")
    func twoRunners() async throws {
        try await withDatabase { client, database in
            try await database.withClient { other in
                let files = try directory(Self.two)
                async let first = migrator(client, files).up()
                async let second = migrator(other, files).up()
                let counts = try await [first.count, second.count]
                #expect(counts.sorted() == [0, 2])
                try await migrator(client, files).requireCurrent()
            }
        }
    }

    @Test("A runner gives up when another works for longer than it may wait")
    func runnerWait() async throws {
        try await withDatabase { client, _ in
            let patience = Migrator.Patience(runnerWait: .milliseconds(10))
            let files = try directory(Self.two)
            let waiting = Migrator(client: client, directory: files, patience: patience, logger: .quiet)
            let text = try await client.withAdvisoryLock(Migrator.advisoryLock) { _ in
                try await message { try await waiting.up() }
            }
            #expect(try #require(text).contains("another migration has been running"))
            #expect(try await waiting.up().count == 2)
        }
    }

    @Test("A file that was changed after it had been applied is refused by up and verify, with both checksums")
    func edited() async throws {
        try await withDatabase { client, _ in
            _ = try await migrator(client, try directory(["0001_a.sql": "CREATE TABLE a (i int);"])).up()
            let files = try directory([
                "0001_a.sql": "CREATE TABLE a (i int8);", "0002_b.sql": "CREATE TABLE b (i int);",
            ])
            let changed = migrator(client, files)
            for text in [
                try await message { try await changed.up() }, try await message { try await changed.verify() },
            ] {
                #expect(text.contains("0001_a.sql was changed after it had been applied"))
                #expect(text.contains(files.files[0].checksum.prefix(12)))
                #expect(text.contains("put the change into a new migration"))
            }
            #expect(try await changed.status().pending.map(\.number) == [2])
        }
    }

    @Test("A newer schema and a lost file are shown, and are no obstacle while nothing is pending")
    func newerSchema() async throws {
        try await withDatabase { client, _ in
            _ = try await migrator(client, try directory(Self.two)).up()
            let older = migrator(client, try directory(["0001_a.sql": "CREATE TABLE a (i int);"]))
            #expect(try await older.up().isEmpty)
            try await older.requireCurrent()
            #expect(try await older.status().unknown.map(\.name) == ["0002_b.sql"])
        }
    }

    @Test(
        "A failing file leaves nothing of it, and the error names file, line, statement, message and SQLSTATE",
        arguments: [
            (
                "CREATE TABLE b (i int);\n\nINSERT INTO nowhere\n VALUES (1);",
                "0002_b.sql line 3: \"INSERT INTO nowhere\"", "42P01"
            ),
            (
                "CREATE TABLE b (i int UNIQUE);\nINSERT INTO b VALUES (1);\n\n\nINSERT INTO b VALUES (1);",
                "0002_b.sql line 5: \"INSERT INTO b VALUES (1)\"", "23505"
            ),
            ("CREATE TABLE b (i int);\n-- Grüße\nSELEC 1;", "0002_b.sql line 3: \"SELEC 1\"", "42601"),
            (
                "CREATE TABLE b (i int);\nDO $$\nBEGIN\n  RAISE EXCEPTION 'no';\nEND $$;",
                "0002_b.sql line 2: \"DO $$\"", "P0001"
            ),
        ])
    func failing(sql: String, place: String, state: String) async throws {
        try await withDatabase { client, database in
            let failing = migrator(client, try directory(["0001_a.sql": "CREATE TABLE a (i int);", "0002_b.sql": sql]))
            let text = try await message { try await failing.up() }
            #expect(text.contains(place), "\(text)")
            #expect(text.contains("SQLSTATE \(state)"), "\(text)")
            #expect(text.contains("Nothing of the file has taken effect"))
            #expect(try await database.psql("SELECT to_regclass('a'), to_regclass('b')") == "a|")
            let repaired = migrator(client, try directory(Self.two))
            #expect(try await repaired.up().map(\.version) == [2])
        }
    }

    @Test("A runner whose connection is killed midway leaves nothing of the file, and the next one succeeds")
    func killed() async throws {
        try await withDatabase { client, database in
            try await database.psql("CREATE TABLE busy (i int)")
            let files = try directory(["0001_a.sql": "CREATE TABLE a (i int);\nALTER TABLE busy ADD COLUMN j int;"])
            let patience = Migrator.Patience(lockTimeout: .seconds(30))
            let runner = Migrator(client: client, directory: files, patience: patience, logger: .quiet)
            try await database.withClient { other in
                let text = try await other.transaction("block") { transaction in
                    _ = try await transaction.query(Statement("lock", "LOCK TABLE busy"))
                    let task = Task { try await message { try await runner.up() } }
                    while try await database.psql(
                        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
                    ) == "0" {}
                    return try await task.value
                }
                #expect(text.contains("connection to the database was lost"), "\(text)")
                #expect(text.contains("Nothing of the file has taken effect"), "\(text)")
            }
            #expect(try await database.psql("SELECT to_regclass('a') IS NULL") == "t")
            #expect(try await runner.up().count == 1)
        }
    }

    @Test("A file that does not get its lock is tried again, and then the error says so")
    func lockTimeout() async throws {
        try await withDatabase { client, database in
            try await database.psql("CREATE TABLE busy (i int)")
            let runner = migrator(
                client, try directory(["0001_a.sql": "SELECT 1;\nALTER TABLE busy ADD COLUMN j int;"]))
            try await database.withClient { other in
                let text = try await other.transaction("block") { transaction in
                    _ = try await transaction.query(Statement("lock", "LOCK TABLE busy"))
                    return try await message { try await runner.up() }
                }
                #expect(
                    text.contains(
                        "0001_a.sql line 2: \"ALTER TABLE busy ADD COLUMN j int\" did not get its lock, 2 times"),
                    "\(text)")
            }
            #expect(try await runner.up().count == 1)
        }
    }

    @Test("A file without a transaction builds an index concurrently, even while another runner waits")
    func concurrentIndex() async throws {
        try await withDatabase { client, database in
            try await database.withClient { other in
                let files = try directory([
                    "0001_a.sql": "CREATE TABLE a (i int);",
                    "0002_index.sql": """
                    -- otalink: no-transaction
                    CREATE INDEX CONCURRENTLY IF NOT EXISTS a_i ON a (i);
                    CREATE INDEX CONCURRENTLY IF NOT EXISTS a_i_desc ON a (i DESC);
                    """,
                ])
                async let first = migrator(client, files).up()
                async let second = migrator(other, files).up()
                let counts = try await [first.count, second.count]
                #expect(counts.sorted() == [0, 2])
                #expect(
                    try await database.psql(
                        "SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass AND indisvalid") == "2")
            }
        }
    }

    @Test("A failing file without a transaction says which line failed and what has taken effect")
    func failingWithoutTransaction() async throws {
        try await withDatabase { client, database in
            let text = """
                -- otalink: no-transaction
                CREATE TABLE a (i int);
                CREATE INDEX CONCURRENTLY a_i ON a
                    (missing);
                """
            let runner = migrator(client, try directory(["0001_a.sql": text]))
            let answer = try await message { try await runner.up() }
            #expect(answer.contains("0001_a.sql line 3: \"CREATE INDEX CONCURRENTLY a_i ON a\" failed"), "\(answer)")
            #expect(answer.contains("the statements before this line have taken effect"))
            #expect(try await runner.status().pending.count == 1)
        }
    }

    @Test("A database that cannot be reached is reported as that")
    func unreachable() async throws {
        let url = "postgresql://postgres@127.0.0.1:\(try FreePort.find())/postgres"
        let client = PostgresClient(PostgresConfiguration(url: url, deadline: .milliseconds(200)), logger: .quiet)
        let text = try await message { try await migrator(client, try directory(Self.two)).up() }
        #expect(text.contains("the database cannot be reached: Connection refused"))
        #expect(text.contains("Nothing was changed"))
        await client.close()
    }

    @Test("Each test gets a migrated database of its own from one template")
    func template() async throws {
        let folder = NSTemporaryDirectory() + "migrations-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try "CREATE TABLE a (i int)".write(toFile: folder + "/0001_a.sql", atomically: false, encoding: .utf8)
        let cluster = try await PostgresCluster.shared()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await cluster.migratedDatabase(migrations: folder) { database in
                        let count = try await database.psql("INSERT INTO a VALUES (1); SELECT count(*) FROM a")
                        #expect(count == "1")
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
