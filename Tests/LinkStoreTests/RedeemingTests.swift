import Foundation
import OneTimeLinks
import Testing

@testable import LinkStore

@Suite("Redeeming in PostgreSQL")
struct RedeemingTests {
    @Test("A link is spent once, however many browsers try at the same instant")
    func race() async throws {
        try await withStore { store, database in
            let link = try await store.issue()
            let outcomes = try await withThrowingTaskGroup(of: SpendingOutcome.self) { group in
                for browser in 0..<100 {
                    group.addTask {
                        try await store.links.spend(
                            Spending(
                                linkID: link.id, sessionID: .version7(), ticketNumber: link.ticketNumber,
                                browser: [UInt8(browser)], context: .none))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == .spent } == 1)
            #expect(try await database.psql("SELECT count(*) FROM otalink.session") == "1")
        }
    }

    @Test("Facts name the newer link, and a newer active link supersedes the older one")
    func newer() async throws {
        try await withStore { store, _ in
            let old = try await store.issue()
            let new = try await store.issue()
            let facts = try await store.links.facts(id: old.id, lifetimeDays: 14)
            #expect(facts.link?.state == .superseded)
            #expect(facts.hasNewerActiveLink)
            #expect(facts.customer?.login == "anna@example.org")
            #expect(try await store.links.facts(id: new.id, lifetimeDays: 14).link?.state == .active)
            #expect(try await store.links.facts(id: .version7(), lifetimeDays: 14).link == nil)
        }
    }

    @Test("Revoking a link, also by an UPDATE in psql, revokes its session")
    func revocation() async throws {
        try await withStore { store, database in
            let link = try await store.issue()
            let session = UUID.version7()
            let outcome = try await store.links.spend(
                Spending(
                    linkID: link.id, sessionID: session, ticketNumber: link.ticketNumber, browser: [1], context: .none))
            #expect(outcome == .spent)
            #expect(try await store.sessions.facts(id: session)?.session.revokedAt == nil)
            _ = try await database.psql("UPDATE otalink.link SET state = 'revoked' WHERE id = '\(link.id)'")
            #expect(try await store.sessions.facts(id: session)?.session.revokedAt != nil)
        }
    }

    @Test("An offered link leaves the older one active, and its mail is queued with it")
    func offer() async throws {
        try await withStore { store, database in
            let old = try await store.issue()
            let new = try store.newLink(origin: .refresh)
            let mail = NewMail(id: .version7(), kind: .refresh, notificationID: nil, language: "de")
            let queued = try await store.links.offer(
                ticketNumber: new.ticketNumber, customerLogin: new.customerLogin, oldLink: old.id, lifetimeDays: 14,
                context: .none
            ) { facts in
                facts?.refreshMails.lastHour == 0 ? (new, mail) : nil
            }
            #expect(queued?.linkID == new.id)
            let facts = try await store.links.facts(id: old.id, lifetimeDays: 14)
            #expect(facts.link?.state == .active)
            #expect(facts.hasNewerOfferedLink)
            #expect(facts.refreshMails == (1, 1))
            #expect(try await database.psql("SELECT state FROM otalink.mail_outbox") == "queued")
        }
    }

    @Test("Facts about a merged ticket lead to the ticket that it was merged into; a circle ends")
    func merges() async throws {
        try await withStore { store, _ in
            let now = try await store.tickets.now()
            var merged = try exampleTicket()
            merged.stateType = .merged
            merged.mergedInto = TicketNumber("2026112510000026")
            var target = try exampleTicket()
            target.number = try #require(merged.mergedInto)
            target.ticketID = 2
            let link = try await store.issue()
            try await store.tickets.store([(merged.number, merged), (target.number, target)], askedAt: now)
            let facts = try await store.links.facts(id: link.id, lifetimeDays: 14)
            #expect(facts.tickets.map { $0.ticket?.number } == [merged.number, target.number])
            target.mergedInto = merged.number
            target.stateType = .merged
            try await store.tickets.store([(target.number, target)], askedAt: now)
            #expect(try await store.tickets.chain(from: merged.number).count == 2)
        }
    }
}
