import Foundation
import Migrator
import TestSupport
import Testing

@Suite("otalink customer, otalink desk and the database roles on the command line", .timeLimit(.minutes(10)))
struct CustomerCommandTests {
    private func run(
        _ arguments: [String], _ database: TestDatabase, user: String? = nil, environment: [String: String] = [:],
        input: String = ""
    ) async throws -> ChildProcess.Finished {
        let url = user.map { database.url.replacingOccurrences(of: "postgres@", with: "\($0)@") } ?? database.url
        return try await ChildProcess(
            Deployment.program, arguments,
            environment: ["OTALINK_DATABASE_URL": url, "OTALINK_BASE_URL": "https://tickets.example.org"].merging(
                environment
            ) { $1 },
            input: Data(input.utf8)
        ).finished()
    }

    private func withDatabase(_ body: @escaping @Sendable (TestDatabase) async throws -> Void) async throws {
        let migrations = RepositoryRoot.path + "/migrations"
        try await PostgresCluster.shared().migratedDatabase(migrations: migrations, body)
    }

    @Test("Import and sync copy a backend; what is wrong is told, and a command that fails changes nothing")
    func copies() async throws {
        try await withDatabase { (database) async throws in
            let imported = try await run(
                ["customer", "import", "LDAP", "-"], database,
                input: "login,email,has_password\nanna,anna@example.org,0\nb,,0\n")
            #expect(imported.status == 0)
            #expect(imported.output.contains("1 account: 1 added, 0 changed, 0 switched off"))
            #expect(imported.output.contains("1 more has no usable address"))
            let synced = try await run(
                ["customer", "sync", "LDAP", "--command", #"printf 'login\temail\nanna\tnew@example.org\n'"#], database)
            #expect(synced.output.contains("0 added, 1 changed"))
            let failed = try await run(
                ["customer", "sync", "LDAP", "--command", #"printf 'login\temail\n'; exit 3"#], database)
            #expect(failed.status == 1)
            #expect(failed.errors.contains("The command ended with 3; nothing was changed."))
            for words in [["import", "LDAP", "-"], ["sync", "LDAP", "--command", "echo login,email"]] {
                let empty = try await run(["customer"] + words, database, input: "login,email\n")
                #expect(empty.status == 1 && empty.errors.contains("say so with --allow-shrink"), "\(empty.errors)")
            }
            #expect(try await database.psql("SELECT email, valid_id FROM otalink.customer_user") == "new@example.org|1")
            let own = try await run(["customer", "import", "otalink", "-"], database)
            #expect(own.status != 0 && own.errors.contains("needs no copy"))
            let backends = try await run(["customer", "backends"], database)
            #expect(backends.output.contains("Nobody has said which customer backends the desk has"))
            #expect(backends.output.contains("LDAP  copied, but CustomerBackends does not name it"))
        }
    }

    @Test("The doctor says why unknown senders create nobody, until every backend is known")
    func doctor() async throws {
        try await withDatabase { (database) async throws in
            func verdict() async throws -> [String] {
                try await run(["doctor"], database).output.split(separator: "\n").map(String.init)
                    .filter { $0.contains(" customer users ") || $0.contains(" customer backend ") }
            }
            #expect(try await verdict().first?.contains("off: unknown senders create nobody") == true)
            try await database.psql(
                "INSERT INTO otalink.setting (name, value) VALUES ('PostMaster::PreFilterModule###000-CreateCustomerUser', '{}')"
            )
            #expect(try await verdict().first?.hasPrefix("failed") == true)
            try await database.psql(
                "INSERT INTO otalink.setting (name, value) VALUES ('CustomerBackends', 'LDAP, otalink')")
            let undone = try await verdict()
            #expect(undone.count == 2 && undone[0].contains("never copied") && undone[1].hasPrefix("good"))
            _ = try await run(["customer", "import", "LDAP", "-"], database, input: "login,email\na,a@example.org\n")
            #expect(try await verdict().allSatisfy { $0.hasPrefix("good") })
            try await database.psql("UPDATE otalink.customer_backend SET synced_at = now() - interval '3 days'")
            #expect(try await verdict().first?.hasPrefix("doubtful") == true)
            try await database.psql(
                "UPDATE otalink.setting SET value = '{\"CustomerUserBackend\":\"CRM\"}' WHERE name LIKE 'PostMaster%'")
            #expect(try await verdict().contains { $0.contains("the backend CRM, which we cannot write to") })
        }
    }

    @Test("The desk's own database is read by sync, and by the filter; without its address both say what is missing")
    func deskDatabase() async throws {
        try await withDatabase { (database) async throws in
            try await database.psql(
                """
                CREATE TABLE public.people (login text, email text, customer_id text, first_name text, last_name text, pw text, valid_id int);
                INSERT INTO public.people SELECT 'p' || n, 'p' || n || '@example.org', 'c', 'F', 'L', '', 1 FROM generate_series(1, 12000) n;
                INSERT INTO otalink.setting (name, value)
                VALUES ('CustomerDatabase', '{"Backend":"CustomerUser","Table":"people"}'), ('CustomerBackends', 'CustomerUser, otalink'),
                       ('PostMaster::PreFilterModule###000-CreateCustomerUser', '{}');
                """)
            let reach = ["OTALINK_CUSTOMER_DATABASE_URL": database.url]
            let synced = try await run(["customer", "sync", "CustomerUser"], database, environment: reach)
            #expect(synced.output.contains("12000 accounts: 12000 added"))
            let filtered = try await run(
                ["mail", "inbound"], database, environment: reach, input: "From: P7@example.org\n\nx")
            // A mail without a Message-ID gets one, so that its verdict is found again.
            let named = filtered.output.replacing(/Message-ID: <[0-9a-f-]{36}@otalink\.invalid>\n/, with: "")
            #expect(
                named
                    == "X-OTOBO-CustomerUser: p7\nX-OTOBO-CustomerNo: c\nX-OTRS-CustomerUser: p7\nX-OTRS-CustomerNo: c\nFrom: P7@example.org\n\nx"
            )
            #expect(named != filtered.output)
            let unset = try await run(["mail", "inbound"], database, input: "From: P7@example.org\n\nx")
            #expect(unset.status == 75 && unset.output == "")
            #expect(unset.errors.contains("OTALINK_CUSTOMER_DATABASE_URL is missing"))
        }
    }

    @Test(
        "A table of the desk's that cannot be read is told as that, also while nobody is created",
        arguments: ["right", "port", "variable"])
    func unreadableTable(missing: String) async throws {
        try await withDatabase { (database) async throws in
            let role = "reader_" + UUID().uuidString.replacing("-", with: "").lowercased()
            try await database.psql(
                """
                CREATE ROLE \(role) LOGIN;
                CREATE TABLE public.people (login text, email text, customer_id text, first_name text, last_name text, pw text, valid_id int);
                INSERT INTO public.people VALUES ('p', 'p@example.org', 'c', 'F', 'L', '', 1);
                INSERT INTO otalink.setting (name, value)
                VALUES ('CustomerDatabase', '{"Backend":"CustomerUser","Table":"people"}'), ('CustomerBackends', 'CustomerUser, otalink');
                INSERT INTO otalink.ticket (ticket_number, ticket_id, title, state, state_type, queue, customer_login, customer_id, is_visible, read_at)
                VALUES ('2026112510000018', 3, 'T', 'open', 'open', 'Raw', 'p', 'c', true, now());
                """)
            let user = database.url.replacing("//postgres@", with: "//\(role)@")
            let port = try #require(user.firstMatch(of: /:(\d+)\//)?.1)
            var environment = [
                "OTALINK_SECRET_KEYS": try await run(["keys", "generate"], database).output,
                "OTALINK_DESK_URL": "http://127.0.0.1:1/otalink", "OTALINK_DESK_LOGIN": "otalink",
                "OTALINK_DESK_PASSWORD": "x", "OTALINK_DESK_TICKET_URL": "https://desk.example.org/",
            ]
            let (url, reason): (String?, String) =
                switch missing {
                case "right": (user, "permission denied for table people")
                case "port": (user.replacing(":\(port)/", with: ":1/"), "cannot be reached")
                default: (nil, "OTALINK_CUSTOMER_DATABASE_URL is missing")
                }
            environment["OTALINK_CUSTOMER_DATABASE_URL"] = url
            let issued = try await run(
                ["link", "issue", "--ticket", "2026112510000018", "--customer", "p"], database, environment: environment
            )
            #expect(issued.status == 75 && issued.output.isEmpty)
            #expect(
                issued.errors.contains("table of customer users cannot be read") && issued.errors.contains(reason),
                "\(issued.errors)")
            let doctor = try await run(["doctor"], database, environment: environment).output.split(separator: "\n")
                .filter { $0.contains("desk's customer table") }
            #expect(doctor.count == 1 && doctor[0].hasPrefix("failed") && doctor[0].contains(reason), "\(doctor)")
            let backends = try await run(["customer", "backends"], database, environment: environment).output
            #expect(
                backends.contains("CustomerUser  is to be read in the desk's database, and cannot be")
                    && backends.contains(reason))
            if missing == "right" {
                #expect(doctor[0].contains("GRANT SELECT ON people TO \(role);"))
                try await database.psql("GRANT SELECT ON people TO \(role)")
                let readable = try await run(["customer", "backends"], database, environment: environment).output
                #expect(readable.contains("CustomerUser  read in the desk's database"))
                let mended = try await run(
                    ["link", "issue", "--ticket", "2026112510000018", "--customer", "p"], database,
                    environment: environment)
                #expect(mended.status == 0, "\(mended.errors)")
            }
            try await database.psql("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    @Test("What a role may do no more is named by the migration that takes it back")
    func takenBack() async throws {
        try await withDatabase { (database) async throws in
            #expect(try await !run(["migrate", "up"], database).output.contains("taken back"))
            try await database.psql(
                "GRANT SELECT (id, ended_at), DELETE ON otalink.link TO otalink_mail; GRANT UPDATE (email) ON otalink.customer_user TO otalink_desk"
            )
            let migrated = try await run(["migrate", "up"], database)
            for line in [
                "taken back: SELECT (ended_at, id) ON otalink.link FROM otalink_mail",
                "taken back: DELETE ON otalink.link FROM otalink_mail",
                "taken back: UPDATE (email) ON otalink.customer_user FROM otalink_desk",
            ] {
                #expect(migrated.output.split(separator: "\n").contains { $0 == line }, "\(migrated.output)")
            }
            #expect(try await !run(["migrate", "up"], database).output.contains("taken back"))
        }
    }

    @Test(
        "The role of the mail host filters mail, and sees neither links nor sessions, with the rights of this release and of the next",
        arguments: [false, true])
    func mailRole(ofNextRelease isNext: Bool) async throws {
        try await withDatabase { (database) async throws in
            if isNext {
                try await database.withClient { (client) async throws in
                    let directory = try MigrationDirectory.load(RepositoryRoot.path + "/migrations").ofNextRelease()
                    #expect(try await !Migrator(client: client, directory: directory, logger: .quiet).up().isEmpty)
                }
            }
            let user = "mailhost_\(database.name)"
            try await database.psql(
                """
                SELECT otalink.grant_roles();
                CREATE USER \(user) IN ROLE otalink_mail;
                INSERT INTO otalink.setting (name, value)
                VALUES ('CustomerBackends', 'otalink'), ('NewCustomerUsersPerHour', '100'),
                       ('PostMaster::PreFilterModule###000-CreateCustomerUser', '{}');
                """)
            let mail =
                "From: Nora <nora@example.net>\nMessage-ID: <0198c2f0-0000-7000-8000-000000000000@c0de.x>\nX-OTOBO-Queue: Junk\nIn-Reply-To: <0198c2f0-0000-7000-8000-000000000000@x>\n\nx\n"
            for word in ["created", "known"] {
                let filtered = try await run(
                    ["mail", "inbound"], database, user: user, environment: ["OTALINK_LOG_LEVEL": "info"], input: mail)
                #expect(filtered.status == 0, "\(filtered.errors)")
                #expect(filtered.errors.contains("outcome=\(word)"))
            }
            for table in ["link", "session", "api_key", "job_run", "notification"] {
                await #expect(throws: (any Error).self, "\(table)") {
                    try await database.psql("SET ROLE \(user); SELECT count(*) FROM otalink.\(table)")
                }
            }
            await #expect(throws: (any Error).self) {
                try await database.psql("SET ROLE \(user); UPDATE otalink.setting SET value = '0'")
            }
            #expect(try await database.psql("SELECT verdict FROM otalink.mail_verdict") == "person")
            for change in ["UPDATE otalink.mail_verdict SET verdict = 'person'", "DELETE FROM otalink.mail_verdict"] {
                await #expect(throws: (any Error).self) {
                    try await database.psql("SET ROLE \(user); \(change)")
                }
            }
            try await database.psql("DROP OWNED BY \(user); DROP USER \(user)")
        }
    }

    @Test("Without the right to create roles, the migration prints what a superuser has to run")
    func printedGrants() async throws {
        let cluster = try await PostgresCluster(settings: [])
        try await cluster.database { (database) async throws in
            try await database.psql("CREATE USER owner; GRANT CREATE ON DATABASE \(database.name) TO owner")
            let migrated = try await run(["migrate", "up"], database, user: "owner")
            #expect(migrated.status == 0, "\(migrated.errors)")
            let statements = try #require(migrated.output.components(separatedBy: "if the roles are wanted:").last)
            #expect(statements.contains("CREATE ROLE otalink_mail NOLOGIN;"))
            // They are right: run as they stand, they leave nothing to say.
            try await database.psql(statements)
            let again = try await run(["migrate", "up"], database, user: "owner")
            #expect(!again.output.contains("CREATE ROLE"))
        }
    }

    @Test("The lines for the desk's configuration are Perl that names our view, and the web service has our operations")
    func deskConfiguration() async throws {
        try await withDatabase { (database) async throws in
            let printed = try await run(["desk", "config", "--number", "3"], database)
            #expect(printed.status == 0)
            // Read by Perl itself, as the desk reads it.
            let check = """
                my $Self = {}; \(printed.output)
                my $b = $Self->{CustomerUser3}; my %m = map { $_->[0] => $_->[2] } @{ $b->{Map} };
                print join '|', $b->{Params}{Table}, $b->{Params}{DSN}, $m{UserLogin}, $m{UserEmail}, $m{ValidID},
                    $Self->{MailQueue}{ItemMaxAttempts}, $Self->{'Customer::AuthModule::DB::DSN2'} eq $b->{Params}{DSN};
                """
            let perl = try await ChildProcess.run("perl", ["-Mstrict", "-w", "-"], input: Data(check.utf8))
            let url = "dbname=\(database.name);host=127.0.0.1;port=\(database.cluster.port)"
            #expect(perl.output == "otalink.own_customer_user|DBI:Pg:\(url)|login|email|valid_id|60|1")
            // Without a database there are examples to be filled in, and nothing is asked.
            let bare = try await ChildProcess(Deployment.program, ["desk", "config"], environment: [:]).finished()
            #expect(bare.status == 0 && bare.output.contains("dbname=otalink;host=db.example.org;port=5432"))
            let columns = try await database.psql(
                "SELECT string_agg(column_name, ' ') FROM information_schema.columns WHERE table_name = 'own_customer_user'"
            ).split(separator: " ").map(String.init)
            for match in printed.output.matches(of: /\[ '[A-Za-z]+', '[^']+', '([a-z_]+)'/) {
                #expect(columns.contains(String(match.1)))
            }
            let service = try await run(["desk", "config", "--web-service"], database)
            #expect(service.output.contains("Host: https://tickets.example.org\n"))
            #expect(service.output.contains("Route: /Ticket/:TicketID"))
            #expect(service.output.contains("Type: Generic::PassThrough"))
        }
    }
}
