import Foundation
import LinkActs
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@Suite("Grants of a session", .timeLimit(.minutes(10)))
struct GrantActTests {
    private static let first = TicketNumber("2026112510000018")
    private static let second = TicketNumber("2026112510000026")

    /// Another ticket of Anna's at the desk.
    private func secondTicket(_ desk: ExampleDesk) throws -> TicketNumber {
        var ticket = try exampleTicket()
        ticket.number = try #require(Self.second)
        ticket.ticketID = 2
        let other = ticket
        desk.change { $0.tickets[other.number] = other }
        return ticket.number
    }

    /// A click by a browser that may be signed in; the session.
    private func click(
        _ replica: Replica, _ token: String, forms: [[UInt8]] = [[1]], as signedIn: SignedIn? = nil
    ) async throws -> UUID {
        let browser = ClickingBrowser(form: forms[0], forms: forms, signedIn: signedIn)
        let answer = try await replica.redeem(
            token: token, browser: browser, settings: Settings(), language: "en", context: .none)
        guard case .signedIn(let session, _) = answer else { throw Unexpected(answer: answer) }
        return session
    }

    private struct Unexpected: Error { let answer: RedeemAnswer }

    private func check(
        _ replica: Replica, _ session: UUID, forms: [[UInt8]] = [[1]], _ question: TicketQuestion = .any
    ) async throws -> SignedIn? {
        let cookie = try #require(replica.keys.sign(session, as: .session))
        return try await replica.check(cookie: cookie, forms: forms, question: question, settings: Settings())
    }

    private func shows(_ replica: Replica, _ signedIn: SignedIn, _ number: TicketNumber?) async throws -> Bool {
        try await replica.check.ticket(try #require(number), for: signedIn, settings: Settings()) != nil
    }

    @Test(
        "The desk is asked about an open ticket after a minute, as for a click: the former customer sees nothing then")
    func freshness() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let session = try await click(replicas[0], try await replicas[0].token())
            // Of the change there comes no event.
            desk.change { state in
                state.questions = 0
                for number in state.tickets.keys { state.tickets[number]?.customerLogin = "bert@example.org" }
            }
            try await database.psql("UPDATE otalink.ticket SET read_at = now() - interval '55 seconds'")
            #expect(try await check(replicas[0], session) != nil)
            #expect(desk.state.withLock(\.questions) == 0)
            try await database.psql("UPDATE otalink.ticket SET read_at = now() - interval '61 seconds'")
            #expect(try await check(replicas[1], session) == nil)
            #expect(desk.state.withLock(\.questions) == 1)
        }
    }

    @Test("What is remembered of a ticket counts until its minute is over, and no longer")
    func remembered() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let (replica, session) = (replicas[0], try await click(replicas[0], try await replicas[0].token()))
            // As if it were listening all the time.
            replica.cache.apply(.listening(sentAt: .now + .seconds(3600)))
            try await database.psql("UPDATE otalink.ticket SET read_at = now() - interval '56 seconds'")
            let first = try #require(try await check(replica, session))
            #expect(try await shows(replica, first, Self.first))
            desk.change { state in
                state.questions = 0
                for number in state.tickets.keys { state.tickets[number]?.customerLogin = "bert@example.org" }
            }
            let end = ContinuousClock.now + .seconds(30)
            while try await check(replica, session) != nil, ContinuousClock.now < end { await Task.yield() }
            #expect(try await check(replica, session) == nil)
        }
    }

    @Test("With the desk out of reach, facts count for fifteen minutes, and then nothing is known")
    func deskAway() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let session = try await click(replicas[0], try await replicas[0].token())
            desk.change { $0.isReachable = false }
            try await database.psql("UPDATE otalink.ticket SET read_at = now() - interval '14 minutes'")
            let signedIn = try #require(try await check(replicas[0], session))
            #expect(try await shows(replicas[0], signedIn, Self.first))
            try await database.psql("UPDATE otalink.ticket SET read_at = now() - interval '16 minutes'")
            await #expect(throws: DeskUnavailable.self) { try await check(replicas[0], session) }
            // Who it is, is known all the same.
            #expect(try await check(replicas[0], session, .none) != nil)
        }
    }

    @Test("Both tickets are open in one session; each is asked about by itself")
    func both() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let number = try secondTicket(desk)
            let old = try await click(replicas[0], try await replicas[0].token())
            let signedIn = try #require(try await check(replicas[0], old))
            let new = try await click(replicas[1], try await replicas[1].token(ticket: number), as: signedIn)
            try await database.psql("UPDATE otalink.ticket SET read_at = now() - interval '61 seconds'")
            desk.change { $0.questions = 0 }
            for (ticket, questions) in [(Self.first, 1), (Self.second, 2)] {
                let wanted = try #require(ticket)
                let asked = try #require(try await check(replicas[0], new, .about(wanted)))
                #expect(!asked.isFollowed)
                #expect(try await shows(replicas[0], asked, ticket))
                #expect(desk.state.withLock(\.questions) == questions)
            }
            // One went to somebody else: the other stays.
            desk.change { $0.tickets[number]?.customerLogin = "bert@example.org" }
            try await database.psql("UPDATE otalink.ticket SET read_at = now() - interval '61 seconds'")
            let left = try #require(try await check(replicas[0], new, .about(number)))
            #expect(try await !shows(replicas[0], left, number))
            #expect(try await shows(replicas[0], left, Self.first))
        }
    }

    @Test("A cookie that was replaced leads on with a form cookie of the click, for a minute; a program's token always")
    func followed() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let number = try secondTicket(desk)
            let old = try await click(replicas[0], try await replicas[0].token(), forms: [[1], [2]])
            let signedIn = try #require(try await check(replicas[0], old))
            let new = try await click(
                replicas[1], try await replicas[1].token(ticket: number), forms: [[2]], as: signedIn)
            for replica in replicas {
                let led = try #require(try await check(replica, old, forms: [[9], [2]]))
                #expect(led.session == new && led.isFollowed)
                #expect(try await shows(replica, led, Self.first))
                #expect(try await shows(replica, led, Self.second))
                #expect(try await check(replica, old, forms: [[9]]) == nil)
                #expect(try await check(replica, old, forms: []) == nil)
                #expect(try await replica.check(session: old, settings: Settings())?.session == new)
            }
            try await database.psql("UPDATE otalink.session SET replaced_at = replaced_at - interval '61 seconds'")
            #expect(try await check(replicas[0], old, forms: [[2]]) == nil)
            #expect(try await replicas[0].check(session: old, settings: Settings())?.session == new)
            try await replicas[0].store.sessions.revoke(id: old, reason: "signed out", actor: nil, context: .none)
            #expect(try await replicas[1].check(session: old, settings: Settings()) == nil)
            #expect(try await check(replicas[1], new) == nil)
        }
    }

    static let oldLinks: [(name: String, change: String)] = [
        ("used", "UPDATE otalink.link SET used_at = now() - interval '11 seconds' WHERE state = 'used'"),
        (
            "too old",
            "UPDATE otalink.link SET created_at = now() - interval '15 days', used_at = now() - interval '1 hour'"
        ),
        ("superseded", "UPDATE otalink.link SET state = 'superseded'"),
    ]

    @Test("The same mail opened again leads to the ticket: nothing is spent, mailed or prolonged", arguments: oldLinks)
    func sameMail(row: (name: String, change: String)) async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let token = try await replicas[0].token()
            let session = try await click(replicas[0], token)
            try await database.psql(row.change)
            let state = """
                SELECT (SELECT string_agg(l::text, ',' ORDER BY id) FROM otalink.link l),
                       (SELECT string_agg(s::text, ',' ORDER BY id) FROM otalink.session s),
                       (SELECT string_agg(g::text, ',' ORDER BY id) FROM otalink.session_grant g),
                       (SELECT count(*) FROM otalink.mail_outbox)
                """
            let before = try await database.psql(state)
            let signedIn = try #require(try await check(replicas[1], session, .none))
            func again(_ browser: ClickingBrowser) async throws -> RedeemAnswer {
                try await replicas[1].redeem(
                    token: token, browser: browser, settings: Settings(), language: "en", context: .none)
            }
            let ticket = try exampleTicket()
            let mine = ClickingBrowser(form: [1], forms: [[1]], signedIn: signedIn)
            #expect(try await again(mine) == .signedInAlready(session: session, ticket))
            #expect(try await database.psql(state) == before)
            // A revoked link never does, nor one of a ticket that the session has no grant for.
            try await database.psql(
                """
                UPDATE otalink.session_grant SET link_id = NULL;
                UPDATE otalink.link SET state = 'revoked'
                """)
            #expect(try await again(mine) == .message(.linkExpired))
            try await database.psql(
                """
                UPDATE otalink.link SET state = 'used';
                INSERT INTO otalink.ticket (ticket_number, ticket_id, state_type, customer_login, is_visible, read_at)
                VALUES ('9', 9, 'open', 'anna@example.org', true, now());
                UPDATE otalink.session_grant SET ticket_number = '9'
                """)
            let other = try #require(try await check(replicas[1], session, .none))
            #expect(try await again(ClickingBrowser(form: [1], forms: [[1]], signedIn: other)) == .message(.newLink))
        }
    }
}
