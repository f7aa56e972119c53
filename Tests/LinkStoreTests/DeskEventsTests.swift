import Foundation
import OneTimeLinks
import Testing

@testable import LinkStore

@Suite("Events of the desk in PostgreSQL")
struct DeskEventsTests {
    private static let lease = Duration.seconds(60)

    private static func hint(_ event: NotificationEvent?, ticket: Int64 = 1, article: Int64? = nil) -> DeskEventHint {
        DeskEventHint(ticketID: ticket, event: event, articleID: article)
    }

    @Test("A hundred reports of one event at once are one row, and each hint comes back as it was")
    func once() async throws {
        try await withStore { (store, database) async throws in
            let context = RequestContextFacts(clientAddress: "192.0.2.7", userAgent: "desk", requestID: "r")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await store.deskEvents.note(Self.hint(.articleCreate, article: 7), context: context)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.psql("SELECT count(*), sum(reports) FROM otalink.desk_event") == "1|100")
            let claimed = try #require(try await store.deskEvents.claim(by: "a", lease: Self.lease))
            #expect(claimed.hint == Self.hint(.articleCreate, article: 7) && claimed.context == context)
            try await store.deskEvents.finish(claimed)
            let hints = [
                Self.hint(.ticketCreate), Self.hint(.ticketClose), Self.hint(nil),
                DeskEventHint(ticketID: 1, isDeletion: true), Self.hint(.articleCreate), Self.hint(nil, ticket: 2),
            ]
            for hint in hints { try await store.deskEvents.note(hint, context: .none) }
            for hint in hints {
                let next = try #require(try await store.deskEvents.claim(by: "a", lease: Self.lease))
                #expect(next.hint == hint)
                try await store.deskEvents.finish(next)
            }
            #expect(try await store.deskEvents.claim(by: "a", lease: Self.lease) == nil)
        }
    }

    @Test("Events of a ticket are worked on one after the other, in their order, whatever becomes of the first")
    func order() async throws {
        try await withStore { (store, database) async throws in
            let events = store.deskEvents
            for hint in [Self.hint(.ticketCreate), Self.hint(.articleCreate, article: 2), Self.hint(nil, ticket: 2)] {
                try await events.note(hint, context: .none)
            }
            let first = try #require(try await events.claim(by: "a", lease: Self.lease))
            let other = try #require(try await events.claim(by: "b", lease: Self.lease))
            #expect(first.hint.event == .ticketCreate && other.hint.ticketID == 2)
            #expect(try await events.claim(by: "c", lease: Self.lease) == nil)
            try await events.postpone(
                id: first.id, attempt: first.attempt, by: first.claimedBy, for: .seconds(600), error: "away")
            #expect(try await events.claim(by: "c", lease: Self.lease) == nil)
            let due = try #require(try await events.secondsUntilDue())
            #expect(due > 0)
            // Only the replica that works on it gives it up.
            try await events.markDead(id: first.id, attempt: first.attempt, by: first.claimedBy, error: "late")
            #expect(try await events.claim(by: "c", lease: Self.lease) == nil)
            try await database.psql("UPDATE otalink.desk_event SET next_attempt_at = now() WHERE claimed_by IS NULL")
            let again = try #require(try await events.claim(by: "a", lease: Self.lease))
            #expect(again.id == first.id)
            try await events.markDead(id: again.id, attempt: again.attempt, by: again.claimedBy, error: "gone")
            #expect(try await events.claim(by: "c", lease: Self.lease)?.hint.event == .articleCreate)
            let told = "SELECT ticket_number, reason FROM otalink.audit_event WHERE event = 'desk_event.dead'"
            #expect(
                try await database.psql(told) == "2026112510000018|TicketCreate of the ticket with the id 1")
        }
    }

    @Test("Of many replicas that claim at the same instant one gets the ticket")
    func race() async throws {
        try await withStore { (store, _) async throws in
            for article in 1...5 as ClosedRange<Int64> {
                try await store.deskEvents.note(Self.hint(.articleCreate, article: article), context: .none)
            }
            let claims = try await withThrowingTaskGroup(of: ClaimedDeskEvent?.self) { group in
                for replica in 0..<16 {
                    group.addTask { try await store.deskEvents.claim(by: "replica-\(replica)", lease: Self.lease) }
                }
                return try await group.reduce(into: [ClaimedDeskEvent]()) { $0 += [$1].compactMap(\.self) }
            }
            #expect(claims.map(\.hint.articleID) == [1])
        }
    }

    @Test("What is reported while it is worked on is due again, at the end of the line once it was done")
    func reportedMeanwhile() async throws {
        try await withStore { (store, database) async throws in
            let events = store.deskEvents
            try await events.note(Self.hint(.ticketClose), context: .none)
            let first = try #require(try await events.claim(by: "a", lease: Self.lease))
            try await events.note(Self.hint(.ticketClose), context: .none)
            try await events.finish(first)
            let again = try #require(try await events.claim(by: "a", lease: Self.lease))
            #expect(again.id == first.id)
            try await events.finish(again)
            #expect(try await events.claim(by: "a", lease: Self.lease) == nil)
            // Yesterday's close, and today's: an answer came between them.
            try await events.note(Self.hint(.articleCreate, article: 9), context: .none)
            try await events.note(Self.hint(.ticketClose), context: .none)
            for event in [.articleCreate, .ticketClose] as [NotificationEvent] {
                let next = try #require(try await events.claim(by: "a", lease: Self.lease))
                #expect(next.hint.event == event)
                try await events.finish(next)
            }
            #expect(try await database.psql("SELECT count(*) FROM otalink.desk_event") == "2")
        }
    }

    @Test("An event whose claim has run out is the next, also if an older one came to light after the claim")
    func outOfOrder() async throws {
        try await withStore { (store, database) async throws in
            let events = store.deskEvents
            for hint in [Self.hint(.ticketCreate), Self.hint(.articleCreate, article: 2)] {
                try await events.note(hint, context: .none)
            }
            // A replica took the second before the first was committed, and died.
            try await database.psql(
                """
                UPDATE otalink.desk_event SET claimed_by = 'gone', claimed_until = now() - interval '1 hour', attempts = 1
                 WHERE article_id = 2
                """)
            #expect(try #require(try await events.secondsUntilDue()) <= 0)
            for event in [.articleCreate, .ticketCreate] as [NotificationEvent] {
                let next = try #require(try await events.claim(by: "a", lease: Self.lease))
                #expect(next.hint.event == event)
                #expect(try await events.claim(by: "b", lease: Self.lease) == nil)
                try await events.finish(next)
            }
        }
    }

    @Test("A claim that has run out is another's, and its replica ends nothing any more")
    func lease() async throws {
        try await withStore { (store, database) async throws in
            try await store.deskEvents.note(Self.hint(.ticketCreate), context: .none)
            let stalled = try #require(try await store.deskEvents.claim(by: "stalled", lease: Self.lease))
            #expect(try await store.deskEvents.claim(by: "b", lease: Self.lease) == nil)
            try await database.psql("UPDATE otalink.desk_event SET claimed_until = now() - interval '1 second'")
            let taken = try #require(try await store.deskEvents.claim(by: "b", lease: Self.lease))
            #expect(taken.id == stalled.id && taken.attempt == 2)
            try await store.deskEvents.finish(stalled)
            try await store.deskEvents.postpone(
                id: stalled.id, attempt: stalled.attempt, by: "stalled", for: .zero, error: "late")
            try await store.deskEvents.markDead(
                id: stalled.id, attempt: stalled.attempt, by: "stalled", error: "late")
            let row = "SELECT state, claimed_by FROM otalink.desk_event"
            #expect(try await database.psql(row) == "queued|b")
            try await store.deskEvents.finish(taken)
            #expect(try await database.psql(row) == "done|")
        }
    }

    @Test(
        "A replica that slept while its event was done and reported anew ends nothing of the new claim, which has its number"
    )
    func leaseOfAnotherRound() async throws {
        try await withStore { (store, database) async throws in
            try await store.deskEvents.note(Self.hint(.ticketCreate), context: .none)
            let stalled = try #require(try await store.deskEvents.claim(by: "stalled", lease: Self.lease))
            try await database.psql("UPDATE otalink.desk_event SET claimed_until = now() - interval '1 second'")
            try await store.deskEvents.finish(
                try #require(try await store.deskEvents.claim(by: "b", lease: Self.lease)))
            try await store.deskEvents.note(Self.hint(.ticketCreate), context: .none)
            let taken = try #require(try await store.deskEvents.claim(by: "c", lease: Self.lease))
            #expect(taken.id == stalled.id && taken.attempt == stalled.attempt)
            try await store.deskEvents.finish(stalled)
            try await store.deskEvents.postpone(
                id: stalled.id, attempt: stalled.attempt, by: "stalled", for: .seconds(9), error: "late")
            try await store.deskEvents.markDead(
                id: stalled.id, attempt: stalled.attempt, by: "stalled", error: "late")
            let row = "SELECT state, claimed_by, last_error FROM otalink.desk_event"
            #expect(try await database.psql(row) == "queued|c|")
            try await store.deskEvents.finish(taken)
            #expect(try await database.psql(row) == "done||")
        }
    }

    @Test("From the report on, what was read before is usable and not fresh, also what is stored afterwards")
    func freshness() async throws {
        try await withStore { (store, database) async throws in
            let number = try exampleTicket().number
            func worth() async throws -> Freshness? {
                let now = try await store.tickets.now()
                return try await store.tickets.chain(from: number).first?.freshness(at: now)
            }
            #expect(try await worth() == .fresh)
            let before = try await store.tickets.now()
            try await store.deskEvents.note(Self.hint(.ticketClose), context: .none)
            #expect(try await worth() == .usable)
            // The desk was asked before the report, and answered after it.
            try await store.tickets.store([(number, try exampleTicket())], askedAt: before)
            #expect(try await worth() == .usable)
            // So was a ticket that nothing was known of.
            try await database.psql("DELETE FROM otalink.ticket")
            try await store.tickets.store([(number, try exampleTicket())], askedAt: before)
            #expect(try await worth() == .usable)
            try await store.tickets.store([(number, try exampleTicket())], askedAt: try await store.tickets.now())
            #expect(try await worth() == .fresh)
            try await store.deskEvents.note(DeskEventHint(ticketID: 1, isDeletion: true), context: .none)
            let gone = try #require(try await store.tickets.chain(from: number).first)
            #expect(gone.ticket == nil)
            #expect(try await worth() == .fresh)
        }
    }

    @Test("What was given up is listed and told of, and begins anew when it is retried or reported again")
    func dead() async throws {
        try await withStore { (store, database) async throws in
            let events = store.deskEvents
            #expect(try await events.standing().lastReport == nil)
            try await database.psql(
                "INSERT INTO otalink.audit_event (event, reason, client_address) VALUES ('desk_event.refused', 'no-valid-key', '192.0.2.9')"
            )
            for round in 0..<2 {
                try await events.note(Self.hint(.ticketCreate, ticket: 17), context: .none)
                try await database.psql("UPDATE otalink.desk_event SET created_at = now() - interval '4 days'")
                let claimed = try #require(try await events.claim(by: "a", lease: Self.lease))
                #expect(claimed.attempt == 1)
                try await events.markDead(
                    id: claimed.id, attempt: 1, by: claimed.claimedBy, error: "no answer \(round)")
            }
            let standing = try await events.standing()
            #expect(standing.dead == 1 && standing.waiting == 0 && standing.lastReport != nil)
            #expect(standing.lastDead == "TicketCreate of the ticket with the id 17: no answer 1")
            #expect(
                standing.lastRefusal?.reason == "no-valid-key" && standing.lastRefusal?.clientAddress == "192.0.2.9")
            let listed = try #require(try await events.listed(state: nil, limit: 5).rows.first)
            #expect(listed.state == "dead" && listed.lastError == "no answer 1" && listed.ticketNumber == nil)
            #expect(try await events.retry(id: UUID(), actor: "operator") == 0)
            #expect(try await events.retry(id: nil, actor: "operator") == 1)
            let again = try #require(try await events.claim(by: "a", lease: Self.lease))
            #expect(again.attempt == 1 && again.createdAt.timeIntervalSinceNow > -3600)
        }
    }
}
