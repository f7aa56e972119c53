import DeskReports
import Foundation
import LinkActs
import LinkStore
import Logging
import MailMessage
import OneTimeLinks
import PostgresClient
import ReplicaSupport
import TestSupport
import Testing

@testable import Customers
@testable import IncomingMail

@Suite("Customer users in the desk's own database")
struct CustomerDirectoryTests {
    private static let setting = CustomerDatabaseSetting(#"{"Backend":"CustomerUser"}"#)

    /// A desk's database with the columns of the family's own tables.
    private func withDeskDatabase(
        _ setting: CustomerDatabaseSetting? = setting, tables: String = deskTables,
        _ body: @escaping @Sendable ([Replica], CustomerDirectory, TestDatabase, TestDatabase) async throws -> Void
    ) async throws {
        let setting = try #require(setting)
        try await withReplicas { (replicas, _, database) async throws in
            try await PostgresCluster.shared().database { (desk) async throws in
                try await desk.psql(tables)
                try await desk.withClient { (client) async throws in
                    let zone = try #require(TimeZone(identifier: "Asia/Tokyo"))
                    let directory = CustomerDirectory(
                        store: replicas[0].store,
                        table: DeskCustomerTable(client: client, setting: setting, zone: zone),
                        declared: ["otalink", setting.backend])
                    try await body(replicas, directory, database, desk)
                }
            }
        }
    }

    private static let deskTables = """
        CREATE TABLE customer_user (
            id serial PRIMARY KEY, login varchar(200) NOT NULL UNIQUE, email varchar(150) NOT NULL,
            customer_id varchar(150) NOT NULL, pw varchar(128), first_name varchar(100) NOT NULL,
            last_name varchar(100) NOT NULL, valid_id smallint NOT NULL, create_time timestamp(0) NOT NULL,
            create_by integer NOT NULL, change_time timestamp(0) NOT NULL, change_by integer NOT NULL);
        CREATE TABLE customer_preferences (
            user_id varchar(250) NOT NULL, preferences_key varchar(150) NOT NULL, preferences_value varchar(250));
        INSERT INTO customer_user (login, email, customer_id, pw, first_name, last_name, valid_id, create_time, create_by, change_time, change_by)
        VALUES ('kunde1', 'Known@Example.net', 'ACME', 'x', 'K', 'N', 1, now(), 1, now(), 1),
               ('kunde0', 'known@example.net', 'ACME', '', 'K', 'N', 1, now(), 1, now(), 1),
               ('kunde2', 'gone@example.net', 'ACME', NULL, 'G', 'N', 2, now(), 1, now(), 1);
        """

    private func mail(_ from: String) -> HeaderBlock {
        HeaderBlock(parsing: Array("From: \(from)\r\nSubject: s\r\n\r\n".utf8))
    }

    private func filter(
        _ replica: Replica, _ directory: CustomerDirectory,
        _ setting: String = #"{"CustomerUserBackend":"CustomerUser","SetCheckBoxName":"Box"}"#
    ) -> InboundFilter {
        inboundFilter(replica, directory: directory) {
            $0.create = CreateCustomerUserSetting(setting)
            $0.preferences = ["UserLanguage": "de"]
        }
    }

    @Test("Whoever the desk knows is named as the desk knows them, and a copy lets their links be mailed")
    func known() async throws {
        try await withDeskDatabase { (replicas, directory, database, desk) async throws in
            let filtered = try await filter(replicas[0], directory)(mail("known@example.net"), envelopeSender: nil)
            #expect(filtered.outcome == .known(login: "kunde0"))
            #expect(filtered.header.first(named: "X-OTOBO-CustomerNo")?.value == "ACME")
            #expect(filtered.header.first(named: "X-OTOBO-DynamicField-Box")?.value == "1")
            let copies = try await database.psql(
                "SELECT login, backend, pw FROM otalink.customer_user WHERE backend <> '' ORDER BY login")
            #expect(copies == "kunde0|CustomerUser|\nkunde1|CustomerUser|*")
            let off = try await filter(replicas[0], directory)(mail("gone@example.net"), envelopeSender: nil)
            #expect(off.outcome == .switchedOff)
            // What the desk changes is seen with the next mail.
            try await desk.psql("UPDATE customer_user SET valid_id = 2 WHERE login = 'kunde0'")
            let next = try await filter(replicas[0], directory)(mail("known@example.net"), envelopeSender: nil)
            #expect(next.outcome == .known(login: "kunde1"))
            #expect(try await replicas[0].store.customerUsers.find(login: "kunde0")?.isValid == false)
        }
    }

    @Test("The mail filter names whom the desk knows and changes no copy; a replica renews it with the ticket")
    func renewedByReplicas() async throws {
        try await withDeskDatabase { (replicas, _, database, desk) async throws in
            try await desk.withClient { (client) async throws in
                let setting = try #require(Self.setting)
                let table = DeskCustomerTable(client: client, setting: setting, zone: .gmt)
                let store = replicas[0].store
                let directory = CustomerDirectory(
                    store: store, table: table, declared: ["otalink", "CustomerUser"], renewsCopies: false)
                let filter = filter(replicas[0], directory)
                let copies = "SELECT login, email, pw FROM otalink.customer_user WHERE backend <> '' ORDER BY login"
                #expect(
                    try await filter(mail("known@example.net"), envelopeSender: nil).outcome == .known(login: "kunde0"))
                #expect(
                    try await filter(mail("Nora <nora@example.com>"), envelopeSender: nil).outcome
                        == .created(login: "nora@example.com"))
                #expect(try await database.psql(copies) == "")

                var ticket = try exampleTicket()
                ticket.customerLogin = "kunde1"
                let system = ExampleDesk([ticket])
                let keeper = TicketKeeper(
                    tickets: store.tickets, desk: system, patience: .seconds(60), logger: .quiet,
                    renewCopy: CopyRenewal(store: store, patience: .seconds(60), logger: .quiet) { table })
                let now = try await store.tickets.now()
                _ = try await keeper.read(from: ticket.number, at: now)
                #expect(try await database.psql(copies) == "kunde1|Known@Example.net|*")
                try await desk.psql(
                    "UPDATE customer_user SET email = 'new@example.net', pw = '' WHERE login = 'kunde1'")
                _ = try await keeper.read(from: ticket.number, at: now)
                #expect(try await database.psql(copies) == "kunde1|new@example.net|")
                // Who was never copied is, when a link is asked for.
                let issue = IssueLink(store: store, keys: replicas[0].keys, keeper: keeper)
                _ = try await issue(
                    ticketNumber: ticket.number, customerLogin: "nora@example.com", settings: Settings(), actor: "test",
                    context: .none)
                #expect(try await database.psql(copies).contains("nora@example.com|nora@example.com|"))
            }
        }
    }

    @Test("Somebody in a table of the desk's that cannot be read is not told to be nobody, on any road")
    func unreadable() async throws {
        try await withDeskDatabase { (replicas, _, _, desk) async throws in
            try await desk.withClient { (client) async throws in
                let setting = try #require(Self.setting)
                let table = DeskCustomerTable(client: client, setting: setting, zone: .gmt)
                let (store, keys) = (replicas[0].store, replicas[0].keys)
                var ticket = try exampleTicket()
                ticket.customerLogin = "kunde0"
                let (number, ticketID, system) = (ticket.number, ticket.ticketID, ExampleDesk([ticket]))
                let keeper = TicketKeeper(
                    tickets: store.tickets, desk: system, patience: .seconds(60), logger: .quiet,
                    renewCopy: CopyRenewal(store: store, patience: .seconds(60), logger: .quiet) { table })
                let settings = Settings(stored: [SettingName.mailFirstLink: "1"])
                let reception = DeskReception(store: store, desk: system, logger: .quiet) { settings in
                    CustomerDirectory(store: store, table: nil, declared: settings.customerBackends)
                }
                let linkRequest = LinkRequest(
                    id: .version7(), ticketNumber: number, email: "known@example.net", language: "en",
                    createdAt: try await store.tickets.now(), context: .none)
                let roads: [(String, @Sendable () async throws -> String)] = [
                    (
                        "a link in hand",
                        {
                            let issue = IssueLink(store: store, keys: keys, keeper: keeper)
                            return
                                "\(try await issue(ticketNumber: number, customerLogin: "kunde0", settings: settings, actor: "test", context: .none))"
                        }
                    ),
                    (
                        "a mail of the desk's",
                        {
                            let offer = OfferLink(store: store, keys: keys, keeper: keeper)
                            let wanted = LinkOffer(
                                ticketNumber: number, customerLogin: nil, recipient: "known@example.net", mailKey: [1])
                            return "\(try await offer(wanted, settings: settings, actor: "test", context: .none))"
                        }
                    ),
                    (
                        "a link request",
                        {
                            "\(try await AnswerLinkRequest(store: store, keys: keys, keeper: keeper)(linkRequest, settings: settings))"
                        }
                    ),
                    (
                        "an event of the desk",
                        {
                            let take = TakeDeskEvent(store: store, keys: keys, keeper: keeper, reception: reception)
                            let hint = DeskEventHint(ticketID: ticketID, event: .ticketCreate)
                            return "\(try await take(hint, settings: settings, context: .none))"
                        }
                    ),
                ]
                try await desk.psql("ALTER TABLE customer_user RENAME TO away")
                for (name, road) in roads {
                    await #expect(throws: CustomerTableUnreadable.self, "\(name)") { try await road() }
                }
                try await desk.psql("ALTER TABLE away RENAME TO customer_user")
                #expect(try await roads[3].1() != "noted")
                for (name, road) in roads.prefix(3) {
                    let told = try await road()
                    #expect(!told.contains("unknown"), "\(name): \(told)")
                }
            }
        }
    }

    @Test("Newcomers are created at the desk with their preferences, once, though twenty mails race")
    func created() async throws {
        try await withDeskDatabase { (replicas, directory, database, desk) async throws in
            let filter = filter(replicas[0], directory)
            let outcomes = try await withThrowingTaskGroup(of: InboundOutcome.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await filter(self.mail("Nora Newman <Nora@example.com>"), envelopeSender: nil).outcome
                    }
                }
                return try await group.reduce(into: [InboundOutcome]()) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == .created(login: "nora@example.com") }.count == 1)
            #expect(outcomes.filter { $0 == .known(login: "nora@example.com") }.count == 19)
            let row = try await desk.psql(
                """
                SELECT login, email, customer_id, first_name, last_name, valid_id, create_by,
                       abs(extract(epoch FROM create_time - (now() AT TIME ZONE 'Asia/Tokyo'))) < 60
                  FROM customer_user WHERE login LIKE 'nora%'
                """)
            #expect(row == "nora@example.com|nora@example.com|nora@example.com|Nora|Newman|1|1|t")
            #expect(try await desk.psql("SELECT * FROM customer_preferences") == "nora@example.com|UserLanguage|de")
            let copy = try await database.psql("SELECT backend FROM otalink.customer_user WHERE login LIKE 'nora%'")
            #expect(copy == "CustomerUser")
            let told = try await database.psql(
                "SELECT count(*) FROM otalink.audit_event WHERE event = 'customer.created' AND reason = 'CustomerUser'")
            #expect(told == "1")
        }
    }

    @Test("With our own table as the backend, newcomers are ours, and the desk's people get no mark")
    func ownBackend() async throws {
        try await withDeskDatabase { (replicas, directory, database, desk) async throws in
            let filter = filter(replicas[0], directory, #"{"CustomerUserBackend":"otalink","SetCheckBoxName":"Box"}"#)
            let made = try await filter(mail("nora@example.com"), envelopeSender: nil)
            #expect(made.outcome == .created(login: "nora@example.com"))
            #expect(made.header.first(named: "X-OTOBO-DynamicField-Box")?.value == "1")
            let known = try await filter(mail("known@example.net"), envelopeSender: nil)
            #expect(known.outcome == .known(login: "kunde0"))
            #expect(known.header.first(named: "X-OTOBO-DynamicField-Box") == nil)
            #expect(try await desk.psql("SELECT count(*) FROM customer_user") == "3")
        }
    }

    @Test("A row of the desk's table without a login costs nobody their mail")
    func withoutLogin() async throws {
        try await withDeskDatabase { (replicas, directory, _, desk) async throws in
            try await desk.psql(
                "ALTER TABLE customer_user ALTER COLUMN login DROP NOT NULL; UPDATE customer_user SET login = NULL WHERE email = 'known@example.net'"
            )
            #expect(try await directory.find(email: "known@example.net").map(\.login) == ["kunde1"])
        }
    }

    @Test("What the desk's table does not take lets the mail pass; a table that is away keeps it")
    func refused() async throws {
        try await withDeskDatabase { (replicas, directory, _, desk) async throws in
            try await desk.psql("ALTER TABLE customer_user ADD CONSTRAINT odd CHECK (login NOT LIKE 'odd%')")
            let outcome = try await filter(replicas[0], directory)(mail("odd@example.com"), envelopeSender: nil).outcome
            #expect(outcome == .refusedByBackend)
            try await desk.psql("ALTER TABLE customer_user RENAME TO elsewhere")
            await #expect(throws: PostgresError.self) {
                _ = try await filter(replicas[0], directory)(mail("known@example.net"), envelopeSender: nil)
            }
        }
    }

    @Test(
        "A table that we may only read decides: the mail goes on without a customer user, and it is said once a minute",
        arguments: [
            ["REVOKE INSERT ON customer_user FROM reader"], ["REVOKE INSERT ON customer_preferences FROM reader"],
            ["REVOKE USAGE ON SEQUENCE customer_user_id_seq FROM reader"],
            ["ALTER ROLE reader SET default_transaction_read_only = on"],
        ])
    func readOnly(statements: [String]) async throws {
        try await withReplicas { (replicas, _, database) async throws in
            try await PostgresCluster.shared().database { (desk) async throws in
                let role = "reader_" + UUID().uuidString.replacing("-", with: "").lowercased()
                func run(_ sql: String) async throws { try await desk.psql(sql.replacing("reader", with: role)) }
                try await desk.psql(Self.deskTables)
                try await run(
                    """
                    CREATE ROLE reader LOGIN;
                    GRANT SELECT, INSERT ON customer_user TO reader; GRANT INSERT ON customer_preferences TO reader;
                    GRANT USAGE ON SEQUENCE customer_user_id_seq TO reader;
                    """)
                let lines = LogLines()
                /// What a mail comes to, with connections of its own: they keep what their role had.
                func outcome(_ from: String) async throws -> (InboundOutcome, grants: [String], mayWrite: Bool) {
                    let client = PostgresClient(
                        PostgresConfiguration(
                            url: desk.url.replacing("//postgres@", with: "//\(role)@"), connections: 1), logger: .quiet)
                    let table = DeskCustomerTable(client: client, setting: try #require(Self.setting), zone: .gmt)
                    let directory = CustomerDirectory(
                        store: replicas[0].store, table: table, declared: ["CustomerUser"],
                        logger: Logger(label: "test") { _ in lines })
                    let result = await Result {
                        let filtered = try await filter(replicas[0], directory)(mail(from), envelopeSender: nil)
                        let mayWrite = await Result { try await table.tryCreating() }
                        return (filtered.outcome, try await table.grants(), (try? mayWrite.get()) != nil)
                    }
                    await client.close()
                    return try result.get()
                }
                let before = try await outcome("first@example.com")
                #expect(before.0 == .created(login: "first@example.com") && before.mayWrite)
                #expect(
                    before.grants == [
                        "GRANT SELECT, INSERT ON customer_user TO \(role);",
                        "GRANT INSERT ON customer_preferences TO \(role);",
                        "GRANT USAGE ON SEQUENCE customer_user_id_seq TO \(role);",
                    ])
                for statement in statements { try await run(statement) }
                for index in 0..<3 {
                    let after = try await outcome("new\(index)@example.com")
                    #expect(after.0 == .backendReadOnly && !after.mayWrite)
                }
                // Those who are there are named as ever.
                #expect(try await outcome("first@example.com").0 == .known(login: "first@example.com"))
                #expect(lines.all.count == 1)
                let told = try await database.psql(
                    """
                    SELECT event, reason, count(*) FROM otalink.audit_event
                     WHERE event IN ('mail.passed', 'customer.backend_read_only') GROUP BY event, reason ORDER BY event
                    """)
                #expect(told == "customer.backend_read_only|CustomerUser|1\nmail.passed|backend-read-only|3")
                // Trying leaves nothing.
                #expect(try await desk.psql("SELECT count(*) FROM customer_user") == "4")
                try await run("DROP OWNED BY reader; DROP ROLE reader")
            }
        }
    }

    @Test("A table with names of its own, without times, validity, passwords, preferences and unique keys")
    func foreignTable() async throws {
        let setting = CustomerDatabaseSetting(
            """
            {"Backend":"CRM","Table":"crm.Person","PreferencesTable":"","ForeignDB":1,
             "Map":{"UserLogin":"Mail","UserEmail":"Mail","UserCustomerID":"firm","UserFirstname":"given",
                    "UserLastname":"family","UserPassword":"","ValidID":""}}
            """)
        let tables = #"CREATE SCHEMA crm; CREATE TABLE crm."Person" ("Mail" text, firm text, given text, family text);"#
        try await withDeskDatabase(setting, tables: tables) { (replicas, directory, database, desk) async throws in
            let filter = filter(replicas[0], directory, #"{"CustomerUserBackend":"CRM"}"#)
            try await withThrowingDiscardingTaskGroup { group in
                for _ in 0..<10 {
                    group.addTask { _ = try await filter(self.mail("Nora <nora@example.com>"), envelopeSender: nil) }
                }
            }
            #expect(
                try await desk.psql(#"SELECT * FROM crm."Person""#) == "nora@example.com|nora@example.com|Nora|-")
            let copy = try await database.psql(
                "SELECT backend, valid_id, pw FROM otalink.customer_user WHERE login LIKE 'nora%'")
            #expect(copy == "CRM|1|")
        }
    }

    /// What a mail of somebody unknown comes to; whoever it creates is gone afterwards.
    private func outcome(
        declared: [String], _ replica: Replica, _ database: TestDatabase
    ) async throws -> InboundOutcome {
        let directory = CustomerDirectory(store: replica.store, table: nil, declared: declared)
        let outcome = try await filter(replica, directory, "{}")(mail("nora@example.com"), envelopeSender: nil).outcome
        try await database.psql("DELETE FROM otalink.customer_user WHERE login LIKE 'nora%'")
        return outcome
    }

    @Test("While the desk has a backend that we cannot look into, or nobody has said which it has, nobody is created")
    func unread() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let store = replicas[0].store
            @Sendable func outcome(_ declared: [String]) async throws -> InboundOutcome {
                try await self.outcome(declared: declared, replicas[0], database)
            }
            #expect(try await outcome([]) == .backendsUnread)
            #expect(try await outcome(["otalink", "LDAP"]) == .backendsUnread)
            #expect(try await outcome(["otalink"]) == .created(login: "nora@example.com"))
            _ = try await store.customerCopies.replace(
                backend: "LDAP", with: [], skipped: 0, mayShrink: true, actor: "test")
            #expect(try await outcome(["otalink", "LDAP"]) == .created(login: "nora@example.com"))
        }
    }

    @Test("A copied customer user gets links; one with a password gets the plain address; one switched off gets none")
    func links() async throws {
        try await withReplicas { (replicas, desk, _) async throws in
            func answer(isValid: Bool = true, hasPassword: Bool = false) async throws -> String {
                _ = try await replicas[0].store.customerCopies.replace(
                    backend: "LDAP",
                    with: [
                        CustomerUser(
                            login: "nora", email: "nora@example.com", customerID: "N", firstName: "N", lastName: "N",
                            isValid: isValid, hasPassword: hasPassword, backend: "LDAP")
                    ], skipped: 0, mayShrink: true, actor: "test")
                let answer = try await replicas[0].issue(
                    ticketNumber: exampleTicket().number, customerLogin: "nora", settings: Settings(), actor: "test",
                    context: .none)
                return String("\(answer)".prefix { $0 != "(" })
            }
            desk.change { state in
                for number in state.tickets.keys { state.tickets[number]?.customerLogin = "nora" }
            }
            #expect(try await answer() == "issued")
            #expect(try await answer(hasPassword: true) == "plainURL")
            #expect(try await answer(isValid: false) == "refused")
        }
    }
}
