import CurlClient
import DemoDesk
import Foundation
import TestSupport
import Testing

/// What an administrator is told in a state that is not rare. The first words of a row are its verdict and its subject.
@Suite("What the doctor says", .timeLimit(.minutes(10)))
struct DoctorTests {
    private static let environment = [
        "OTALINK_BASE_URL": "https://desk.example.org/otalink",
        "OTALINK_SECRET_KEYS": String(repeating: "A", count: 43),
        "OTALINK_DESK_TICKET_URL": "https://desk.example.org/otobo/customer.pl?Action=CustomerTicketZoom;TicketNumber=",
    ]

    private func rows(
        _ url: String, _ environment: [String: String] = [:]
    ) async throws -> [(verdict: String, subject: String, text: String)] {
        let usual = Self.environment.merging(["OTALINK_DATABASE_URL": url]) { $1 }
        let doctor = try await ChildProcess(
            Deployment.program, ["doctor", "--json"], environment: usual.merging(environment) { $1 }
        ).finished()
        #expect(doctor.status == 1)
        struct Row: Decodable {
            let verdict: String
            let subject: String
            let text: String
        }
        return try JSONDecoder().decode([Row].self, from: Data(doctor.output.utf8)).map {
            ($0.verdict, $0.subject, $0.text)
        }
    }

    /// The rows that stand beside those of the environment, the desk and the mail server, as `verdict subject`.
    private func databaseRows(_ url: String, _ environment: [String: String] = [:]) async throws -> [String] {
        try await rows(url, environment).map { "\($0.verdict) \($0.subject)" }.filter { row in
            !["base URL", "secret keys", "desk", "mail server"].contains(String(row.drop { $0 != " " }.dropFirst()))
        }
    }

    @Test("A database that is away is one row, and so is a schema that was never made")
    func oneRow() async throws {
        #expect(try await databaseRows("postgresql://postgres@127.0.0.1:1/otalink") == ["failed database"])
        try await PostgresCluster.shared().database { (database) async throws in
            let url = database.url
            #expect(
                try await databaseRows(url) == ["good database", "good database encoding", "failed schema"])
            let schema = try #require(try await rows(url).first { $0.subject == "schema" })
            #expect(schema.text.contains("otalink migrate up"))
        }
    }

    @Test("Rows are told with the base URL's path, without keys that links of the add-on lack, and in words")
    func words() async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            try await database.psql(
                """
                INSERT INTO otalink.link (id, ticket_number, customer_login, recipient, key_id, state, origin)
                VALUES ('0198c2f0-0000-7000-8000-000000000001', '1', 'a', 'a@example.org', 'add-on', 'active', 'add-on');
                INSERT INTO otalink.oidc_client (id, redirect_uris) VALUES ('wiki', ARRAY['https://wiki.example.org/cb']);
                INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_nowhere', 'USAGE ON SCHEMA otalink');
                """)
            let rows = try await rows(database.url)
            func row(_ subject: String) -> [String] {
                rows.filter { $0.subject == subject }.map { "\($0.verdict): \($0.text)" }
            }
            #expect(row("base URL") == ["good: https://desk.example.org/otalink"])
            #expect(row("keys in use") == ["good: every link's key is in the ring"])
            #expect(row("hosts") == ["good: desk.example.org"])
            // A client that nobody can sign in at yet is no failure.
            #expect(row("openid connect").allSatisfy { !$0.hasPrefix("failed") })
            #expect(
                row("openid connect").contains { $0.hasPrefix("doubtful") && $0.contains("Landing openid-connect") })
            let roles = row("database roles")
            let told = try #require(roles.first)
            #expect(roles.count == 1 && told.hasPrefix("doubtful: otalink_nowhere"))
            #expect(told.contains("may not create roles") && told.contains("otalink migrate up"))
            for row in rows {
                #expect(row.subject.firstMatch(of: /[a-z][A-Z]/) == nil || row.subject == "base URL", "\(row.subject)")
            }
        }
    }

    @Test("The rows about the desk are in words")
    func desk() async throws {
        try await withDeployment { (deployment) async throws in
            _ = try await deployment.desk.createWelcomeTicket()
            let doctor = try await ChildProcess(
                Deployment.program, ["doctor"], environment: deployment.environment
            ).finished().output.split(separator: "\n").map(String.init)
            #expect(doctor.contains { $0.hasPrefix("good      desk: time zone ") }, "\(doctor)")
            #expect(doctor.contains { $0.hasPrefix("untried   desk: close times ") })
        }
    }

    @Test("A proxy that must be there and is not named is doubtful, and so are mails of which none was authenticated")
    func doubts() async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            try await database.psql(
                """
                INSERT INTO otalink.setting (name, value)
                VALUES ('Landing', 'forward-auth'), ('AuthenticationServer', 'mx.example.org'),
                       ('PostMaster::PreFilterModule###000-CreateCustomerUser', '{}');
                INSERT INTO otalink.mail_verdict (mail_key, verdict, reason)
                SELECT sha256(number::text::bytea), CASE WHEN number < 13 THEN 'unauthenticated' ELSE 'robot' END, 'why'
                  FROM generate_series(1, 40) AS number;
                """)
            func row(_ subject: String, _ environment: [String: String] = [:]) async throws -> String? {
                try await rows(database.url, environment).first { $0.subject == subject }
                    .map { "\($0.verdict): \($0.text)" }
            }
            #expect(try await row("landing")?.hasPrefix("doubtful: forward-auth, and OTALINK_TRUSTED_PROXIES") == true)
            #expect(try await row("landing", ["OTALINK_TRUSTED_PROXIES": "127.0.0.1"]) == "good: forward-auth")
            let senders = try await row("authentication of senders")
            #expect(
                senders?.hasPrefix("doubtful: of the last 12 mails none was authenticated") == true, "\(senders ?? "")")
        }
    }

    @Test("A host that is not ours fails, with the line for the proxy, until it is ours or an hour is over")
    func foreignHosts() async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            func finding(_ environment: [String: String] = [:]) async throws -> String {
                let row = try #require(try await rows(database.url, environment).first { $0.subject == "hosts" })
                return "\(row.verdict): \(row.text)"
            }
            try await database.psql(
                """
                INSERT INTO otalink.foreign_host (host, peer, is_ours_elsewhere, requests, last_seen_at)
                VALUES ('app-1', '10.0.0.5', false, 7, now() - interval '3 minutes')
                """)
            let inner = try await finding()
            #expect(inner.hasPrefix("failed: Pages were asked for under app-1 (7), which is not desk.example.org"))
            #expect(inner.contains("3 min ago, from 10.0.0.5"))
            #expect(inner.contains("proxy_set_header Host $http_host") && inner.contains("ProxyPreserveHost On"))
            #expect(inner.contains("OTALINK_HOSTS") && inner.contains("ForeignHosts refuse"))
            #expect(try await finding(["OTALINK_HOSTS": "www.example.org, App-1:8080"]).hasPrefix("good: app-1, desk"))
            #expect(inner.contains("an hour after") && inner.contains("DELETE FROM otalink.foreign_host"))
            #expect(!inner.contains("with our name"))
            try await database.psql("UPDATE otalink.foreign_host SET is_ours_elsewhere = true")
            let silent = try await finding()
            #expect(silent.contains("10.0.0.5 sent X-Forwarded-Host with our name"))
            #expect(silent.contains("If 10.0.0.5 is a proxy of yours") && silent.contains("ProxyPreserveHost On"))
            // A stranger sends the same, once.
            try await database.psql(
                """
                UPDATE otalink.foreign_host SET is_ours_elsewhere = false;
                INSERT INTO otalink.foreign_host (host, peer, is_ours_elsewhere, requests)
                VALUES ('whatever.example', '192.0.2.66', true, 1)
                """)
            let stranger = try await finding()
            #expect(stranger.contains("app-1 (7), whatever.example (1)") && !stranger.contains("with our name"))
            // Behind most requests it may be the provider's load balancer.
            try await database.psql("UPDATE otalink.foreign_host SET requests = 60 WHERE peer = '192.0.2.66'")
            #expect(try await finding().contains("If 192.0.2.66 is a proxy of yours"))
            try await database.psql("INSERT INTO otalink.setting (name, value) VALUES ('ForeignHosts', 'refuse')")
            let refused = try await finding()
            #expect(refused.hasPrefix("doubtful: ") && refused.contains("are refused"))
            #expect(!refused.contains("setting set ForeignHosts"))
            try await database.psql("UPDATE otalink.foreign_host SET last_seen_at = now() - interval '2 hours'")
            #expect(try await finding().hasPrefix("good: "))
            try await database.psql("DELETE FROM otalink.setting")
            #expect(try await finding().hasPrefix("doubtful: "))
            try await database.psql("UPDATE otalink.foreign_host SET last_seen_at = now() - interval '31 days'")
            #expect(try await finding() == "good: desk.example.org")
            let wrong = try await finding(["OTALINK_HOSTS": "https://www.example.org"])
            #expect(wrong.hasPrefix("failed: OTALINK_HOSTS names something that is no host"))
        }
    }

    @Test("Events whose months have no partition are named, and so are months that run out")
    func auditTrail() async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            func finding() async throws -> String {
                let row = try #require(try await rows(database.url).first { $0.subject == "audit trail" })
                return "\(row.verdict): \(row.text)"
            }
            let end = try await database.psql(
                "SELECT to_char(max(until), 'YYYY-MM-DD') FROM otalink.audit_partitions()")
            #expect(try await finding() == "good: there are partitions for the months before \(end)")
            try await database.psql(
                """
                INSERT INTO otalink.audit_event (event, at) VALUES ('a', '2090-01-31T00:00Z'), ('b', '2090-02-01T00:00Z');
                """)
            let stray = try await finding()
            #expect(stray.hasPrefix("doubtful: 2 events from 2090-01-31T00:00:00Z to 2090-02-01T00:00:00Z lie in "))
            #expect(stray.contains("otalink.audit_event_default") && stray.contains("otalink audit trim"))
            try await database.psql(
                """
                TRUNCATE otalink.audit_event;
                DO $$ BEGIN
                    EXECUTE (SELECT string_agg(format('DROP TABLE %s', partition), ';')
                               FROM otalink.audit_partitions() WHERE until > now() + interval '299 days');
                END $$
                """)
            #expect(try await finding().hasPrefix("doubtful: there are partitions for the months before "))
        }
    }

    @Test(
        "PgBouncer before 1.21 is named where prepared statements go through it",
        .enabled(if: PgBouncer.isHere, "needs pgbouncer"), arguments: [false, true])
    func oldPooler(isLenient: Bool) async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            let bouncer = try PgBouncer(
                cluster: database.cluster, ignoring: isLenient ? ["options", "extra_float_digits"] : [])
            try await bouncer.start()
            defer { bouncer.kill() }
            guard try await bouncer.isOld() else { return }
            let url = bouncer.url(database.name)
            #expect(try await databaseRows(url) == ["failed database"])
            let row = try #require(try await rows(url).first { $0.subject == "database" })
            #expect(row.text.contains("PgBouncer before 1.21") && row.text.contains("OTALINK_DATABASE_PREPARED=0"))
            let mended = try await databaseRows(
                url, ["OTALINK_DATABASE_PREPARED": "0", "OTALINK_DATABASE_DIRECT_URL": database.url])
            #expect(mended.contains("good database") && mended.contains("good direct connection"))
        }
    }

    @Test("A desk's table that may only be read is a failure with the rights that are missing")
    func customerTable() async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            try await database.psql(
                """
                CREATE TABLE customer_user (
                    id serial PRIMARY KEY, login text UNIQUE, email text, customer_id text, pw text, first_name text,
                    last_name text, valid_id smallint, create_time timestamp, create_by integer, change_time timestamp,
                    change_by integer);
                CREATE TABLE customer_preferences (user_id text, preferences_key text, preferences_value text);
                INSERT INTO otalink.setting (name, value)
                VALUES ('CustomerBackends', 'CustomerUser'), ('CustomerDatabase', '{"Backend":"CustomerUser"}'),
                       ('PostMaster::PreFilterModule###000-CreateCustomerUser', '{"CustomerUserBackend":"CustomerUser"}');
                """)
            let role = "reader_" + UUID().uuidString.replacing("-", with: "").lowercased()
            try await database.psql("CREATE ROLE \(role) LOGIN; GRANT SELECT ON customer_user TO \(role)")
            func finding(_ user: String) async throws -> String {
                let url = database.url.replacing("//postgres@", with: "//\(user)@")
                let rows = try await rows(database.url, ["OTALINK_CUSTOMER_DATABASE_URL": url])
                let row = try #require(rows.first { $0.subject == "desk's customer table, writing" })
                return "\(row.verdict): \(row.text)"
            }
            let refused = try await finding(role)
            #expect(refused.hasPrefix("failed") && refused.contains("permission denied for table customer_user"))
            #expect(refused.contains("GRANT SELECT, INSERT ON customer_user TO \(role);"))
            #expect(refused.contains("GRANT USAGE ON SEQUENCE customer_user_id_seq TO \(role);"))
            #expect(try await finding("postgres").hasPrefix("good"))
            #expect(try await database.psql("SELECT count(*) FROM customer_user") == "0")
            #expect(try await database.psql("SELECT count(*) FROM customer_preferences") == "0")
            try await database.psql("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }
}
