import Foundation
import Notifications
import OneTimeLinks
import TestSupport
import Testing
import TicketSystem

@Suite("What the documents claim")
struct DocumentTests {
    private func document(_ path: String) throws -> String {
        try String(contentsOfFile: RepositoryRoot.path + "/" + path, encoding: .utf8)
    }

    @Test("Every setting stands in docs/configuration.md with its default and meaning, and no other does")
    func settings() throws {
        let text = try document("docs/configuration.md")
        let table = try #require(text.components(separatedBy: "## Settings").last)
        let rows = table.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        let wanted = SettingDefinition.all.map { definition in
            let value = definition.defaultValue.map { "`\($0)`" } ?? "none"
            return "| `\(definition.name)` | \(value) | \(definition.summary) |"
        }
        #expect(rows == wanted)
    }

    @Test("Every variable that the program reads stands in docs/configuration.md, and no other does")
    func environment() throws {
        let sources = RepositoryRoot.path + "/Sources/otalink"
        let files = try FileManager.default.contentsOfDirectory(atPath: sources).filter {
            $0.hasSuffix("Environment.swift")
        }
        let code = try files.map { try String(contentsOfFile: "\(sources)/\($0)", encoding: .utf8) }.joined()
        let read = Set(code.matches(of: /"(OTALINK_[A-Z_]+)"/).map { String($0.1) })
        let documented = try document("docs/configuration.md").matches(of: /`(OTALINK_[A-Z_]+)`/).map { String($0.1) }
        // A secret can stand in a file, which NAME_FILE names.
        #expect(read == Set(documented.filter { !$0.hasSuffix("_FILE") || !read.contains(String($0.dropLast(5))) }))
    }

    @Test("Every tag stands in docs/notifications.md with its meaning, and no other does")
    func tags() throws {
        let rows = try document("docs/notifications.md").split(separator: "\n").filter { $0.hasPrefix("| `<") }
        #expect(rows.map(String.init) == NotificationTag.all.map { "| `\($0.spelling)` | \($0.meaning) |" })
    }

    @Test("The example of docs/notifications.md is read as an export of the desk")
    func export() throws {
        let text = try document("docs/notifications.md")
        let example = try #require(text.firstMatch(of: /```yaml\n((?:.|\n)*?)```/)).output.1
        let notification = try #require(try NotificationYAML.read(Data(example.utf8)).first)
        #expect(notification.id == 42 && notification.event == nil)
        #expect(notification.messages.map(\.language) == ["de", "en"])
    }

    @Test("Every statement of the documents runs")
    func statements() async throws {
        let text = try document("docs/notifications.md") + document("docs/add-on.md") + document("docs/sizing.md")
        let statements = text.matches(of: /```sql\n((?:.|\n)*?)```/).map { String($0.1) }
        #expect(statements.count >= 2)
        try await PostgresCluster.shared().migratedDatabase(migrations: RepositoryRoot.path + "/migrations") {
            database in
            for statement in statements { _ = try await database.psql(statement) }
        }
    }

    @Test("Every event of the audit trail stands in docs/audit.md, and no other does")
    func events() throws {
        var code = ""
        let sources = FileManager.default.enumerator(atPath: "\(RepositoryRoot.path)/Sources")
        while let file = sources?.nextObject() as? String {
            if file.hasSuffix(".swift") { code += try document("Sources/\(file)") }
        }
        let inSQL = code.matches(
            of: /'((?:links?|session|grant|mail|customers?|openid|setting|api_key|desk_event)\.[a-z_-]+)'/
        )
        .map {
            String($0.1)
        }
        let inCode = code.matches(
            of: /(?:AuditEvent\(\s*|case \.(?:person|scanner): |case [A-Za-z]+ = )"([a-z_]+\.[a-z_-]+)"/
        ).map { String($0.1) }
        // What becomes of a mail is put together in SQL.
        let written = Set(inSQL + inCode + ["mail.sent", "mail.dead", "mail.dropped"])
        let rows = try document("docs/audit.md").matches(of: /\n\| `([a-z_]+\.[a-z_-]+)` \|/).map { String($0.1) }
        #expect(Set(rows) == written && rows.count == written.count)
    }

    @Test("docs/desk.md shows what the command prints for the desk")
    func desk() throws {
        let text = try document("docs/desk.md")
        let setup = OTOBOSetup(
            family: .otobo, database: .init(host: "db.example.org", port: 5432, name: "otalink"),
            serviceURL: "https://tickets.example.org")
        #expect(text.contains("```yaml\n\(setup.webService)\n```"))
        #expect(text.contains("```perl\n\(setup.configuration(number: 1, user: "otobo_customers"))\n```"))
        let indented = OTOBOSetup.forwardAuth(number: 1).split(separator: "\n").map { "   \($0)\n" }.joined()
        #expect(try document("docs/forward-auth.md").contains("   ```perl\n\(indented)   ```"))
    }

    @Test("Every table, view and column of the schema carries a comment")
    func comments() async throws {
        try await PostgresCluster.shared().migratedDatabase(migrations: RepositoryRoot.path + "/migrations") {
            database in
            let bare = try await database.psql(
                """
                SELECT c.relname || COALESCE('.' || a.attname, '')
                  FROM pg_class c
                  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
                 WHERE c.relnamespace = 'otalink'::regnamespace
                   AND c.relkind IN ('r', 'p', 'v')
                   AND col_description(c.oid, a.attnum) IS NULL
                   AND (a.attnum IS NOT NULL OR obj_description(c.oid, 'pg_class') IS NULL)
                """)
            #expect(bare == "")
        }
    }
}
