import CurlClient
import Foundation
import LinkActs
import LinkStore
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@Suite("The page \"send me a new link\"")
struct NewLinkTests {
    /// What somebody types, and what comes of it behind the page.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var ticket = "2026112510000018"
        var email = "anna@example.org"
        var sql = ""
        var closedYearsAgo = false
        let outcome: String
    }

    static let rows: [Row] = [
        Row(testDescription: "the stored address", outcome: "mailed"),
        Row(testDescription: "in other letters, with blanks", email: "  Anna@EXAMPLE.org ", outcome: "mailed"),
        Row(testDescription: "the number with its hook", ticket: "[Ticket#2026112510000018]", outcome: "mailed"),
        Row(testDescription: "the hook in other letters", ticket: "ticket# 2026112510000018", outcome: "mailed"),
        Row(testDescription: "the number with a sharp", ticket: "#2026112510000018", outcome: "mailed"),
        Row(
            testDescription: "a pasted subject and a pasted sender",
            ticket: "Re: [Ticket#2026112510000018] Printer on fire",
            email: "Anna Example <anna@example.org>", outcome: "mailed"),
        Row(
            testDescription: "grouped digits and the address of a link", ticket: "2026 1125 1000 0018",
            email: "mailto:anna@example.org", outcome: "mailed"),
        Row(
            testDescription: "mailed often enough",
            sql: """
                INSERT INTO otalink.mail_outbox (id, kind, ticket_number, customer_login, recipient, language, state)
                SELECT gen_random_uuid(), 'refresh', '2026112510000018', 'anna@example.org', 'anna@example.org', 'en', 'sent'
                """, outcome: "on-the-way"),
        Row(
            testDescription: "the last mail was refused",
            sql: """
                INSERT INTO otalink.mail_outbox (id, kind, ticket_number, customer_login, recipient, language, state, created_at)
                SELECT gen_random_uuid(), 'refresh', '2026112510000018', 'anna@example.org', 'anna@example.org', 'en', 'dead',
                       now() - interval '10 minutes'
                """, outcome: "mailed"),
        Row(testDescription: "no such ticket", ticket: "2026112510000099", outcome: "unknown"),
        Row(testDescription: "somebody else's address", email: "eve@example.org", outcome: "unknown"),
        Row(
            testDescription: "a colleague's address", email: "bert@example.org",
            sql:
                "INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name) VALUES ('b', 'bert@example.org', 'b', 'B', 'B')",
            outcome: "unknown"),
        Row(
            testDescription: "somebody with a password", sql: "UPDATE otalink.customer_user SET pw = 'x'",
            outcome: "has-password"),
        Row(
            testDescription: "somebody switched off", sql: "UPDATE otalink.customer_user SET valid_id = 2",
            outcome: "refused"),
        Row(testDescription: "a ticket closed long ago", closedYearsAgo: true, outcome: "refused"),
    ]

    private func linkRequest(
        _ browser: Browser, _ ticket: String, _ email: String, headers: [(name: String, value: String)] = []
    ) async throws -> HTTPResponse {
        let page = try await browser.get("/new-link")
        let proof = try #require(page.text.firstMatch(of: /name="form" value="([^"]+)"/)?.1)
        func encoded(_ text: String) -> String {
            text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        }
        return try await browser.post(
            "/new-link", form: "form=\(proof)&ticket=\(encoded(ticket))&email=\(encoded(email))", headers: headers)
    }

    private func worker(_ replica: Replica) -> LinkRequestWorker {
        LinkRequestWorker(
            store: replica.store,
            answer: AnswerLinkRequest(store: replica.store, keys: replica.keys, keeper: replica.keeper),
            settings: { Settings() }, logger: .quiet)
    }

    @Test("Whatever is typed, the answer is the same bytes; only the right pair gets a mail", arguments: rows)
    func linkRequests(row: Row) async throws {
        try await withService { (replica, service, database) async throws in
            if !row.sql.isEmpty { try await database.psql(row.sql) }
            if row.closedYearsAgo {
                service.desk.change { state in
                    for number in state.tickets.keys {
                        state.tickets[number]?.stateType = .closed
                        state.tickets[number]?.closedAt = Date(timeIntervalSince1970: 1_000_000_000)
                    }
                }
            }
            let browser = Browser(client: service.client, base: service.url)
            // A pair that surely does not exist.
            let other = try await linkRequest(browser, "1", "nobody@example.net")
            let answer = try await linkRequest(browser, row.ticket, row.email)
            #expect(answer.status == 200 && other.status == 200)
            #expect(answer.body == other.body)
            #expect(answer.headerNames == other.headerNames)
            // What it says is true of every pair.
            #expect(answer.text.contains("If the ticket number and the email address belong together"))
            let queued = "SELECT count(*) FROM otalink.mail_outbox WHERE state = 'queued'"
            #expect(try await database.psql(queued) == "0")
            _ = await worker(replica).workOff()
            let told = "SELECT string_agg(reason, ' ' ORDER BY id) FROM otalink.audit_event WHERE event = 'link.wished'"
            #expect(try await database.psql(told) == "unknown \(row.outcome)")
            let mails = try await database.psql(
                "SELECT string_agg(recipient, ' ') FROM otalink.mail_outbox WHERE state = 'queued'")
            #expect(mails == (row.outcome == "mailed" ? "anna@example.org" : ""))
            // Nothing of what was typed stays.
            #expect(
                try await database.psql(
                    "SELECT count(*) FROM otalink.link_request WHERE email IS NOT NULL OR ticket_number IS NOT NULL")
                    == "0")
        }
    }

    @Test("What cannot be a number or an address is asked for again, by its field, and does not count")
    func incomplete() async throws {
        try await withService { (_, service, database) async throws in
            let browser = Browser(client: service.client, base: service.url)
            for (ticket, email, unclear) in [
                ("", "anna@example.org", ["ticket"]), ("2026112510000018", "anna", ["email"]),
                ("<script>", "a@b@c", ["ticket", "email"]), ("", "", ["ticket", "email"]),
            ] {
                let answer = try await linkRequest(browser, ticket, email)
                #expect(answer.status == 422)
                let named = answer.text.matches(of: /role="alert" id="([a-z]+)-unclear"/).map { String($0.1) }
                #expect(named == unclear && !answer.text.contains("<script>"))
                let fields = answer.text.matches(of: /aria-invalid="true" aria-describedby="([a-z]+)-unclear"/)
                #expect(fields.map { String($0.1) } == unclear)
            }
            #expect(try await database.psql("SELECT count(*) FROM otalink.link_request") == "0")
        }
    }

    @Test("A form from elsewhere, or without its cookie, is refused")
    func crossSite() async throws {
        try await withService { (_, service, database) async throws in
            let browser = Browser(client: service.client, base: service.url)
            for header in [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")] {
                #expect(try await linkRequest(browser, "1", "a@example.org", headers: [header]).status == 403)
            }
            let stranger = Browser(client: service.client, base: service.url)
            #expect(try await stranger.post("/new-link", form: "form=00&ticket=1&email=a@example.org").status == 403)
            #expect(try await database.psql("SELECT count(*) FROM otalink.link_request") == "0")
        }
    }

    @Test("At a limit the answer is 429 with its time, for pairs that exist and for others alike")
    func limits() async throws {
        try await withService { (replica, service, database) async throws in
            let browser = Browser(client: service.client, base: service.url)
            var answers: [HTTPResponse] = []
            for (ticket, email) in [("2026112510000018", "anna@example.org"), ("77", "nobody@example.net")] {
                #expect(try await linkRequest(browser, ticket, email).status == 200)
                answers.append(try await linkRequest(browser, ticket, email))
                #expect(answers.last?.status == 429)
                #expect(answers.last?.header("Retry-After") == "60")
            }
            #expect(answers[0].body == answers[1].body)
            // Twenty link requests an hour from one client, whatever they are for.
            for number in 0..<18 { #expect(try await linkRequest(browser, "\(number)", "x@example.net").status == 200) }
            let limited = try await linkRequest(browser, "19", "x@example.net")
            #expect(limited.status == 429)
            #expect((limited.header("Retry-After").flatMap { Int($0) } ?? 0) > 3000)
            try await database.psql("UPDATE otalink.link_request SET created_at = now() - interval '61 minutes'")
            #expect(try await linkRequest(browser, "2026112510000018", "anna@example.org").status == 200)
            _ = await worker(replica).workOff()
            #expect(try await database.psql("SELECT count(*) FROM otalink.link_request") == "1")
        }
    }

    @Test("Of an IPv6 client its /64 network is limited, whichever address of it comes, and other networks are not")
    func networks() async throws {
        try await withReplicas { (replicas, _, _) async throws in
            let limits = LinkRequestLimits(perMinute: 1, perHour: 5, perClientAndHour: 2)
            for (index, client, isTaken) in [
                (1, "2001:db8:0:1::1", true), (2, "2001:db8:0:1:ffff::2", true), (3, "2001:db8:0:1::3", false),
                (4, "2001:db8:0:2::1", true), (5, "192.0.2.1", true),
            ] {
                let linkRequest = LinkRequest(
                    id: .version7(), ticketNumber: try exampleTicket().number, email: "anna@example.org",
                    language: "en",
                    createdAt: Date(), context: RequestContextFacts(clientAddress: client))
                let seconds = try await replicas[index % 2].store.linkRequests.queue(
                    linkRequest, key: [UInt8(index)], limits: limits)
                #expect((seconds == nil) == isTaken, "\(client)")
            }
        }
    }

    @Test(
        "Link requests at the same instant over two replicas: one is taken, the others are told to wait, one mail goes out"
    )
    func race() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let limits = LinkRequestLimits(perMinute: 1, perHour: 5, perClientAndHour: 1_000)
            let number = try exampleTicket().number
            let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<100 {
                    group.addTask {
                        let linkRequest = LinkRequest(
                            id: .version7(), ticketNumber: number, email: "anna@example.org", language: "en",
                            createdAt: Date(), context: RequestContextFacts(clientAddress: "192.0.2.\(index)"))
                        return try await replicas[index % 2].store.linkRequests.queue(
                            linkRequest, key: [1], limits: limits)
                            == nil
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(taken == 1)
            async let first = worker(replicas[0]).workOff()
            async let second = worker(replicas[1]).workOff()
            _ = await (first, second)
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "1")
        }
    }

    @Test("While the desk is away the link request waits; after a quarter of an hour it is given up")
    func deskAway() async throws {
        try await withService { (replica, service, database) async throws in
            service.desk.change { $0.isReachable = false }
            let browser = Browser(client: service.client, base: service.url)
            #expect(try await linkRequest(browser, "2026112510000018", "anna@example.org").status == 200)
            _ = await worker(replica).workOff()
            #expect(
                try await database.psql(
                    "SELECT finished_at IS NULL AND next_attempt_at > now() FROM otalink.link_request") == "t")
            service.desk.change { $0.isReachable = true }
            try await database.psql("UPDATE otalink.link_request SET next_attempt_at = now()")
            _ = await worker(replica).workOff()
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "1")
            service.desk.change { $0.isReachable = false }
            #expect(try await linkRequest(browser, "88", "anna@example.org").status == 200)
            try await database.psql(
                "UPDATE otalink.link_request SET created_at = now() - interval '16 minutes' WHERE finished_at IS NULL")
            _ = await worker(replica).workOff()
            let last = "SELECT reason FROM otalink.audit_event WHERE event = 'link.wished' ORDER BY id DESC LIMIT 1"
            #expect(try await database.psql(last) == "given-up")
        }
    }

    @Test("The page of a dead link leads there")
    func invitation() async throws {
        try await withService { (_, service, _) async throws in
            let browser = Browser(client: service.client, base: service.url)
            let dead = try await browser.get("/l/\(String(repeating: "a", count: 43))")
            #expect(dead.text.contains("<a href=\"/new-link\">Get a new link</a>"))
        }
    }
}

extension HTTPResponse {
    /// All but those that differ from request to request.
    fileprivate var headerNames: [String] {
        headers.map { $0.name.lowercased() }.sorted()
    }
}
