import Foundation
import LinkActs
import OneTimeLinks
import PostgresClient
import TestSupport
import ReplicaSupport
import Testing

@Suite("Revocation", .timeLimit(.minutes(10)))
struct RevocationTests {
    @Test("A session revoked by an UPDATE in psql is refused by both replicas, also by one that does not listen")
    func revoked() async throws {
        try await withReplicas { replicas, _, database in
            let answer = try await replicas[0].click(try await replicas[0].token())
            guard case .signedIn(let session, _) = answer else {
                Issue.record("not signed in: \(answer)")
                return
            }
            let cookie = try #require(replicas[0].keys.sign(session, as: .session))
            // The first replica listens, the second has no connection to listen on.
            let (events, continuation) = AsyncStream.makeStream(of: PostgresListener.Event.self)
            let listener = PostgresListener(
                PostgresConfiguration(url: database.url), channels: [AccessNotice.channel], answerLimit: .seconds(20),
                logger: .quiet
            ) { event in
                replicas[0].cache.apply(event)
                continuation.yield(event)
            }
            let running = Task { try await listener.run() }
            defer { running.cancel() }
            var seen = events.makeAsyncIterator()
            while let event = await seen.next() { if case .listening = event { break } }
            for replica in replicas {
                #expect(
                    try await replica.check(cookie: cookie, settings: Settings())?.customer.login == "anna@example.org")
            }
            _ = try await database.psql("UPDATE otalink.session SET revoked_at = now()")
            while let event = await seen.next() { if case .notification = event { break } }
            for replica in replicas {
                #expect(try await replica.check(cookie: cookie, settings: Settings()) == nil)
            }
        }
    }

    @Test(
        "What the desk reports has a replica that remembers the session ask about its ticket, before it is worked off")
    func reported() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let replica = replicas[0]
            guard case .signedIn(let session, _) = try await replica.click(try await replica.token()) else {
                Issue.record("not signed in")
                return
            }
            let cookie = try #require(replica.keys.sign(session, as: .session))
            let (events, continuation) = AsyncStream.makeStream(of: PostgresListener.Event.self)
            let listener = PostgresListener(
                PostgresConfiguration(url: database.url), channels: [AccessNotice.channel], logger: .quiet
            ) { event in
                replica.cache.apply(event)
                continuation.yield(event)
            }
            let running = Task { try await listener.run() }
            defer { running.cancel() }
            var seen = events.makeAsyncIterator()
            while let event = await seen.next() { if case .listening = event { break } }
            // As if it were listening all the time, so that only the notice counts.
            replica.cache.apply(.confirmed(sentAt: .now + .seconds(3600)))
            #expect(try await replica.check(cookie: cookie, settings: Settings()) != nil)
            desk.change { state in
                for number in state.tickets.keys { state.tickets[number]?.customerLogin = "bert@example.org" }
                state.questions = 0
            }
            #expect(try await replica.check(cookie: cookie, settings: Settings()) != nil)
            #expect(desk.state.withLock(\.questions) == 0)
            try await replicas[1].store.deskEvents.note(DeskEventHint(ticketID: 1), context: .none)
            while let event = await seen.next() { if case .notification = event { break } }
            #expect(try await replica.check(cookie: cookie, settings: Settings()) == nil)
        }
    }

    @Test(
        "Behind a pooler in transaction mode nothing is remembered, so a revocation counts at once",
        .enabled(if: PgBouncer.isHere, "needs pgbouncer"))
    func pooled() async throws {
        try await withReplicas { replicas, desk, database in
            let bouncer = try PgBouncer(cluster: database.cluster)
            try await bouncer.start()
            defer { bouncer.kill() }
            let pooled = PostgresConfiguration(url: bouncer.url(database.name), usesPreparedStatements: false)
            let client = PostgresClient(pooled, logger: .quiet)
            let replica = replicas[0]
            let answer = try await replica.click(try await replica.token())
            guard case .signedIn(let session, _) = answer else {
                Issue.record("not signed in: \(answer)")
                return
            }
            let cookie = try #require(replica.keys.sign(session, as: .session))
            let (events, continuation) = AsyncStream.makeStream(of: PostgresListener.Event.self)
            let listener = PostgresListener(
                pooled, channels: [AccessNotice.channel], answerLimit: .seconds(20), notifier: client, logger: .quiet
            ) { event in
                replica.cache.apply(event)
                continuation.yield(event)
            }
            let running = Task { try await listener.run() }
            defer { running.cancel() }
            var seen = events.makeAsyncIterator()
            #expect(await seen.next() == .unproven)
            #expect(try await replica.check(cookie: cookie, settings: Settings()) != nil)
            #expect(replica.cache.entry(for: session) == nil)
            _ = try await client.query(Statement("revoke", "UPDATE otalink.session SET revoked_at = now()"))
            #expect(try await replica.check(cookie: cookie, settings: Settings()) == nil)
            await client.close()
        }
    }

    @Test("A cookie of another kind, damaged or of an unknown session signs nobody in")
    func strangers() async throws {
        try await withReplicas { replicas, _, _ in
            let replica = replicas[0]
            let token = try await replica.token()
            let unknown = try #require(replica.keys.sign(.version7(), as: .session))
            for cookie in [token, "", "x", unknown] {
                #expect(try await replica.check(cookie: cookie, settings: Settings()) == nil)
            }
        }
    }

    @Test("A session ends when its customer user becomes invalid, and loses a ticket whose customer changed")
    func ended() async throws {
        try await withReplicas { replicas, _, database in
            let replica = replicas[0]
            let answer = try await replica.click(try await replica.token())
            guard case .signedIn(let session, _) = answer else {
                Issue.record("not signed in: \(answer)")
                return
            }
            let cookie = try #require(replica.keys.sign(session, as: .session))
            #expect(try await replica.store.customerUsers.setValid(false, login: "anna@example.org"))
            #expect(try await replica.check(cookie: cookie, settings: Settings()) == nil)
            #expect(try await replica.store.customerUsers.setValid(true, login: "anna@example.org"))
            #expect(try await replica.check(cookie: cookie, settings: Settings()) != nil)
            _ = try await database.psql("UPDATE otalink.ticket SET customer_login = 'bert@example.org'")
            #expect(try await replica.check(cookie: cookie, settings: Settings()) == nil)
        }
    }
}

@Suite("Use of a session", .timeLimit(.minutes(10)))
struct SessionUseTests {
    @Test("Is written at most once a minute")
    func touch() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let answer = try await replicas[0].click(try await replicas[0].token())
            guard case .signedIn(let session, _) = answer else {
                Issue.record("not signed in: \(answer)")
                return
            }
            let cookie = try #require(replicas[0].keys.sign(session, as: .session))
            let seen = "SELECT last_seen_at > now() - interval '10 seconds' FROM otalink.session"
            for (age, isWritten) in [(50, "f"), (70, "t")] {
                try await database.psql("UPDATE otalink.session SET last_seen_at = now() - interval '\(age) seconds'")
                #expect(try await replicas[1].check(cookie: cookie, settings: Settings()) != nil)
                #expect(try await database.psql(seen) == isWritten)
            }
        }
    }
}
