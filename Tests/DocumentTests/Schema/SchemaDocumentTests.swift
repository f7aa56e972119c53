import Foundation
import TestSupport
import Testing

@Suite("What is written down of the schema")
struct SchemaDocumentTests {
    /// Of these versions the queries of views are compared too.
    private static let writtenOn = 15

    private func version(_ database: TestDatabase) async throws -> Int {
        try #require(Int(try await database.psql("SHOW server_version_num"))) / 10_000
    }

    @Test("docs/schema.md has the tables and views that the migrations make")
    func page() async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            try GeneratedFile(path: "docs/schema.md", target: "schema").check(try await SchemaPage(of: database).text)
        }
    }

    @Test("docs/schema.sql is what the migrations make, and makes the same in an empty database")
    func statements() async throws {
        let cluster = try await PostgresCluster.shared()
        try await cluster.migratedDatabase { (database) async throws in
            let dump = try await SchemaDump(of: database).text
            let isComparable = try await version(database) == Self.writtenOn
            try GeneratedFile(path: "docs/schema.sql", target: "schema")
                .check(dump, comparable: { isComparable ? $0 : SchemaDump.withoutQueries($0) })
            try await cluster.database { (empty) async throws in
                try await empty.psql(dump)
                let (made, wanted) = (
                    SchemaDump.essence(try await SchemaDump(of: empty).text), SchemaDump.essence(dump)
                )
                #expect(made == wanted, "\(made.difference(from: wanted).prefix(3))")
            }
        }
    }

    @Test("The partition of a month changes neither, and the partition for the rest is in the statements")
    func months() async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            try await database.psql(
                """
                CREATE TABLE otalink.trial (at timestamptz NOT NULL) PARTITION BY RANGE (at);
                CREATE INDEX trial_at ON otalink.trial (at);
                CREATE TABLE otalink.trial_rest PARTITION OF otalink.trial DEFAULT;
                """)
            let dump = try await SchemaDump(of: database).text
            let page = try await SchemaPage(of: database).text
            #expect(dump.contains("CREATE TABLE otalink.trial_rest PARTITION OF otalink.trial DEFAULT;"))
            #expect(page.contains("### trial\n") && !page.contains("trial_rest"))
            try await database.psql(
                """
                CREATE TABLE otalink.trial_2026_11 PARTITION OF otalink.trial
                    FOR VALUES FROM ('2026-11-01 00:00:00+00') TO ('2026-12-01 00:00:00+00');
                COMMENT ON TABLE otalink.trial_2026_11 IS 'November.';
                GRANT SELECT ON otalink.trial_2026_11 TO otalink_inspector;
                """)
            #expect(try await SchemaDump(of: database).text == dump)
            #expect(try await SchemaPage(of: database).text == page)
        }
    }
}

extension String {
    /// Lines that only one of two texts has.
    fileprivate func difference(from other: String) -> [String] {
        let (mine, others) = (split(separator: "\n"), other.split(separator: "\n"))
        return mine.difference(from: others).map { change in
            switch change {
            case .insert(_, let line, _): "+ \(line)"
            case .remove(_, let line, _): "- \(line)"
            }
        }
    }
}
