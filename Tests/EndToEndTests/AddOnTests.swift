import CurlClient
import DemoDesk
import Foundation
import MailMessage
import ReplicaSupport
import SMTPSink
import TestSupport
import Testing

@Suite("Moving over from the add-on", .timeLimit(.minutes(10)))
struct AddOnTests {
    private static let number = "2026112510000018"
    private static let old = "AAAAAAAAAAAAAAAAAAAAAAA1"
    private static let new = "AAAAAAAAAAAAAAAAAAAAAAA2"

    /// A dump of a real desk's kind: two tokens of Anna Example's, of which today's took the place of yesterday's, and one of somebody unknown.
    private var dump: String {
        func text(_ hoursAgo: Double) -> String {
            Date().addingTimeInterval(-hoursAgo * 3600).ISO8601Format().replacing("T", with: " ").replacing(
                "Z", with: "")
        }
        func row(_ token: String, _ user: String, _ used: Int, _ hours: Double, changed: Double? = nil) -> String {
            "('\(token)','\(Self.number)','\(user)',\(used),'\(text(changed ?? hours))','\(text(hours))')"
        }
        return """
            -- MariaDB dump 10.19  Distrib 10.11.6-MariaDB
            CREATE TABLE `ota_tokens` (
              `token` varchar(64) NOT NULL,
              `ticket_number` varchar(64) NOT NULL,
              `user` varchar(191) NOT NULL,
              `used` int(11) NOT NULL,
              `change_time` datetime NOT NULL,
              `create_time` datetime NOT NULL
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
            INSERT INTO `ota_tokens` VALUES
            \(row(Self.old, "anna", 1, 30, changed: 3)),
            \(row(Self.new, "anna", 2, 3)),
            \(row("AAAAAAAAAAAAAAAAAAAAAAA3", "nobody", 2, 3));

            """
    }

    private func path(_ token: String) -> String {
        "/otobo/customer.pl?Action=CustomerTicketZoom;TicketNumber=\(Self.number);OTAToken=\(token)"
    }

    @Test("From a dump to the ticket, and from the old link in the mailbox to a mail with a fresh one")
    func wholeWay() async throws {
        try await withDeployment { (deployment) async throws in
            await deployment.desk.seed(
                DemoTicket(
                    ticketID: 1, number: Self.number, title: "Printer on fire", state: .open, customerLogin: "anna",
                    customerID: "Example", created: Date(), changed: Date()))
            _ = try await deployment.otalink(
                "customer", "import", "LDAP", "-",
                input: Data("login,email,has_password\nanna,anna@example.org,0\n".utf8))

            // Before the import nothing is looked for; after it, replicas that run already know.
            let anna = deployment.browser(on: 1)
            #expect(try await anna.get(path(Self.new)).status == 410)
            let dry = try await deployment.otalink("import", "add-on", "-", "--dry-run", input: Data(dump.utf8)).output
            #expect(dry.contains("3 rows: 2 would be imported, 0 already there, 0 expired, 1 refused"))
            #expect(dry.contains("imported: 1 active, 0 superseded, 1 used"))
            #expect(try await deployment.database.psql("SELECT count(*) FROM otalink.link") == "0")
            let json = try await deployment.otalink("import", "add-on", "-", "--json", input: Data(dump.utf8)).output
            #expect(json.contains("\"active\" : 1") && json.contains("\"used\" : 1"))
            #expect(json.contains("\"imported\" : 2") && json.contains("\"customer-unknown\" : {"))
            let again = try await deployment.otalink("import", "add-on", "-", input: Data(dump.utf8)).output
            #expect(again.contains("3 rows: 0 imported, 2 already there, 0 expired, 1 refused"))
            #expect(again.contains("no customer user of that login with an address"))
            let keys = try await deployment.otalink("keys", "list").output
            #expect(!keys.contains("MISSING") && keys.split(separator: "\n").count == 1)

            // The newer link signs in on either replica.
            while try await anna.get(path(Self.new)).status == 410 { try await giveWay() }
            let signedIn = try await anna.press(try await anna.get(path(Self.new)))
            #expect(signedIn.status == 303 && signedIn.header("Location") == "/t/\(Self.number)")
            #expect(try await anna.get("/t/\(Self.number)").text.contains("Printer on fire"))

            // The older one, in another browser, mails a fresh link, which is one of ours.
            let later = deployment.browser(on: 0)
            while try await later.get(path(Self.old)).status == 410 { try await giveWay() }
            let answer = try await later.press(try await later.get(path(Self.old)))
            #expect(answer.status == 200 && answer.text.contains("new link"))
            let mail = try await deployment.sink.nextMail { _ in true }
            #expect(mail.recipients == ["anna@example.org"])
            let reader = MailReader(mail.data)
            let text = try #require(reader.textParts.first.map { reader.text(of: $0).string })
            let fresh = try #require(text.firstMatch(of: /\/l\/[0-9A-Za-z]{43}/)).output.description
            #expect(try await later.press(try await later.get(fresh)).status == 303)

            for replica in deployment.replicas {
                replica.process.terminate()
                let logged = await replica.process.finished()
                #expect(!(logged.errors + logged.output).contains("AAAAAAAA"))
            }
        }
    }

    /// What mail programs make of the semicolons.
    static let separators = [";", "&", "&amp;", "%3B"]

    @Test(
        "Behind the documented proxies an old link signs in at the desk, however its address was written, and no log has its token",
        arguments: ForwardAuthTests.proxies)
    func proxied(kind: ProxyServer.Kind) async throws {
        try await withProxy(kind) { (proxied) async throws in
            var links: [(token: String, ticket: String, path: String)] = []
            for (index, separator) in Self.separators.enumerated() {
                let token = "BBBBBBBBBBBBBBBBBBBBBBB\(index)"
                let ticket = await proxied.newTicket()
                let path =
                    "/otobo/customer.pl?"
                    + ["Action=CustomerTicketZoom", "TicketNumber=\(ticket)", "OTAToken=\(token)"]
                    .joined(separator: separator)
                links.append((token, ticket, path))
            }
            let now = Date().addingTimeInterval(-3600).ISO8601Format().replacing("T", with: " ").replacing(
                "Z", with: "")
            let rows = links.map { "\($0.token),\($0.ticket),anna@example.org,2,\(now),\(now)\n" }.joined()
            let csv = "token,ticket_number,user,used,change_time,create_time\n" + rows
            _ = try await proxied.deployment.otalink("import", "add-on", "-", input: Data(csv.utf8))
            // Each replica notices the import by itself.
            for replica in 0..<2 {
                let browser = proxied.deployment.browser(on: replica)
                while try await browser.get(links[0].path).status != 200 { try await giveWay() }
            }
            for link in links {
                let anna = proxied.browser()
                let clicked = try await anna.press(try await anna.get(link.path))
                let place = try #require(clicked.header("Location"), "\(link.path) gave \(clicked.status)")
                #expect(clicked.status == 303 && place.contains("customer.pl?Action=Login;RequestedURL="))
                let entered = try await anna.get(String(place.dropFirst(proxied.url.count)))
                #expect(entered.header("Location")?.hasSuffix("TicketNumber=\(link.ticket)") == true, "\(link.path)")
                // Without a token the page is the desk's own.
                let plain = try await anna.get(
                    "/otobo/customer.pl?Action=CustomerTicketZoom;TicketNumber=\(link.ticket)")
                #expect(plain.status == 200 && plain.text.contains("<dt>Remote-User</dt><dd>none</dd>"))
            }
        }
    }

    @Test("The desk's PostgreSQL is read without a file; what is wrong is told, and so is what was done before it")
    func database() async throws {
        let migrations = RepositoryRoot.path + "/migrations"
        try await PostgresCluster.shared().migratedDatabase(migrations: migrations) { (database) async throws in
            func run(_ arguments: String..., input: String = "") async throws -> ChildProcess.Finished {
                try await ChildProcess(
                    Deployment.program, ["import", "add-on"] + arguments,
                    environment: ["OTALINK_DATABASE_URL": database.url, "OTALINK_DESK_TIME_ZONE": "Europe/Berlin"],
                    input: Data(input.utf8)
                ).finished()
            }
            try await database.psql(
                """
                INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
                VALUES ('anna', 'anna@example.org', '', '', '');
                CREATE TABLE public.ota_tokens (
                    token text, ticket_number text, customer_login text, used int, change_time timestamp,
                    create_time timestamp);
                INSERT INTO public.ota_tokens
                VALUES ('\(Self.old)', '\(Self.number)', 'anna', 2, '2026-07-01 12:00', '2026-07-01 12:00');
                """)
            let unnamed = try await run("--database", database.url)
            #expect(unnamed.status == 1 && unnamed.errors.contains("--column user=NAME"))
            let imported = try await run("--database", database.url, "--column", "user=customer_login")
            #expect(imported.status == 0 && imported.output.contains("1 rows: 1 imported"))
            #expect(
                try await database.psql("SELECT created_at = '2026-07-01 10:00+00' FROM otalink.link") == "t")
            #expect(try await run("--database", database.url, "file").status != 0)
            #expect(try await run("/nowhere").errors.contains("cannot be read"))
            let cut = try await run(
                "-",
                input: "COPY ota_tokens (token, ticket_number, \"user\", used, create_time) FROM stdin;\n"
                    + (0..<1_500).map { "AAAAAAAAAAAAAAAAAAAA\(1_000 + $0)\t1\tanna\t2\t2026-07-01 12:00:00\n" }
                    .joined())
            #expect(cut.status == 1 && cut.output.contains("1000 rows: 1000 imported"))
            #expect(cut.errors.contains("ends in the middle of a row"))
        }
    }
}
