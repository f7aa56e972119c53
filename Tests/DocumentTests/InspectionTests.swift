import Foundation
import TestSupport
import Testing

@Suite("Looking inside")
struct InspectionTests {
    private func withData(_ body: @Sendable (TestDatabase) async throws -> Void) async throws {
        try await PostgresCluster.shared().migratedDatabase { database in
            try await database.psql(InspectionData.sql)
            try await body(database)
        }
    }

    @Test("Every question of docs/inspection.md is answered to the inspector, and what changes something is refused")
    func questions() async throws {
        let text = try String(contentsOfFile: RepositoryRoot.path + "/docs/inspection.md", encoding: .utf8)
        let statements = text.matches(of: /```sql\n((?:.|\n)*?)```/).map { String($0.1) }
        let questions = statements.filter { $0.hasPrefix("SELECT") }
        #expect(questions.count == 33 && text.matches(of: /\n### \d+\. .+\?\n/).count == 33)
        try await withData { (database) async throws in
            for question in questions {
                let answer = try await database.psql(
                    "SET application_name = 'otalink'; SET ROLE otalink_inspector; \(question)")
                #expect(!answer.isEmpty, "\(question)")
            }
            for statement in statements where !statement.hasPrefix("SELECT") {
                try await database.psql("BEGIN; \(statement) ROLLBACK;")
                await #expect(throws: (any Error).self, "\(statement)") {
                    try await database.psql("SET ROLE otalink_inspector; BEGIN; \(statement) ROLLBACK;")
                }
            }
        }
    }

    @Test("No question about a ticket, a person or the last days reads a year of events")
    func indexes() async throws {
        let text = try String(contentsOfFile: RepositoryRoot.path + "/docs/inspection.md", encoding: .utf8)
        let questions = text.matches(of: /```sql\n(SELECT(?:.|\n)*?)```/).map { String($0.1) }
        try await withData { (database) async throws in
            // One every ten minutes, each about a ticket of its own, in the months of a service that has run for a year.
            try await database.psql(
                """
                DROP TABLE otalink.audit_event_first;
                SELECT otalink.make_audit_month(ahead) FROM generate_series(-12, 3) AS months (ahead);
                INSERT INTO otalink.audit_event (event, at, ticket_number, customer_login, link_id, reason, request_id)
                SELECT (ARRAY['link.issued', 'link.refused', 'link.redeemed', 'link.opened', 'mail.sent'])[n % 5 + 1],
                       now() - n * interval '10 minutes', (2025112510000000 + n)::text, 'c' || n, gen_random_uuid(), 'r', 'r-' || n
                  FROM generate_series(1, 52000) AS n;
                ANALYZE;
                """)
            let full = try await database.psql(
                """
                SELECT relname
                  FROM pg_class JOIN otalink.audit_partitions() ON partition = pg_class.oid
                 WHERE reltuples > 1000 AND until <= now() - interval '31 days'
                """
            ).split(separator: "\n").map { "Seq Scan on \($0) " }
            #expect(full.count >= 9)
            var asked = 0
            for question in questions {
                let plan = try await database.psql("EXPLAIN \(question)")
                guard plan.contains("audit_event"), !question.contains("daily_figures") else { continue }
                asked += 1
                #expect(!full.contains { plan.contains($0) }, "\(question)\(plan)")
            }
            #expect(asked >= 9)
        }
    }

    @Test("No table and no view shows the inspector a secret")
    func secrets() async throws {
        try await withData { (database) async throws in
            let found = try await leaks(to: "postgres", database)
            #expect(found.count == 11, "the owner sees each secret that the test has hidden: \(found)")
            #expect(try await leaks(to: "otalink_inspector", database) == [])
            // Whatever table comes next: hashes and keys are bytes, and bytes are for nobody.
            let bytes = try await database.psql(
                """
                SELECT attrelid::regclass, attname
                  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
                 WHERE relnamespace = 'otalink'::regnamespace AND relkind IN ('r', 'p', 'v') AND attnum > 0
                   AND atttypid = 'bytea'::regtype
                   AND has_column_privilege('otalink_inspector', attrelid, attnum, 'SELECT')
                """)
            #expect(bytes == "")
        }
    }

    @Test("The inspector may change nothing, and sees every view but the desk's own")
    func rights() async throws {
        try await withData { (database) async throws in
            let writable = try await database.psql(
                """
                SELECT relname FROM pg_class
                 WHERE relnamespace = 'otalink'::regnamespace AND relkind IN ('r', 'p', 'v')
                   AND (has_table_privilege('otalink_inspector', oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
                        OR has_any_column_privilege('otalink_inspector', oid, 'INSERT, UPDATE'))
                """)
            #expect(writable == "")
            let hidden = try await database.psql(
                """
                SELECT relname FROM pg_class
                 WHERE relnamespace = 'otalink'::regnamespace AND relkind = 'v'
                   AND NOT has_table_privilege('otalink_inspector', oid, 'SELECT')
                """)
            #expect(hidden == "own_customer_user")
        }
    }

    /// Tables, and views that a role may select a secret from.
    private func leaks(to role: String, _ database: TestDatabase) async throws -> [String] {
        let readable = try await database.psql(
            """
            SELECT relname, string_agg(quote_ident(attname), ', ')
              FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
             WHERE relnamespace = 'otalink'::regnamespace AND relkind IN ('r', 'p', 'v') AND attnum > 0 AND NOT attisdropped
               AND has_column_privilege('\(role)', attrelid, attnum, 'SELECT')
             GROUP BY relname
             ORDER BY relname
            """)
        // Bytes are shown as their digits.
        let digits = InspectionData.secret.utf8.map { String($0, radix: 16) }.joined()
        var found: [String] = []
        for line in readable.split(separator: "\n") {
            let parts = line.split(separator: "|")
            let isFound = try await database.psql(
                """
                SET ROLE \(role);
                SELECT COALESCE(bool_or(shown::text ~ '\(InspectionData.secret)|\(digits)'), false)
                  FROM (SELECT \(parts[1]) FROM otalink.\(parts[0])) AS shown
                """)
            if isFound == "t" { found.append(String(parts[0])) }
        }
        return found
    }
}
