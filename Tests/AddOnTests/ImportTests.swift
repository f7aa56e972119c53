import Foundation
import LinkActs
import LinkStore
import OneTimeLinks
import PostgresClient
import ReplicaSupport
import TestSupport
import Testing

@testable import AddOn

@Suite("Importing links of the add-on")
struct ImportTests {
    private static let number = "2026112510000018"

    /// A row of Anna Example's, made so many hours ago.
    private func row(
        _ digit: Int, hoursAgo: Double, used: String = "2", login: String = "anna@example.org", number: String = number
    ) -> AddOnRecord {
        let created = Date().addingTimeInterval(-hoursAgo * 3600).ISO8601Format().replacing("Z", with: "")
        return AddOnRecord(
            place: .init(line: digit + 1, row: digit), token: token(digit), ticketNumber: number, login: login,
            used: used, changedAt: created, createdAt: created)
    }

    private func token(_ digit: Int) -> String { String(format: "AAAAAAAAAAAAAAAAAAAAAA%02d", digit) }

    @discardableResult
    private func run(
        _ rows: [AddOnRecord], _ replica: Replica, isDryRun: Bool = false, asSuperseded: Bool = false, batch: Int = 100
    ) async throws -> AddOnImportReport {
        var act = ImportAddOnLinks(
            links: replica.store.addOnLinks, zone: .gmt, isDryRun: isDryRun, asSuperseded: asSuperseded, actor: "test")
        for start in stride(from: 0, to: rows.count, by: batch) {
            try await act.take(Array(rows[start..<min(start + batch, rows.count)]))
        }
        return act.report
    }

    private func states(_ database: TestDatabase) async throws -> String {
        try await database.psql("SELECT string_agg(state, ' ' ORDER BY sequence) FROM otalink.link")
    }

    private func click(_ digit: Int, _ replica: Replica, browser: UInt8 = 1) async throws -> RedeemAnswer {
        let number = try #require(TicketNumber(Self.number))
        let token = try #require(AddOnToken(token(digit)))
        let id = try #require(try await replica.store.addOnLinks.find(token, ticketNumber: number))
        return try await replica.redeem(
            link: id, browser: [browser], settings: Settings(), language: "en", context: .none)
    }

    private var rows: [AddOnRecord] {
        [row(1, hoursAgo: 30), row(2, hoursAgo: 20, used: "1"), row(3, hoursAgo: 10), row(4, hoursAgo: 40)]
    }

    @Test(
        "The newest is active, the used one used, the others superseded, in whatever portions they come",
        arguments: [1, 2, 3, 9])
    func states(batch: Int) async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let report = try await run(rows, replicas[0], batch: batch)
            #expect(report.imported == 4 && report.read == 4 && report.refused.isEmpty)
            #expect(try await states(database) == "superseded superseded used active")
            let row = try await database.psql(
                "SELECT recipient, key_id, origin, created_at < now() - interval '9 hours', activated_at = created_at "
                    + "FROM otalink.link WHERE state = 'active'")
            #expect(row == "anna@example.org|add-on|add-on|t|t")
            // The text of a token stands nowhere.
            #expect(
                try await database.psql(
                    "SELECT count(*) FROM otalink.add_on_token WHERE encode(token_hash, 'escape') LIKE '%AAAA%'")
                    == "0")
        }
    }

    /// As a real desk has it: one active token a ticket, and rows that were spent or replaced; 0 is never written.
    private var realRows: [AddOnRecord] {
        [
            row(1, hoursAgo: 30, used: "1"), row(2, hoursAgo: 20, used: "1"), row(3, hoursAgo: 10),
            row(4, hoursAgo: 9, used: "0"), row(5, hoursAgo: 8, used: "3"),
        ]
    }

    @Test("2 signs in, 1 says that a newer link exists, 0 has expired", arguments: [1, 2, 9])
    func realTable(batch: Int) async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let dry = try await run(realRows, replicas[0], isDryRun: true, batch: batch)
            let report = try await run(realRows, replicas[0], batch: batch)
            for report in [dry, report] {
                #expect(report.active == 1 && report.superseded == 0 && report.used == 2 && report.expired == 1)
                #expect(report.imported == 3 && report.refused["not-a-state"]?.count == 1)
            }
            #expect(dry.description.contains("3 would be imported, 0 already there, 1 expired, 1 refused"))
            #expect(report.description.contains("imported: 1 active, 0 superseded, 2 used"))
            #expect(try await states(database) == "used used active")
            #expect(try await click(1, replicas[0]) == .message(.wrongLink))
            #expect(try await click(2, replicas[1]) == .message(.wrongLink))
            guard case .signedIn = try await click(3, replicas[1]) else {
                Issue.record("the active link must sign in")
                return
            }
            let expired = try #require(AddOnToken(token(4)))
            let number = try #require(TicketNumber(Self.number))
            #expect(try await replicas[0].store.addOnLinks.find(expired, ticketNumber: number) == nil)
        }
    }

    @Test("A spent one mails a fresh link where its ticket has no active one, as the add-on did")
    func spent() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            try await run([row(1, hoursAgo: 30, used: "1")], replicas[0])
            #expect(try await click(1, replicas[0]) == .message(.newLink))
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "1")
        }
    }

    @Test(
        "The active token of a ticket stays active, in whatever order rows of one second come", arguments: [1, 9],
        [true, false])
    func order(batch: Int, isActiveFirst: Bool) async throws {
        try await withReplicas { (replicas, _, database) async throws in
            // Two tags in one text: the first is dead at once.
            let dead = row(isActiveFirst ? 2 : 1, hoursAgo: 20, used: "1")
            var active = row(isActiveFirst ? 1 : 2, hoursAgo: 20)
            active.createdAt = dead.createdAt
            let rows = isActiveFirst ? [active, dead] : [dead, active]
            let report = try await run(rows, replicas[0], batch: batch)
            #expect(report.active == 1 && report.used == 1)
            #expect(try await states(database) == (isActiveFirst ? "active used" : "used active"))
        }
    }

    @Test("What the report counts is what the database has, in whatever portions the rows come", arguments: [1, 2, 9])
    func counts(batch: Int) async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let dry = try await run(rows, replicas[0], isDryRun: true, batch: batch)
            let report = try await run(rows, replicas[0], batch: batch)
            for report in [dry, report] {
                #expect(report.active == 1 && report.superseded == 2 && report.used == 1 && report.imported == 4)
            }
            let counts =
                "SELECT string_agg(state || ' ' || count, ', ' ORDER BY state) "
                + "FROM (SELECT state, count(*) FROM otalink.link GROUP BY state) AS counted"
            #expect(try await database.psql(counts) == "active 1, superseded 2, used 1")
            // A newer one of a later dump takes the place of the active one, and is counted alone.
            let later = try await run([row(9, hoursAgo: 1)], replicas[0])
            #expect(later.active == 1 && later.superseded == 0)
            let older = try await run([row(8, hoursAgo: 5)], replicas[0])
            #expect(older.active == 0 && older.superseded == 1)
        }
    }

    @Test("A link of ours is newer, whenever it was made, and stays the active one", arguments: [1, 9])
    func ours(batch: Int) async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let token = try await replicas[0].token()
            let report = try await run(rows, replicas[0], batch: batch)
            #expect(report.active == 0 && report.superseded == 3 && report.used == 1)
            #expect(try await states(database) == "superseded superseded used superseded active")
            #expect(try await click(3, replicas[0]) == .message(.wrongLink))
            guard case .signedIn = try await replicas[1].click(token) else {
                Issue.record("our own link must sign in")
                return
            }
        }
    }

    @Test("A second run imports nothing and changes nothing, also after a link was used")
    func again() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            try await run(rows, replicas[0])
            guard case .signedIn = try await click(3, replicas[1]) else {
                Issue.record("the newest link must sign in")
                return
            }
            let all = "SELECT * FROM otalink.link ORDER BY id"
            let before = try await database.psql(all)
            let report = try await run(rows, replicas[0])
            #expect(report.imported == 0 && report.alreadyThere == 4)
            #expect(try await database.psql(all) == before)
            #expect(
                try await database.psql("SELECT reason FROM otalink.audit_event WHERE event = 'links.imported'")
                    == "4 of the add-on")
        }
    }

    @Test("A run that was interrupted goes on by being run again")
    func interrupted() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            try await run(Array(rows.prefix(2)), replicas[0])
            let report = try await run(rows, replicas[0])
            #expect(report.imported == 2 && report.alreadyThere == 2)
            #expect(try await states(database) == "superseded superseded used active")
        }
    }

    @Test("A dry run says what would happen and changes nothing")
    func dryRun() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            try await run([row(4, hoursAgo: 40)], replicas[0])
            let before = try await states(database)
            let report = try await run(rows + rows, replicas[0], isDryRun: true, batch: 3)
            #expect(report.imported == 3 && report.alreadyThere == 5)
            #expect(report.description.contains("3 would be imported"))
            #expect(try await states(database) == before)
        }
    }

    @Test("As superseded, none signs in, a click mails a fresh one, and a later run arms nothing")
    func asSuperseded() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            try await run(rows, replicas[0], asSuperseded: true)
            try await run(rows, replicas[0])
            #expect(try await states(database) == "superseded superseded used superseded")
            #expect(try await click(3, replicas[0]) == .message(.newLink))
            #expect(
                try await database.psql("SELECT kind, recipient FROM otalink.mail_outbox") == "refresh|anna@example.org"
            )
        }
    }

    @Test("As superseded, the active link of an earlier run gives way only to a newer one")
    func disarmed() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            try await run([row(3, hoursAgo: 10)], replicas[0])
            try await run([row(1, hoursAgo: 30)], replicas[0], asSuperseded: true)
            #expect(try await states(database) == "superseded active")
            try await run([row(5, hoursAgo: 1)], replicas[0], asSuperseded: true)
            #expect(try await states(database) == "superseded superseded superseded")
        }
    }

    @Test("The lifetime counts from the creation at the desk")
    func lifetime() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            try await run([row(1, hoursAgo: 24 * 15)], replicas[0])
            #expect(try await states(database) == "active")
            #expect(try await click(1, replicas[0]) == .message(.newLink))
            #expect(try await database.psql("SELECT count(*) FROM otalink.session") == "0")
        }
    }

    @Test("Refused rows are counted by reason, the first ten with their lines; the rest is imported")
    func refused() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            try await database.psql(
                "INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name) "
                    + "VALUES ('noaddress', '', '', '', '')")
            let unknown = (10..<22).map { row($0, hoursAgo: 1, login: "nobody@example.org") }
            var bad = row(5, hoursAgo: 1)
            bad.token = "short"
            let report = try await run(
                unknown + [bad, row(6, hoursAgo: 1), row(7, hoursAgo: 1, login: "noaddress")], replicas[0], batch: 4)
            #expect(report.imported == 1)
            let unknownRows = try #require(report.refused["customer-unknown"])
            #expect(unknownRows.count == 13)
            #expect(unknownRows.places.map(\.line) == Array(11...20))
            #expect(report.refused["not-a-token"]?.places.map(\.line) == [6])
            #expect(report.description.contains("24 letters and digits: line 6, row 5"))
            #expect(report.description.contains("line 20, row 19; ..."))
        }
    }

    @Test("When the nightly job deletes a link, its token goes too, and nobody but the service reads tokens")
    func gone() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            try await run(rows, replicas[0])
            #expect(try await replicas[0].store.addOnLinks.exist())
            try await database.psql("DELETE FROM otalink.link WHERE state <> 'active'")
            #expect(try await database.psql("SELECT count(*) FROM otalink.add_on_token") == "1")
            for role in ["otalink_mail", "otalink_desk"] {
                #expect(
                    try await database.psql(
                        "SELECT has_table_privilege('\(role)', 'otalink.add_on_token', 'SELECT, INSERT, UPDATE, DELETE')"
                    ) == "f")
            }
        }
    }

    @Test("Case matters in a token, and so does the ticket")
    func find() async throws {
        try await withReplicas { (replicas, _, _) async throws in
            try await run(rows, replicas[0])
            let links = replicas[0].store.addOnLinks
            let number = try #require(TicketNumber(Self.number))
            let good = try #require(AddOnToken(token(3)))
            #expect(try await links.find(good, ticketNumber: number) != nil)
            #expect(try await links.find(good, ticketNumber: try #require(TicketNumber("2026112510000026"))) == nil)
            let lower = try #require(AddOnToken(token(3).lowercased()))
            #expect(try await links.find(lower, ticketNumber: number) == nil)
        }
    }

    @Test("Two imports at a time come to the same as one")
    func parallel() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let many = (1...60).map { row($0, hoursAgo: Double($0)) }
            async let first = run(many, replicas[0], batch: 7)
            async let second = run(many.reversed(), replicas[1], batch: 11)
            let reports = try await (first, second)
            #expect(reports.0.imported + reports.1.imported == 60)
            #expect(
                try await database.psql("SELECT state, count(*) FROM otalink.link GROUP BY 1 ORDER BY 1")
                    == "active|1\nsuperseded|59")
            guard case .signedIn = try await click(1, replicas[0]) else {
                Issue.record("the newest link must sign in")
                return
            }
        }
    }

    @Test("The desk's own PostgreSQL is read in portions, the oldest first, and not written to")
    func table() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            try await database.psql(
                """
                CREATE TABLE public.ota_tokens (
                    id integer, token varchar(255), ticket_number varchar(50), "user" varchar(200), used smallint,
                    change_time timestamp(0), create_time timestamp(0));
                INSERT INTO public.ota_tokens
                SELECT i, 'AAAAAAAAAAAAAAAAAAAAAA' || lpad(i::text, 2, '0'), '\(Self.number)', 'anna@example.org', 2,
                       localtimestamp, localtimestamp - i * interval '1 hour'
                  FROM generate_series(1, 25) AS i
                """)
            var act = ImportAddOnLinks(
                links: replicas[0].store.addOnLinks, zone: .gmt, isDryRun: false, asSuperseded: false, actor: "test")
            var portions: [Int] = []
            try await AddOnTable(client: replicas[1].client).read(10) { records, count in
                #expect(count == 25)
                portions.append(records.count)
                try await act.take(records)
            }
            #expect(portions == [10, 10, 5])
            #expect(act.report.imported == 25)
            #expect(try await states(database).hasSuffix("superseded active"))
            await #expect(throws: AddOnInputError.noTable("public.nothing")) {
                try await AddOnTable(client: replicas[1].client, table: "public.nothing").read(10) { _, _ in }
            }
        }
    }
}
