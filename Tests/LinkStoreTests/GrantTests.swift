import Foundation
import OneTimeLinks
import PostgresClient
import TestSupport
import Testing

@testable import LinkStore

@Suite("Grants in PostgreSQL", .timeLimit(.minutes(10)))
struct GrantTests {
    /// A click on a new link.
    private func click(
        _ store: LinkStore, ticket: String = "2026112510000018", login: String = "anna@example.org",
        forms: [[UInt8]] = [[1]], former: UUID? = nil, scope: SessionScope = .ticket
    ) async throws -> Spending {
        var link = try store.newLink(origin: .api)
        link.ticketNumber = try #require(TicketNumber(ticket))
        link.customerLogin = login
        try await store.links.issueActive(link, actor: "test", context: .none)
        return Spending(
            linkID: link.id, sessionID: .version7(), ticketNumber: link.ticketNumber, browser: forms[0], forms: forms,
            formerSession: former, scope: scope, context: .none)
    }

    /// Clicks and returns the session.
    private func spend(_ store: LinkStore, _ spending: Spending) async throws -> UUID {
        #expect(try await store.links.spend(spending) == .spent)
        return spending.sessionID
    }

    private func tickets(_ store: LinkStore, _ session: UUID) async throws -> [String] {
        let facts = try #require(try await store.sessions.facts(id: session))
        return facts.grants.compactMap(\.grant.ticketNumber?.text).sorted()
    }

    private static let (first, second) = ("2026112510000018", "2026112510000026")

    @Test("The grants of the browser's session move to the new one, which the old one names")
    func moved() async throws {
        try await withStore { (store, database) async throws in
            let old = try await spend(store, try await click(store, scope: .account))
            let new = try await spend(store, try await click(store, ticket: Self.second, forms: [[2]], former: old))
            #expect(try await tickets(store, new) == [Self.first, Self.second])
            #expect(try await tickets(store, old).isEmpty)
            let facts = try #require(try await store.sessions.facts(id: old))
            #expect(facts.session.revokedAt != nil && facts.session.replacedBy == new)
            let grants = try #require(try await store.sessions.facts(id: new)).grants
            #expect(grants.filter(\.grant.countsAtDesk).map(\.grant.ticketNumber?.text) == [Self.first])
            // Never copied.
            #expect(try await database.psql("SELECT count(*) FROM otalink.session_grant") == "2")
            // What the first release reads names a grant that holds.
            let named = "SELECT ticket_number, scope, has_grants FROM otalink.session WHERE id = '\(new)'"
            #expect(try await database.psql(named) == "\(Self.second)|ticket|t")
            #expect(
                try await database.psql(
                    "SELECT string_agg(event || ' ' || coalesce(reason, ''), ',' ORDER BY id) FROM otalink.audit_event "
                        + "WHERE event IN ('link.redeemed', 'session.revoked')")
                    == "link.redeemed ,link.redeemed ,session.revoked replaced by a new sign-in")
        }
    }

    @Test("A browser whose session cookie has not arrived yet is known by its form cookies, for a minute")
    func byForm() async throws {
        try await withStore { (store, database) async throws in
            let old = try await spend(store, try await click(store, forms: [[1], [2]]))
            let new = try await spend(store, try await click(store, ticket: Self.second, forms: [[3], [2]]))
            #expect(try await tickets(store, new) == [Self.first, Self.second])
            let stranger = try await spend(store, try await click(store, ticket: "9", forms: [[1]]))
            #expect(try await tickets(store, stranger) == ["9"])
            try await database.psql("UPDATE otalink.session SET created_at = created_at - interval '61 seconds'")
            let late = try await spend(store, try await click(store, ticket: "10", forms: [[3]]))
            #expect(try await tickets(store, late) == ["10"])
            // A browser of the same cookies is led on from the old session, another one is not.
            #expect(try await store.sessions.successor(of: old, forms: [[3]]) == new)
            #expect(try await store.sessions.successor(of: old, forms: [[1]]) == nil)
            #expect(try await store.sessions.successor(of: old, forms: []) == nil)
            #expect(try await store.sessions.successor(of: old, forms: nil) == new)
            #expect(try await store.sessions.successor(of: new, forms: nil) == nil)
            try await database.psql("UPDATE otalink.session SET replaced_at = replaced_at - interval '61 seconds'")
            #expect(try await store.sessions.successor(of: old, forms: [[3]]) == nil)
            #expect(try await store.sessions.successor(of: old, forms: nil) == new)
        }
    }

    @Test(
        "Nothing moves from another person's session, from one that was signed out, or from one that was not used for long"
    )
    func notMoved() async throws {
        try await withStore { (store, database) async throws in
            let berts = try await spend(store, try await click(store, ticket: Self.second, login: "bert@example.org"))
            let annas = try await spend(store, try await click(store, former: berts))
            #expect(try await tickets(store, annas) == [Self.first])
            #expect(try await tickets(store, berts) == [Self.second])
            try await store.sessions.revoke(id: annas, reason: "signed out", actor: nil, context: .none)
            let again = try await spend(store, try await click(store, ticket: "9", former: annas))
            #expect(try await tickets(store, again) == ["9"])
            try await database.psql("UPDATE otalink.session SET last_seen_at = now() - interval '8 hours 1 second'")
            let late = try await spend(store, try await click(store, ticket: "10", former: again))
            #expect(try await tickets(store, late) == ["10"])
        }
    }

    @Test("Several clicks of one browser in one batch end in one session; other browsers' are not concerned")
    func batch() async throws {
        try await withStore { (store, database) async throws in
            var batch: [Spending] = []
            for number in 1...6 {
                let forms: [[UInt8]] = number < 5 ? [[UInt8(number)], [100]] : [[UInt8(number)]]
                batch.append(try await click(store, ticket: "\(number)", forms: forms))
            }
            #expect(Links.turns(batch).map(\.count) == [3, 1, 1, 1])
            let client = PostgresClient(PostgresConfiguration(url: database.url), logger: .quiet)
            let outcomes = try await Links.spend(batch, client: client)
            await client.close()
            #expect(outcomes == Array(repeating: .spent, count: 6))
            let living = "SELECT count(*) FROM otalink.session WHERE revoked_at IS NULL"
            #expect(try await database.psql(living) == "3")
            #expect(try await tickets(store, batch[3].sessionID) == ["1", "2", "3", "4"])
            #expect(try await store.sessions.successor(of: batch[0].sessionID, forms: [[100]]) == batch[3].sessionID)
        }
    }

    @Test("Clicks of one browser on two replicas at once, without a session cookie, end in one session")
    func atOnce() async throws {
        try await withStore { (store, database) async throws in
            let client = PostgresClient(PostgresConfiguration(url: database.url), logger: .quiet)
            let other = LinkStore(client: client)
            for round in 0..<20 {
                var clicks: [Spending] = []
                for number in 0..<6 {
                    clicks.append(
                        try await click(
                            store, ticket: "\(round)-\(number)", forms: [[UInt8(round), UInt8(number)], [7]]))
                }
                try await database.psql("UPDATE otalink.session SET created_at = created_at - interval '2 minutes'")
                let all = clicks
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (index, click) in all.enumerated() {
                        group.addTask {
                            let outcome = try await (index % 2 == 0 ? store : other).links.spend(click)
                            #expect(outcome == .spent)
                        }
                    }
                    try await group.waitForAll()
                }
                let living = """
                    SELECT count(DISTINCT session_id), count(*)
                      FROM otalink.open_grants
                     WHERE ticket_number LIKE '\(round)-%'
                    """
                #expect(try await database.psql(living) == "1|6")
            }
            await client.close()
        }
    }

    @Test("A newer link of the same ticket takes the place of the older grant")
    func sameTicket() async throws {
        try await withStore { (store, database) async throws in
            let old = try await spend(store, try await click(store))
            let new = try await spend(store, try await click(store, former: old))
            #expect(try await tickets(store, new) == [Self.first])
            let ended = "SELECT session_id, end_reason FROM otalink.session_grant WHERE ended_at IS NOT NULL"
            #expect(try await database.psql(ended) == "\(new.text)|newer link opened")
        }
    }

    @Test("A grant ends with its link, however it is revoked; the session ends with its last grant")
    func ended() async throws {
        for deletes in [false, true] {
            try await withStore { (store, database) async throws in
                let first = try await click(store)
                let old = try await spend(store, first)
                let second = try await click(store, ticket: Self.second, former: old)
                let new = try await spend(store, second)
                func revoke(_ link: UUID) async throws {
                    try await database.psql(
                        deletes
                            ? "DELETE FROM otalink.link WHERE id = '\(link)'"
                            : "UPDATE otalink.link SET state = 'revoked' WHERE id = '\(link)'")
                }
                try await revoke(second.linkID)
                #expect(try await tickets(store, new) == [Self.first])
                // The columns of the first release go over to the other grant.
                let named = "SELECT ticket_number, link_id FROM otalink.session WHERE id = '\(new)'"
                #expect(try await database.psql(named) == "\(Self.first)|\(first.linkID.text)")
                try await revoke(first.linkID)
                let reason = "SELECT revoke_reason FROM otalink.session WHERE id = '\(new)'"
                #expect(try await database.psql(reason) == (deletes ? "link deleted" : "link revoked"))
                // Ended grants stay as long as their session.
                #expect(try await database.psql("SELECT count(*) FROM otalink.session_grant") == "2")
                try await database.psql("DELETE FROM otalink.session")
                #expect(try await database.psql("SELECT count(*) FROM otalink.session_grant") == "0")
            }
        }
    }

    @Test("Ending a grant tells the replicas, also where the session goes on")
    func told() async throws {
        try await withStore { (store, database) async throws in
            let old = try await spend(store, try await click(store))
            let new = try await spend(store, try await click(store, ticket: Self.second, former: old))
            let (events, continuation) = AsyncStream.makeStream(of: PostgresListener.Event.self)
            let listener = PostgresListener(
                PostgresConfiguration(url: database.url), channels: ["otalink_access"], logger: .quiet
            ) { continuation.yield($0) }
            let running = Task { try await listener.run() }
            defer { running.cancel() }
            var seen = events.makeAsyncIterator()
            while let event = await seen.next() { if case .listening = event { break } }
            // The older grant: no column of the session changes.
            try await database.psql(
                "UPDATE otalink.session_grant SET ended_at = now() WHERE ticket_number = '\(Self.first)'")
            while let event = await seen.next() {
                guard case .notification(_, let payload) = event else { continue }
                #expect(payload == "session \(new.text)")
                break
            }
        }
    }

    @Test("One ticket is signed out of by its grant's number, wherever it moved, and by nobody else")
    func endGrant() async throws {
        try await withStore { (store, database) async throws in
            let old = try await spend(store, try await click(store))
            let id = try #require(try await store.sessions.facts(id: old)?.grants.first?.grant.id)
            let new = try await spend(store, try await click(store, ticket: Self.second, former: old))
            func end(_ login: String) async throws -> Bool {
                try await store.sessions.endGrant(
                    id: id, customerLogin: login, reason: "signed out", actor: nil, context: .none)
            }
            #expect(try await !end("bert@example.org"))
            #expect(try await end("anna@example.org"))
            #expect(try await !end("anna@example.org"))
            #expect(try await tickets(store, new) == [Self.second])
            let told = "SELECT session_id, ticket_number, reason FROM otalink.audit_event WHERE event = 'grant.ended'"
            #expect(try await database.psql(told) == "\(new.text)|\(Self.first)|signed out")
        }
    }

    @Test("Revoking a session that was replaced ends the one in its place, and everywhere ends all")
    func revoked() async throws {
        try await withStore { (store, database) async throws in
            var sessions = [try await spend(store, try await click(store))]
            for number in 0..<5 {
                sessions.append(
                    try await spend(store, try await click(store, ticket: "\(number)", former: sessions.last)))
            }
            let ended = try await store.sessions.revoke(id: sessions[0], reason: "test", actor: nil, context: .none)
            #expect(ended == [sessions[5]])
            let living = "SELECT count(*) FROM otalink.session WHERE revoked_at IS NULL"
            #expect(try await database.psql(living) == "0")
            #expect(
                try await store.sessions.revoke(id: sessions[0], reason: "test", actor: nil, context: .none).isEmpty)
        }
    }

    @Test("Signing out everywhere while clicks go on leaves nothing that any of them had before")
    func everywhere() async throws {
        try await withStore { (store, database) async throws in
            for round in 0..<10 {
                let first = try await spend(store, try await click(store, ticket: "\(round)"))
                var clicks: [Spending] = []
                for number in 0..<4 {
                    clicks.append(try await click(store, ticket: "\(round)-\(number)", former: first))
                }
                let all = clicks
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for click in all { group.addTask { _ = try await store.links.spend(click) } }
                    group.addTask {
                        _ = try await store.sessions.revoke(id: first, reason: "test", actor: nil, context: .none)
                    }
                    try await group.waitForAll()
                }
                // The ticket that was signed out of is open nowhere, in whatever order it went.
                let open = "SELECT count(*) FROM otalink.open_grants WHERE ticket_number = '\(round)'"
                #expect(try await database.psql(open) == "0")
                _ = try await store.sessions.revokeAll(
                    customerLogin: "anna@example.org", reason: "test", actor: nil, context: .none)
                let living = "SELECT count(*) FROM otalink.session WHERE revoked_at IS NULL"
                #expect(try await database.psql(living) == "0")
            }
        }
    }

    @Test("A session that the first release wrote is one grant, and moves as one")
    func firstRelease() async throws {
        try await withStore { (store, database) async throws in
            let link = try await store.issue()
            let old = UUID.version7()
            try await database.psql(
                """
                UPDATE otalink.link SET state = 'used' WHERE id = '\(link.id)';
                INSERT INTO otalink.session (id, link_id, customer_login, ticket_number, scope)
                VALUES ('\(old)', '\(link.id)', 'anna@example.org', '\(Self.first)', 'account')
                """)
            let facts = try #require(try await store.sessions.facts(id: old))
            #expect(facts.grants.map(\.grant.linkID) == [link.id] && facts.grants[0].grant.countsAtDesk)
            #expect(facts.grants[0].grant.id == nil)
            #expect(try await store.links.facts(id: link.id, lifetimeDays: 14).openSession == old)
            let new = try await spend(store, try await click(store, ticket: Self.second, former: old))
            #expect(try await tickets(store, new) == [Self.first, Self.second])
            #expect(try await store.links.facts(id: link.id, lifetimeDays: 14).openSession == new)
            // The first release revokes what it replaces, and knows nothing of grants.
            try await database.psql("UPDATE otalink.session SET revoked_at = now(), revoke_reason = 'x'")
            #expect(try await store.links.facts(id: link.id, lifetimeDays: 14).openSession == nil)
        }
    }
}
