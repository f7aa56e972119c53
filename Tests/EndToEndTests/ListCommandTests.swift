import Foundation
import TestSupport
import Testing

@Suite("Lists on the command line", .timeLimit(.minutes(10)))
struct ListCommandTests {
    private func run(_ arguments: [String], _ database: TestDatabase) async throws -> ChildProcess.Finished {
        try await ChildProcess(
            Deployment.program, arguments, environment: ["OTALINK_DATABASE_URL": database.url]
        ).finished()
    }

    private static let rows = """
        INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name, valid_id)
        VALUES ('anna@example.org', 'anna@example.org', 'a', 'Anna', 'Example', 1);
        INSERT INTO otalink.link (id, ticket_number, customer_login, recipient, key_id, state, origin, created_at)
        SELECT ('0198c2f0-0000-7000-8000-00000000000' || n)::uuid, '202611251000001' || n, 'anna@example.org',
               'anna@example.org', 'k', 'active', 'api', CASE n WHEN 1 THEN 'infinity' ELSE now() END
          FROM generate_series(1, 3) AS n;
        INSERT INTO otalink.session (id, customer_login, ticket_number, scope, link_id, created_at, last_seen_at)
        SELECT ('0198c2f0-0000-7000-8000-00000000001' || n)::uuid, 'anna@example.org', '202611251000001' || n, 'ticket',
               ('0198c2f0-0000-7000-8000-00000000000' || n)::uuid, now(), CASE n WHEN 1 THEN 'infinity' ELSE now() END
          FROM generate_series(1, 2) AS n;
        INSERT INTO otalink.mail_outbox (id, kind, ticket_number, customer_login, recipient, language, next_attempt_at)
        SELECT ('0198c2f0-0000-7000-8000-00000000002' || n)::uuid, 'refresh', '202611251000001' || n,
               'anna' || n || '@example.org', 'anna@example.org', 'en', CASE n WHEN 1 THEN '-infinity' ELSE now() END
          FROM generate_series(1, 2) AS n;
        INSERT INTO otalink.desk_event (id, ticket_id, event, article_id, next_attempt_at)
        SELECT ('0198c2f0-0000-7000-8000-00000000003' || n)::uuid, n, 'TicketCreate', 0,
               CASE n WHEN 1 THEN 'infinity' ELSE now() END
          FROM generate_series(1, 2) AS n;
        INSERT INTO otalink.api_key (id, name, key_hash, scopes, created_at)
        SELECT ('0198c2f0-0000-7000-8000-00000000004' || n)::uuid, 'key' || n, ('k' || n)::bytea, '{links:issue}',
               CASE n WHEN 1 THEN 'infinity' ELSE now() END
          FROM generate_series(1, 3) AS n;
        INSERT INTO otalink.oidc_client (id, redirect_uris)
        SELECT 'client' || n, ARRAY[CASE WHEN n > 1 THEN 'https://wiki.example.org/callback' END]
          FROM generate_series(1, 3) AS n;
        ALTER TABLE otalink.notification DROP CONSTRAINT notification_event;
        INSERT INTO otalink.notification (id, name, event)
        SELECT n, 'text' || n, CASE n WHEN 1 THEN 'TicketMoved' END
          FROM generate_series(1, 3) AS n;
        """

    @Test(
        "One row of a list by name that cannot be read is named, and the others are listed",
        arguments: [
            (["api-key", "list"], "key1", ["key2", "key3"]),
            (["oidc", "client", "list"], "client1", ["client2", "client3"]),
            (["notification", "list"], "1", ["text2", "text3"]),
        ])
    func unreadableByName(words: [String], bad: String, others: [String]) async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            try await database.psql(Self.rows)
            let listed = try await run(words, database)
            #expect(listed.status == 0)
            #expect(others.allSatisfy { listed.output.contains($0) }, "\(listed.output)")
            #expect(
                listed.errors == "Left out: The row \(bad) cannot be read: "
                    + (listed.errors.components(separatedBy: "read: ").last ?? ""))
            let json = try await run(words + ["--json"], database)
            #expect((try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [Any])?.count == others.count)
            let exported = try await run(["notification", "export"], database)
            #expect(exported.status == 1 && exported.output.isEmpty && exported.errors.contains("Nothing was exported"))
        }
    }

    @Test(
        "One row that cannot be read is named, and the others are listed",
        arguments: [
            (["link", "list"], "01", 2), (["session", "list"], "11", 1), (["mail", "list"], "21", 1),
            (["desk", "events"], "31", 1),
        ])
    func unreadable(words: [String], id: String, others: Int) async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            try await database.psql(Self.rows)
            let listed = try await run(words, database)
            #expect(listed.status == 0)
            #expect(listed.output.split(separator: "\n").count == others, "\(listed.output)")
            #expect(!listed.output.contains("0198c2f0-0000-7000-8000-0000000000\(id)"))
            #expect(
                listed.errors.contains("0198c2f0-0000-7000-8000-0000000000\(id) cannot be read"), "\(listed.errors)")
            let json = try await run(words + ["--json"], database)
            let parsed = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [Any]
            #expect(parsed?.count == others)
        }
    }

    @Test("A ticket number that is none lists no other tickets", arguments: ["Ticket#1", "", " ", "abc def", "1/2"])
    func wrongNumber(text: String) async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            try await database.psql(Self.rows)
            let listed = try await run(["link", "list", "--ticket", text], database)
            #expect(listed.status == 64 && listed.output.isEmpty)
            #expect(listed.errors.contains("is not a ticket number"))
            let one = try await run(["link", "list", "--ticket", "2026112510000012"], database)
            #expect(one.status == 0 && one.output.split(separator: "\n").count == 1)
        }
    }
}
