import Foundation
import TestSupport
import Testing

@Suite("What docs/sizing.md expects")
struct SizingTests {
    /// Rows as the service writes them, so many of each, made in the order of their times.
    private static func rows(_ count: Int) -> String {
        let id = "(lpad(to_hex(1795600000000 + n), 12, '0') || '7000' || substr(md5(n::text), 1, 16))::uuid"
        let agent = "'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0'"
        let person = "'customer' || n || '@example.org'"
        let ticket = "(2026112510000000 + n)::text"
        let series = "FROM generate_series(1, \(count)) AS n"
        return """
            INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
            SELECT \(person), \(person), \(person), 'Anna', 'Example' \(series);
            INSERT INTO otalink.ticket
                   (ticket_number, ticket_id, title, state, state_type, queue, customer_login, is_visible, read_at)
            SELECT \(ticket), n, 'A title of forty characters, more or less', 'open', 'open', 'Raw', \(person), true, now()
                   \(series);
            INSERT INTO otalink.link
                   (id, ticket_number, customer_login, recipient, key_id, state, origin, activated_at, used_at,
                    used_by_browser)
            SELECT \(id), \(ticket), \(person), \(person), '0011aabb', 'used', 'notification', now(), now(),
                   decode(md5('a') || md5('b'), 'hex')
                   \(series);
            INSERT INTO otalink.session (id, link_id, customer_login, ticket_number, client_address, user_agent)
            SELECT \(id), \(id), \(person), \(ticket), '203.0.113.7', \(agent) \(series);
            INSERT INTO otalink.mail_outbox
                   (id, kind, link_id, ticket_number, customer_login, recipient, language, state, attempts, finished_at,
                    last_error)
            SELECT \(id), 'refresh', \(id), \(ticket), \(person), \(person), 'de', 'sent', 1, now(),
                   '250 2.0.0 Ok: queued as 4d1XyZ2pLk' \(series);
            INSERT INTO otalink.audit_event
                   (event, link_id, session_id, ticket_number, customer_login, client_address, user_agent, request_id)
            SELECT 'link.redeemed', \(id), \(id), \(ticket), \(person), '203.0.113.7', \(agent), (\(id))::text \(series);
            INSERT INTO otalink.desk_event
                   (id, ticket_id, event, article_id, state, attempts, finished_at, client_address, user_agent, request_id)
            SELECT \(id), n, 'ArticleCreate', n, 'done', 1, now(), '203.0.113.7', 'libwww-perl/6.68', (\(id))::text
                   \(series);
            VACUUM ANALYZE;
            """
    }

    @Test("The bytes of a row, its share of the indexes included, are what the table says, within a third")
    func rows() async throws {
        let text = try String(contentsOfFile: RepositoryRoot.path + "/docs/sizing.md", encoding: .utf8)
        let documented = text.matches(of: /\n\| `([a-z_]+)` \| (\d+) bytes \|/).map {
            (String($0.1), Double($0.2) ?? 0)
        }
        #expect(documented.count == 7)
        let count = 20_000
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            try await database.psql(Self.rows(count))
            for (table, bytes) in documented {
                let answer = try await database.psql(
                    "SELECT bytes / \(count), estimated_rows FROM otalink.storage WHERE \"table\" = '\(table)'")
                let parts = answer.split(separator: "|").compactMap { Double($0) }
                try #require(parts.count == 2)
                print("\(table): \(Int(parts[0])) bytes a row, \(Int(bytes)) in the document")
                #expect(parts[1] == Double(count), "\(table)")
                #expect((bytes / 1.33...bytes * 1.33).contains(parts[0]), "\(table)")
            }
        }
    }
}
