import Foundation
import TestSupport
import Testing

@Suite("Links taken back on the command line", .timeLimit(.minutes(10)))
struct LinkRevokeCommandTests {
    private func run(_ arguments: [String], _ database: TestDatabase) async throws -> ChildProcess.Finished {
        try await ChildProcess(
            Deployment.program, ["link", "revoke"] + arguments, environment: ["OTALINK_DATABASE_URL": database.url]
        ).finished()
    }

    /// Links 1 and 2 are Anna's for two tickets, link 3 is Bert's for the first of them.
    private static let rows = """
        INSERT INTO otalink.link (id, ticket_number, customer_login, recipient, key_id, state, origin)
        SELECT ('0198c2f0-0000-7000-8000-00000000000' || n)::uuid, ticket, person, person, 'k', 'active', 'api'
          FROM (VALUES (1, '2026112510000011', 'anna@example.org'), (2, '2026112510000012', 'anna@example.org'),
                       (3, '2026112510000011', 'bert@example.org')) AS made (n, ticket, person);
        """

    @Test(
        "Those that are named, and no others",
        arguments: [
            (["0198c2f0-0000-7000-8000-000000000002"], "2"),
            (["--ticket", "2026112510000011"], "1,3"),
            (["--customer", "anna@example.org"], "1,2"),
            (["--ticket", "2026112510000011", "--customer", "anna@example.org"], "1"),
            (["--customer", "carl@example.org"], ""),
        ])
    func named(arguments: [String], revoked: String) async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            try await database.psql(Self.rows)
            let states = """
                SELECT COALESCE(string_agg(right(id::text, 1), ',' ORDER BY id), '')
                  FROM otalink.link WHERE state = 'revoked' AND end_reason = 'broken into'
                """
            let events = "SELECT count(*) FROM otalink.audit_event WHERE event = 'link.revoked'"
            for count in [revoked.split(separator: ",").count, 0] {
                let finished = try await run(arguments + ["--reason", "broken into", "--json"], database)
                #expect(finished.status == 0, "\(finished.errors)")
                let answer = try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Int]
                #expect(answer == ["revoked": count])
            }
            #expect(try await database.psql(states) == revoked)
            #expect(try await database.psql(events) == "\(revoked.split(separator: ",").count)")
        }
    }

    @Test(
        "A call that names no links takes none back",
        arguments: [
            [], ["--ticket", "x/1"], ["no-id"], ["--ticket", ""],
            ["0198c2f0-0000-7000-8000-000000000001", "--customer", "anna@example.org"],
        ])
    func unnamed(arguments: [String]) async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            try await database.psql(Self.rows)
            #expect(try await run(arguments, database).status == 64)
            #expect(try await database.psql("SELECT count(*) FROM otalink.link WHERE state = 'revoked'") == "0")
        }
    }
}
