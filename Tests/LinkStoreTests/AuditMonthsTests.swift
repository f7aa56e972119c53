import Foundation
import LinkStore
import Migrator
import OneTimeLinks
import PostgresClient
import Synchronization
import TestSupport
import Testing

@Suite("The months of the audit trail", .timeLimit(.minutes(10)))
struct AuditMonthsTests {
    private static let places = "SELECT event, tableoid::regclass FROM otalink.audit_event ORDER BY id DESC LIMIT 2"

    private func spend(_ store: LinkStore, browser: UInt8) async throws {
        let link = try await store.issue()
        let outcome = try await store.links.spend(
            Spending(
                linkID: link.id, sessionID: .version7(), ticketNumber: link.ticketNumber, browser: [browser],
                context: .none))
        #expect(outcome == .spent)
    }

    @Test("Two years on, without a migration and without a nightly job, a link signs in, and its events are found")
    func twoYearsOn() async throws {
        let clock = try ShiftedClock()
        let cluster = try await PostgresCluster(settings: [], environment: clock.environment)
        try await withStore(on: cluster) { (store, database) async throws in
            let fresh = try await store.audit.standing()
            #expect(fresh.strayEvents == 0 && (365...397).contains(fresh.daysAhead))
            try clock.advance(2 * 365 * 86_400)
            try await spend(store, browser: 1)
            let stray = "link.redeemed|otalink.audit_event_default\nlink.issued|otalink.audit_event_default"
            #expect(try await database.psql(Self.places) == stray)
            let standing = try await store.audit.standing()
            #expect(standing.strayEvents == 2 && standing.daysAhead < -300)
            let first = try #require(standing.firstStray)
            #expect(abs(first.timeIntervalSince(clock.now)) < 600 && standing.lastStray ?? .distantPast >= first)

            // The nightly job is back. The month that has begun in the default partition ends there, the next has its own.
            let made = try await database.withClient { client in
                try await client.withAdvisoryLock(1) { try await AuditTrail.makeMonths(on: $0) }
            }
            #expect(made == AuditTrail.monthsAhead)
            try await spend(store, browser: 2)
            #expect(try await database.psql(Self.places) == stray)
            try clock.advance(40 * 86_400)
            try await spend(store, browser: 3)
            let month = try await database.psql("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')")
            #expect(
                try await database.psql(Self.places)
                    == "link.redeemed|otalink.audit_event_\(month)\nlink.issued|otalink.audit_event_\(month)")

            // What lies in the default partition is trimmed like the rest.
            let trimmed = try await database.withClient { client in
                try await client.withAdvisoryLock(1) { try await AuditTrail.deleteOld(days: 30, on: $0) }
            }
            let left = try await database.psql(
                "SELECT count(*), count(*) FILTER (WHERE event LIKE 'link.%') FROM otalink.audit_event")
            #expect(left == "2|2" && trimmed?.events ?? 0 >= 4)
            #expect(try await store.audit.standing().strayEvents == 0)
        }
    }

    // MARK: - The way there

    private static let folder = RepositoryRoot.path + "/migrations"

    /// A database as the release before this one left it, with the directory of all migrations.
    private func withTableOfBefore(
        _ body: @Sendable (TestDatabase, PostgresClient, MigrationDirectory) async throws -> Void
    ) async throws {
        let all = try MigrationDirectory.load(Self.folder)
        let before = try MigrationDirectory(Array(all.files.prefix { !$0.name.hasSuffix("_audit_event_indexes.sql") }))
        try #require(before.files.count < all.files.count)
        // The roles are the server's. Of several databases that make them at once one can fail.
        try await PostgresCluster.shared().migratedDatabase { _ in }
        try await PostgresCluster.shared().database { (database) async throws in
            try await database.withClient { (client) async throws in
                _ = try await Migrator(client: client, directory: before, logger: .quiet).up()
                try await body(database, client, all)
            }
        }
    }

    private static func file(_ suffix: String) throws -> MigrationFile {
        try #require(try MigrationDirectory.load(folder).files.first { $0.name.hasSuffix(suffix) })
    }

    /// What is to be the same afterwards, by name.
    private static let same = [
        "rows": "SELECT id, at, event FROM otalink.audit_event ORDER BY id",
        "comments":
            "SELECT objsubid, description FROM pg_description WHERE objoid = 'otalink.audit_event'::regclass ORDER BY 1",
        "views": """
        SELECT schemaname, viewname, viewowner, definition, reloptions
          FROM pg_views JOIN pg_class ON oid = format('%I.%I', schemaname, viewname)::regclass
         WHERE definition LIKE '%audit_event%' AND viewname <> 'storage' ORDER BY 1, 2
        """,
        "rights": """
        SELECT '', acl.grantee::regrole, acl.privilege_type, acl.is_grantable
          FROM pg_class, aclexplode(relacl) AS acl
         WHERE oid = 'otalink.audit_event'::regclass AND acl.grantee <> relowner
         UNION ALL
        SELECT attname, acl.grantee::regrole, acl.privilege_type, acl.is_grantable
          FROM pg_attribute, aclexplode(attacl) AS acl
         WHERE attrelid = 'otalink.audit_event'::regclass
         ORDER BY 1, 2, 3
        """,
        "triggers": """
        SELECT tgname, pg_get_triggerdef(oid), tgenabled FROM pg_trigger
         WHERE tgrelid = 'otalink.audit_event'::regclass AND NOT tgisinternal ORDER BY 1
        """,
        "columns": """
        SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute
         WHERE attrelid = 'otalink.audit_event'::regclass AND attnum > 0 ORDER BY attnum
        """,
    ]

    @Test("Rows stay, numbers go on, and views, rights, comments, indexes and settings follow, an operator's too")
    func everythingFollows() async throws {
        try await withTableOfBefore { (database, client, all) async throws in
            let role = "reader_\(database.name)"
            try await database.psql(
                """
                INSERT INTO otalink.audit_event (event, at) VALUES ('a', now()), ('b', '2001-01-01'), ('link.redeemed', now());
                CREATE SCHEMA reports;
                CREATE VIEW reports.clicks WITH (security_barrier = true) AS
                SELECT at, customer_login AS who FROM otalink.audit_event WHERE event = 'link.redeemed';
                CREATE INDEX by_actor ON otalink.audit_event (actor) WHERE actor IS NOT NULL;
                CREATE ROLE \(role);
                GRANT SELECT ON otalink.audit_event TO \(role) WITH GRANT OPTION;
                GRANT INSERT (event, actor) ON otalink.audit_event TO \(role);
                GRANT USAGE ON SCHEMA otalink TO \(role);
                ALTER TABLE otalink.audit_event SET (autovacuum_analyze_scale_factor = 0.02);
                """)
            var before: [String: String] = [:]
            for (name, sql) in Self.same { before[name] = try await database.psql(sql) }
            #expect(before["views"]?.contains("security_barrier") == true)
            let indexes = "SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes WHERE tablename = "
            let names = try await database.psql(indexes + "'audit_event'").split(separator: " ")

            _ = try await Migrator(client: client, directory: all, logger: .quiet).up()
            for (name, sql) in Self.same {
                let after = try await database.psql(sql)
                #expect(after == before[name], "\(name)")
            }
            let after = Set(try await database.psql(indexes + "'audit_event'").split(separator: " "))
            #expect(after.isSuperset(of: names) && after.contains("by_actor"))
            #expect(
                after.isSuperset(of: ["audit_event_of_customer", "audit_event_of_request", "audit_event_of_ticket"]))
            // Each part has what the whole has.
            let parts = try await database.psql(
                """
                SELECT DISTINCT (SELECT count(*) FROM pg_index WHERE indrelid = partition AND indisvalid), reloptions,
                       (SELECT count(*) FROM pg_description WHERE objoid = partition AND classoid = 'pg_class'::regclass),
                       (SELECT count(*) FROM aclexplode(relacl) AS acl WHERE acl.grantee <> relowner)
                  FROM otalink.audit_partitions() JOIN pg_class ON oid = partition
                """)
            #expect(parts == "\(after.count)|{autovacuum_analyze_scale_factor=0.02}|13|0")

            #expect(try await database.psql("INSERT INTO otalink.audit_event (event) VALUES ('c') RETURNING id") == "4")
            try await database.psql(
                "SET ROLE \(role); INSERT INTO otalink.audit_event (event, actor) VALUES ('d', 'x')")
            #expect(try await database.psql("SELECT count(*) FROM reports.clicks") == "1")
            #expect(
                try await database.psql("SELECT \"table\" FROM otalink.storage WHERE \"table\" LIKE 'audit%'")
                    == "audit_event")
            try await database.psql("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    @Test("In every partition the mail filter's role writes the filter's events and no others")
    func guarded() async throws {
        try await withStore { (_, database) async throws in
            // As on a server where the roles are made anew: with what the table of rights says, and no more.
            try await database.psql(
                "REVOKE ALL ON SEQUENCE otalink.audit_event_id_seq FROM otalink_mail; SELECT otalink.grant_roles()")
            for (partition, change) in [
                ("first", "TRUNCATE otalink.audit_event"),
                ("default", "DROP TABLE otalink.audit_event_first"),
                ("[0-9_]{7}", "TRUNCATE otalink.audit_event; SELECT otalink.make_audit_month(0)"),
            ] {
                try await database.psql(change)
                func write(_ event: String) async throws {
                    try await database.psql(
                        "SET ROLE otalink_mail; INSERT INTO otalink.audit_event (event) VALUES ('\(event)')")
                }
                try await write("mail.passed")
                await #expect(throws: (any Error).self, "\(partition)") { try await write("link.issued") }
                let written = try await database.psql("SELECT event, tableoid::regclass FROM otalink.audit_event")
                #expect(
                    try written.wholeMatch(of: Regex("mail.passed.otalink.audit_event_\(partition)")) != nil,
                    "\(written)")
            }
        }
    }

    @Test("The old table is attached without a look at its rows, and without a lock while they are looked at before")
    func noScan() async throws {
        try await withTableOfBefore { (database, _, _) async throws in
            try await database.psql(
                "INSERT INTO otalink.audit_event (event) SELECT 'e' FROM generate_series(1, 1000)")
            for name in ["_audit_event_indexes.sql", "_audit_event_bound.sql"] {
                let file = try Self.file(name)
                #expect(!file.isTransactional)
                // After a failure in the middle it is run again.
                try await database.psql(file.text)
                try await database.psql(file.text)
                for statement in file.text.split(separator: "\n") where statement.contains("CREATE") {
                    #expect(statement.contains("CONCURRENTLY"), "\(statement)")
                }
            }
            let attached = try await ChildProcess.run(
                "psql", ["-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", database.url, "-f", "-"],
                environment: ["PGOPTIONS": "-c client_min_messages=debug1"],
                input: Data(try Self.file("_audit_event_by_month.sql").text.utf8))
            #expect(
                attached.errors.contains(
                    #"partition constraint for table "audit_event_first" is implied by existing constraints"#))
        }
    }

    @Test("A view that cannot be made anew is named, and once it is gone the migration goes on")
    func inTheWay() async throws {
        try await withTableOfBefore { (database, client, all) async throws in
            try await database.psql(
                "CREATE MATERIALIZED VIEW public.mine AS SELECT count(*) AS events FROM otalink.audit_event")
            let migrator = Migrator(client: client, directory: all, logger: .quiet)
            do {
                _ = try await migrator.up()
                Issue.record("the view would go on with the old table")
            } catch let error as MigrationError {
                #expect(error.description.contains("mine reads otalink.audit_event"))
            }
            try await database.psql("INSERT INTO otalink.audit_event (event) VALUES ('meanwhile')")
            try await database.psql("DROP MATERIALIZED VIEW public.mine")
            _ = try await migrator.up()
            #expect(try await database.psql("SELECT event FROM otalink.audit_event") == "meanwhile")
        }
    }

    // MARK: - The release before

    /// Its statement, as it was released.
    private static let trimOfTheReleaseBefore = Statement(
        "test.trim_of_before",
        """
        DELETE FROM otalink.audit_event
         WHERE id = ANY (ARRAY(
               SELECT id
                 FROM otalink.audit_event
                WHERE at < now() - make_interval(days => $1::bigint::integer)
                ORDER BY at
                LIMIT $2))
        """)

    /// Ends the loops of a test.
    private final class End: Sendable {
        private let state = Mutex(false)

        var isReached: Bool { state.withLock { $0 } }

        func reach() { state.withLock { $0 = true } }
    }

    @Test("While the table changes, the release before goes on writing, reading and trimming")
    func besides() async throws {
        try await withTableOfBefore { (database, client, all) async throws in
            let old = 4_000
            try await database.psql(
                """
                INSERT INTO otalink.audit_event (event, at)
                SELECT 'old', now() - interval '100 days' - make_interval(secs => n) FROM generate_series(1, \(old)) AS n;
                """)
            let end = End()
            let store = LinkStore(client: client)
            async let written = {
                var count = 0
                while !end.isReached {
                    try await store.audit.record(AuditEvent("new"))
                    count += 1
                }
                return count
            }()
            async let read = {
                let statement = Statement("test.read", repeatable: true, "SELECT count(*) FROM otalink.recent_events")
                while !end.isReached { _ = try await client.query(statement) }
                return true
            }()
            async let trimmed = {
                var count = 0
                while !end.isReached {
                    count += try await client.query(Self.trimOfTheReleaseBefore, 30, 20).affectedRows
                }
                return count
            }()
            try await database.withClient { (other) async throws in
                _ = try await Migrator(client: other, directory: all, logger: .quiet).up()
            }
            end.reach()
            let counts = (new: try await written, isRead: try await read, old: try await trimmed)
            let rest = try await client.query(Self.trimOfTheReleaseBefore, 30, old).affectedRows
            #expect(counts.isRead && counts.old + rest == old && counts.new > 0)
            let left = try await database.psql(
                "SELECT count(*), count(DISTINCT id), min(event), max(event) FROM otalink.audit_event")
            #expect(left == "\(counts.new)|\(counts.new)|new|new")
        }
    }
}
