import Foundation
import LinkStore
import Logging
import Migrator
import OneTimeLinks
import PostgresClient
import TestSupport
import Testing

extension Result where Failure == any Error {
    fileprivate init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }

    fileprivate var isFailure: Bool { if case .failure = self { true } else { false } }
}

@Suite("What each role of the database may do")
struct RightsTests {
    private static let folder = RepositoryRoot.path + "/migrations"

    /// A database as this release leaves it, or as the next one does.
    private func withSchema(
        ofNextRelease isNext: Bool, _ body: @escaping @Sendable (TestDatabase) async throws -> Void
    ) async throws {
        try await PostgresCluster.shared().migratedDatabase(migrations: Self.folder) { (database) async throws in
            if isNext {
                try await database.withClient { (client) async throws in
                    let directory = try MigrationDirectory.load(Self.folder).ofNextRelease()
                    #expect(directory.files.count > 18)
                    let applied = try await Migrator(client: client, directory: directory, logger: .quiet).up()
                    #expect(applied.map(\.name).contains { $0.hasSuffix("_narrower_mail_role.sql") })
                }
            }
            try await body(database)
        }
    }

    // MARK: - Functions

    @Test("Functions run with the rights of who calls them, but for one that only its trigger calls")
    func functions() async throws {
        try await withSchema(ofNextRelease: false) { (database) async throws in
            let listed = try await database.psql(
                """
                SELECT proname || '(' || pg_get_function_identity_arguments(oid) || ')',
                       CASE WHEN proowner = (SELECT nspowner FROM pg_namespace WHERE nspname = 'otalink') THEN 'ours' ELSE 'foreign' END,
                       CASE WHEN prosecdef THEN 'definer' ELSE 'invoker' END,
                       COALESCE(array_to_string(proconfig, ' '), '-'),
                       CASE WHEN proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) WHERE grantee = 0) THEN 'public' ELSE 'owner' END
                  FROM pg_proc
                 WHERE pronamespace = 'otalink'::regnamespace
                 ORDER BY proname
                """)
            #expect(
                listed == """
                    access_truncated()|ours|invoker|-|public
                    add_audit_partition(name text, bounds text, purpose text)|ours|invoker|search_path=pg_catalog, pg_temp|public
                    audit_event_guarded()|ours|invoker|search_path=pg_catalog, pg_temp|public
                    audit_partitions()|ours|invoker|search_path=pg_catalog, pg_temp TimeZone=UTC DateStyle=ISO|public
                    client_network(address text)|ours|invoker|-|public
                    customer_user_changed()|ours|invoker|-|public
                    customer_user_guarded()|ours|invoker|search_path=pg_catalog, pg_temp|public
                    drop_audit_month(before timestamp with time zone)|ours|invoker|search_path=pg_catalog, pg_temp lock_timeout=300ms|public
                    grant_roles()|ours|invoker|-|public
                    link_changed()|ours|invoker|-|public
                    living_session(first uuid)|ours|invoker|-|public
                    mail_queued()|ours|invoker|-|public
                    make_audit_month(ahead integer)|ours|invoker|search_path=pg_catalog, pg_temp TimeZone=UTC lock_timeout=300ms|public
                    mark_first_link()|ours|invoker|-|public
                    notify_access(kind text, keys text[])|ours|invoker|-|public
                    oidc_subject_follows()|ours|definer|search_path=pg_catalog, pg_temp|owner
                    oidc_subject_kept()|ours|invoker|-|public
                    session_changed()|ours|invoker|-|public
                    session_grant_changed()|ours|invoker|-|public
                    setting_changed()|ours|invoker|-|public
                    ticket_changed()|ours|invoker|-|public
                    """)
        }
    }

    @Test("Nobody makes the trigger that renames subjects work on a table of their own")
    func foreignTable() async throws {
        try await withSchema(ofNextRelease: false) { (database) async throws in
            try await database.psql(
                "INSERT INTO otalink.oidc_subject (customer_login, subject) VALUES ('anna@example.org', 'annas-subject')"
            )
            let attempt = """
                CREATE TEMPORARY TABLE mine (login text);
                INSERT INTO mine VALUES ('anna@example.org');
                CREATE TRIGGER mine AFTER UPDATE ON mine FOR EACH ROW EXECUTE FUNCTION otalink.oidc_subject_follows();
                UPDATE mine SET login = 'eve@example.net';
                """
            for role in ["otalink_inspector", "otalink_mail", "otalink_desk"] {
                await #expect(throws: (any Error).self, "\(role)") {
                    try await database.psql("SET ROLE \(role); \(attempt)")
                }
            }
            // Not even with the right to call it.
            await #expect(throws: (any Error).self) { try await database.psql(attempt) }
            #expect(try await database.psql("SELECT customer_login FROM otalink.oidc_subject") == "anna@example.org")
        }
    }

    @Test("The desk's role sees no row that its view leaves out, whatever function its condition calls")
    func leaking() async throws {
        try await withSchema(ofNextRelease: false) { (database) async throws in
            try await database.psql(
                """
                INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name, backend)
                VALUES ('own', 'own@example.org', '', 'O', 'O', ''), ('other', 'other@example.org', '', 'X', 'X', 'LDAP')
                """)
            let seen = try await database.psql(
                """
                SET ROLE otalink_desk;
                CREATE TEMPORARY TABLE seen (login text);
                CREATE FUNCTION pg_temp.saw(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001
                    AS $$ BEGIN INSERT INTO seen VALUES ($1); RETURN true; END $$;
                DO $$ BEGIN PERFORM login FROM otalink.own_customer_user WHERE pg_temp.saw(login::text); END $$;
                SELECT DISTINCT login FROM seen ORDER BY login;
                """)
            #expect(seen.split(separator: "\n").last == "own" && !seen.contains("other"))
        }
    }

    // MARK: - Tables

    @Test("Every table and column is tried by every role, in this release and in the next", arguments: [false, true])
    func everyColumn(isNext: Bool) async throws {
        try await withSchema(ofNextRelease: isNext) { (database) async throws in
            try await database.psql(Self.trying)
            let mail = try await database.psql("SELECT public.tried('otalink_mail')")
            #expect(mail == (isNext ? Self.mailInNextRelease : Self.mail))
            let desk = try await database.psql("SELECT public.tried('otalink_desk')")
            #expect(desk == Self.desk)
            // The inspector reads the rest, and nothing but reads.
            let inspector = try await database.psql("SELECT public.tried('otalink_inspector')")
            #expect(!inspector.split(separator: "\n").contains { !$0.hasPrefix("SELECT ") })
            let hidden = try await database.psql(
                """
                SELECT relname || ': '
                       || CASE WHEN bool_and(is_hidden) THEN 'all' ELSE string_agg(attname, ' ' ORDER BY attnum) FILTER (WHERE is_hidden) END
                  FROM (SELECT relname, attname, attnum,
                               NOT has_column_privilege('otalink_inspector', attrelid, attnum, 'SELECT') AS is_hidden
                          FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
                         WHERE relnamespace = 'otalink'::regnamespace AND relkind IN ('r', 'p', 'v') AND attnum > 0 AND NOT attisdropped
                           AND NOT relispartition
                       ) AS place
                 GROUP BY relname
                HAVING bool_or(is_hidden)
                 ORDER BY relname COLLATE "C"
                """)
            #expect(hidden == Self.hiddenFromInspector)
            // Parts of a table are read through the whole.
            let parts = try await database.psql(
                """
                SELECT count(*), count(*) FILTER (WHERE has_any_column_privilege('otalink_inspector', oid, 'SELECT'))
                  FROM pg_class
                 WHERE relnamespace = 'otalink'::regnamespace AND relkind = 'r' AND relispartition
                """
            ).split(separator: "|")
            #expect(Int(parts[0]) ?? 0 >= 12 && parts[1] == "0")
        }
    }

    private static let mail = """
        INSERT audit_event: event link_id session_id ticket_number customer_login reason actor client_address user_agent request_id
        INSERT customer_preference: user_id preferences_key preferences_value
        INSERT customer_user: login email customer_id pw first_name last_name valid_id backend
        INSERT mail_verdict: mail_key verdict reason at
        SELECT audit_event: at event customer_login
        SELECT customer_backend: name synced_at customer_users skipped
        SELECT customer_preference: user_id preferences_key preferences_value
        SELECT customer_user: login email customer_id pw first_name last_name valid_id backend
        SELECT mail_outbox: id ticket_number created_at code
        SELECT mail_verdict: mail_key verdict reason at
        SELECT own_address: address published_at
        SELECT setting: name value
        SELECT ticket: ticket_number ticket_id title state state_type queue customer_login customer_id closed_at merged_into is_visible read_at reported_at
        UPDATE customer_user: email customer_id pw first_name last_name valid_id change_time
        """

    private static let mailInNextRelease = """
        INSERT audit_event: event link_id session_id ticket_number customer_login reason actor client_address user_agent request_id
        INSERT customer_preference: user_id preferences_key preferences_value
        INSERT customer_user: login email customer_id first_name last_name
        INSERT mail_verdict: mail_key verdict reason at
        SELECT audit_event: at event customer_login
        SELECT customer_backend: name synced_at customer_users skipped
        SELECT customer_preference: user_id preferences_key preferences_value
        SELECT customer_user: login email customer_id first_name last_name valid_id backend
        SELECT mail_outbox: id ticket_number created_at code
        SELECT mail_verdict: mail_key verdict reason at
        SELECT own_address: address published_at
        SELECT setting: name value
        SELECT ticket: ticket_number ticket_id title state state_type queue customer_login customer_id closed_at merged_into is_visible read_at reported_at
        """

    private static let desk = {
        let columns =
            "login email customer_id pw title first_name last_name phone fax mobile street zip city country comments valid_id "
        let (made, changed) = ("create_time create_by ", "change_time change_by")
        return """
            INSERT own_customer_user: \(columns)\(made)\(changed)
            SELECT own_customer_user: id \(columns)\(made)\(changed)
            UPDATE own_customer_user: \(columns)\(changed)
            """
    }()

    private static let hiddenFromInspector = """
        add_on_token: token_hash
        api_key: key_hash
        api_request: all
        customer_preference: all
        customer_user: pw
        link: used_by_browser
        link_request: all
        mail_verdict: mail_key
        oidc_client: all
        oidc_code: all
        oidc_signing_key: all
        outbound_link: mail_key
        own_customer_user: all
        role_right: all
        session: forms
        """

    /// Runs one statement for each column and verb as that role, and says which were allowed.
    private static let trying = """
        CREATE FUNCTION public.tried(tested text) RETURNS SETOF text LANGUAGE plpgsql AS $$
        DECLARE
            place record;
            allowed text[] := '{}';
        BEGIN
            FOR place IN
                SELECT relname, attname, attnum, format_type(atttypid, atttypmod) AS type, verb
                  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid,
                       unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS verb
                 WHERE relnamespace = 'otalink'::regnamespace AND relkind IN ('r', 'p', 'v') AND attnum > 0 AND NOT attisdropped
                   AND (attnum = 1 OR verb NOT IN ('DELETE', 'TRUNCATE'))
                   AND (relkind <> 'v' OR verb <> 'TRUNCATE')
                 ORDER BY verb, relname, attnum
            LOOP
                BEGIN
                    EXECUTE format('SET LOCAL ROLE %I', tested);
                    EXECUTE format(
                        CASE place.verb
                            WHEN 'SELECT' THEN 'SELECT %2$I FROM otalink.%1$I LIMIT 0'
                            WHEN 'INSERT' THEN 'INSERT INTO otalink.%1$I (%2$I) OVERRIDING SYSTEM VALUE SELECT NULL::%3$s WHERE false'
                            WHEN 'UPDATE' THEN 'UPDATE otalink.%1$I SET %2$I = DEFAULT WHERE false'
                            WHEN 'DELETE' THEN 'DELETE FROM otalink.%1$I WHERE false'
                            ELSE 'TRUNCATE otalink.%1$I'
                        END, place.relname, place.attname, place.type);
                    SET LOCAL ROLE NONE;
                    allowed := allowed || format('%s %s|%s', place.verb, place.relname, place.attname);
                EXCEPTION
                    -- Not allowed; or a view that cannot be written to.
                    WHEN insufficient_privilege OR object_not_in_prerequisite_state OR feature_not_supported THEN NULL;
                END;
            END LOOP;
            RETURN QUERY
            SELECT split_part(line, '|', 1) || ': ' || string_agg(split_part(line, '|', 2), ' ' ORDER BY number)
              FROM unnest(allowed) WITH ORDINALITY AS found (line, number)
             GROUP BY split_part(line, '|', 1)
             ORDER BY split_part(line, '|', 1) COLLATE "C";
        END
        $$
        """

    @Test("What a role had that nothing names is taken back when rights are granted again")
    func takenBack() async throws {
        try await withSchema(ofNextRelease: false) { (database) async throws in
            try await database.psql(
                """
                GRANT SELECT, UPDATE ON otalink.link TO otalink_mail;
                GRANT SELECT (key_hash) ON otalink.api_key TO otalink_inspector;
                SELECT otalink.grant_roles();
                """)
            let rights = try await database.psql(
                """
                SELECT has_any_column_privilege('otalink_mail', 'otalink.link', 'SELECT, UPDATE'),
                       has_column_privilege('otalink_inspector', 'otalink.api_key', 'key_hash', 'SELECT'),
                       has_column_privilege('otalink_inspector', 'otalink.api_key', 'name', 'SELECT')
                """)
            #expect(rights == "f|f|t")
        }
    }

    // MARK: - Customer users

    @Test("The mail filter's role renews copies of other backends, and changes no account of ours and no password")
    func guarded() async throws {
        try await withSchema(ofNextRelease: false) { (database) async throws in
            try await database.psql(
                """
                INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name, pw, backend)
                VALUES ('own', 'own@example.org', 'c', 'F', 'L', 'hash', ''), ('copy', 'copy@example.org', 'c', 'F', 'L', '*', 'LDAP')
                """)
            let refused = [
                "UPDATE otalink.customer_user SET email = 'eve@example.net' WHERE login = 'own'",
                "UPDATE otalink.customer_user SET valid_id = 2 WHERE login = 'own'",
                "UPDATE otalink.customer_user SET pw = 'known' WHERE login = 'copy'",
                "UPDATE otalink.customer_user SET backend = '' WHERE login = 'copy'",
                "INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name, pw) VALUES ('new', 'e@example.net', 'c', '', '', 'known')",
                "INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name, pw, backend) VALUES ('new', 'e@example.net', 'c', '', '', 'known', 'LDAP')",
            ]
            for statement in refused {
                await #expect(throws: (any Error).self, "\(statement)") {
                    try await database.psql("SET ROLE otalink_mail; \(statement)")
                }
            }
            let allowed = [
                "UPDATE otalink.customer_user SET email = 'new@example.org', pw = '' WHERE login = 'copy'",
                "INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name) VALUES ('n@example.net', 'N@example.net', 'n@example.net', '', '')",
            ]
            for statement in allowed { try await database.psql("SET ROLE otalink_mail; \(statement)") }
            // The desk and we ourselves change them as before.
            try await database.psql(
                "SET ROLE otalink_desk; UPDATE otalink.own_customer_user SET email = 'o@example.org', pw = 'x' WHERE login = 'own'"
            )
            try await database.psql("UPDATE otalink.customer_user SET valid_id = 2 WHERE login = 'own'")
            let rows = try await database.psql("SELECT login, email, pw FROM otalink.customer_user ORDER BY login")
            #expect(rows == "copy|new@example.org|\nn@example.net|N@example.net|\nown|o@example.org|x")
        }
    }

    @Test(
        "The mail filter's role makes accounts of addresses and writes the filter's events, no others",
        arguments: [false, true])
    func filterOnly(isNext: Bool) async throws {
        try await withSchema(ofNextRelease: isNext) { (database) async throws in
            let longest = String(repeating: "a", count: 230) + "@example.net"
            func account(_ login: String, _ email: String, _ customerID: String) -> String {
                "INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name) VALUES ('\(login)', '\(email)', '\(customerID)', '', '')"
            }
            func event(_ name: String) -> String { "INSERT INTO otalink.audit_event (event) VALUES ('\(name)')" }
            let refused = [
                // The desk's name of somebody who is not copied yet, with another's address.
                account("boss", "eve@example.net", "eve@example.net"),
                account("boss@example.org", "eve@example.net", "eve@example.net"),
                // Somebody else's company.
                account("eve@example.net", "eve@example.net", "ACME"),
                "INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name, valid_id) VALUES ('e@example.net', 'e@example.net', 'e@example.net', '', '', 2)",
                event("link.redeemed"), event("session.revoked"), event("setting.changed"), event("desk_event.refused"),
            ]
            for statement in refused {
                await #expect(throws: (any Error).self, "\(statement)") {
                    try await database.psql("SET ROLE otalink_mail; \(statement)")
                }
            }
            let allowed =
                [
                    account("n@example.net", "n@example.net", "n@example.net"),
                    // The release before cuts the login to what the column holds.
                    account(String(longest.prefix(200)), longest, longest),
                ] + ["customer.created", "customer.backend_read_only", "mail.fields_removed", "mail.passed"].map(event)
            for statement in allowed { try await database.psql("SET ROLE otalink_mail; \(statement)") }
            // Our own user and the desk write as before.
            try await database.psql(account("boss", "boss@example.org", "ACME") + ";" + event("link.redeemed"))
            try await database.psql(
                "SET ROLE otalink_desk; INSERT INTO otalink.own_customer_user (login, email, customer_id, first_name, last_name, valid_id, create_time, create_by, change_time, change_by) VALUES ('there', 't@example.org', 'ACME', 'T', 'T', 1, now(), 2, now(), 2)"
            )
            for change in ["SET id = 99", "SET create_time = now()", "SET create_by = 1"] {
                await #expect(throws: (any Error).self, "\(change)") {
                    try await database.psql("SET ROLE otalink_desk; UPDATE otalink.own_customer_user \(change)")
                }
            }
            let logins = try await database.psql("SELECT left(login, 4) FROM otalink.customer_user ORDER BY login")
            #expect(logins == "aaaa\nboss\nn@ex\nther")
        }
    }

    @Test(
        "The filter of the release before renews copies with its rights until the next release",
        arguments: [false, true])
    func filterOfTheReleaseBefore(isNext: Bool) async throws {
        try await withSchema(ofNextRelease: isNext) { (database) async throws in
            // Its statements, as they were released.
            let find = """
                SELECT login, email, customer_id, first_name, last_name, valid_id = 1, COALESCE(pw, '') <> '', backend, preferences_value
                  FROM otalink.customer_user
                  LEFT JOIN otalink.customer_preference ON user_id = login AND preferences_key = 'UserLanguage'
                 WHERE lower(email COLLATE "C") = 'copy@example.org'
                """
            let keep = """
                INSERT INTO otalink.customer_user AS known
                       (backend, login, email, customer_id, first_name, last_name, valid_id, pw)
                VALUES ('LDAP', 'copy', 'copy@example.org', 'c', 'F', 'L', 1, '*')
                    ON CONFLICT (login) DO UPDATE
                   SET email = excluded.email, customer_id = excluded.customer_id, first_name = excluded.first_name,
                       last_name = excluded.last_name, valid_id = excluded.valid_id, pw = excluded.pw, change_time = now()
                 WHERE known.backend = excluded.backend
                   AND (known.email, known.customer_id, known.first_name, known.last_name, known.valid_id, known.pw)
                       IS DISTINCT FROM
                       (excluded.email, excluded.customer_id, excluded.first_name, excluded.last_name, excluded.valid_id,
                        excluded.pw)
                """
            for statement in [keep, keep, find] {
                let isRefused = await Result(
                    catching: { try await database.psql("SET ROLE otalink_mail; \(statement)") }
                ).isFailure
                #expect(isRefused == isNext)
            }
        }
    }
}
