import Foundation
import LinkStore
import OneTimeLinks
import PostgresClient
import TestSupport
import Testing
import TicketSystem

@testable import Jobs

@Suite("The nightly deletion")
struct ExpireLinksTests {
    private static let day: TimeInterval = 86_400

    private func expire(
        _ jobs: JobsDatabase, _ desk: FakeDesk, days: Int = 14, isDryRun: Bool = false
    ) async throws -> ExpiryCount {
        var settings = LinkSettings()
        settings.accessDaysAfterClose = days
        let job = ExpireLinks(desk: desk, settings: settings, logger: .quiet)
        let count = try await jobs.client.withAdvisoryLock(1) { try await job(on: $0, isDryRun: isDryRun) }
        return try #require(count)
    }

    @Test("Deletes the links of what is closed too long, removed, or merged into such, and nothing else")
    func table() async throws {
        try await withJobsDatabase { (jobs) async throws in
            let desk = FakeDesk()
            let now = try await jobs.store.tickets.now()
            try await jobs.link(try desk.add("1"))
            try await jobs.link(
                try desk.add("2") { ($0.stateType, $0.closedAt) = (.closed, now - 15 * Self.day) }, count: 3)
            try await jobs.link(try desk.add("3") { ($0.stateType, $0.closedAt) = (.closed, now - 13 * Self.day) })
            try await jobs.link(try desk.add("4") { $0.stateType = .removed })
            // Reopened: the old close says nothing.
            try await jobs.link(try desk.add("5") { $0.closedAt = now - 100 * Self.day })
            try await jobs.link(try desk.add("6") { ($0.stateType, $0.mergedInto) = (.merged, TicketNumber("2")) })
            try await jobs.link(try desk.add("7") { ($0.stateType, $0.mergedInto) = (.merged, TicketNumber("1")) })
            // Known as open since its last look, closed long ago by now; and one never read.
            let open = try desk.add("8")
            try await jobs.link(open)
            try desk.add("8") { ($0.stateType, $0.closedAt) = (.closed, now - 20 * Self.day) }
            try await jobs.link(
                try desk.add("9") { ($0.stateType, $0.closedAt) = (.closed, now - 20 * Self.day) }, isKnown: false)
            // Known as closed too long, but reopened and closed again since.
            try await jobs.link(try desk.add("10") { ($0.stateType, $0.closedAt) = (.closed, now - 30 * Self.day) })
            try desk.add("10") { ($0.stateType, $0.closedAt) = (.closed, now - Self.day) }
            try await jobs.link(try desk.add("11") { $0.stateType = .merged })
            try await jobs.link(try desk.add("12") { $0.stateType = .closed })
            // Somebody else's by now: dead by the rules, deleted when the ticket's days are over.
            try await jobs.link(try desk.add("13") { $0.customerLogin = "bert@example.org" })

            #expect(try await expire(jobs, desk, isDryRun: true).deletedTickets == 5)
            #expect(try await jobs.links().hasPrefix("1:1 10:1 11:1"))
            let count = try await expire(jobs, desk)
            #expect(try await jobs.links() == "1:1 10:1 11:1 12:1 13:1 3:1 5:1 7:1")
            #expect(count.tickets == 13 && count.deletedTickets == 5 && count.deletedLinks == 7)
            #expect(try await expire(jobs, desk).deletedTickets == 0)
            let told = try await jobs.database.psql(
                "SELECT string_agg(ticket_number || reason, ' ' ORDER BY ticket_number) FROM otalink.audit_event")
            #expect(
                told
                    == "2ticket-closedTooLong 4ticket-removed 6ticket-closedTooLong 8ticket-closedTooLong 9ticket-closedTooLong"
            )
            #expect(
                try await jobs.database.psql(
                    "SELECT count(*) FROM otalink.ticket WHERE ticket_number IN ('4', '8', '9')") == "0")
        }
    }

    @Test("Closed within its days a ticket is not read; with N = 0 a close is the end")
    func narrowing() async throws {
        try await withJobsDatabase { (jobs) async throws in
            let desk = FakeDesk()
            let now = try await jobs.store.tickets.now()
            for number in 1...20 {
                try await jobs.link(
                    try desk.add("\(number)") { ($0.stateType, $0.closedAt) = (.closed, now - Self.day) })
            }
            _ = try await expire(jobs, desk)
            #expect(desk.state.withLock { ($0.reads, $0.searches) } == (0, 2))
            #expect(try await expire(jobs, desk, days: 0).deletedTickets == 20)
        }
    }

    @Test("An invisible ticket keeps its links until it was unseen for the days; visible again, all is forgotten")
    func invisible() async throws {
        try await withJobsDatabase { (jobs) async throws in
            let desk = FakeDesk()
            let ticket = try desk.add("1")
            try await jobs.link(ticket)
            desk.state.withLock { _ = $0.hidden.insert(ticket.number) }
            #expect(try await expire(jobs, desk).turnedInvisible == 1)
            #expect(try await jobs.database.psql("SELECT unseen_since IS NOT NULL FROM otalink.ticket") == "t")
            desk.state.withLock { $0.hidden = [] }
            _ = try await expire(jobs, desk)
            #expect(try await jobs.database.psql("SELECT is_visible FROM otalink.ticket") == "t")
            desk.state.withLock { _ = $0.hidden.insert(ticket.number) }
            _ = try await expire(jobs, desk)
            try await jobs.database.psql("UPDATE otalink.ticket SET unseen_since = now() - interval '13 days 23 hours'")
            #expect(try await expire(jobs, desk).deletedTickets == 0)
            try await jobs.database.psql("UPDATE otalink.ticket SET unseen_since = now() - interval '14 days'")
            #expect(try await expire(jobs, desk).deletedTickets == 1)
        }
    }

    @Test("When more than a tenth turn invisible at once, none of the invisible ones is deleted")
    func suspicion() async throws {
        try await withJobsDatabase { (jobs) async throws in
            let desk = FakeDesk()
            for number in 1...60 { try await jobs.link(try desk.add("\(number)")) }
            let hidden = try (1...7).map { try #require(TicketNumber("\($0)")) }
            desk.state.withLock { $0.hidden = Set(hidden) }
            try await jobs.database.psql(
                "UPDATE otalink.ticket SET is_visible = false, unseen_since = now() - interval '99 days' WHERE ticket_number = '7'"
            )
            let count = try await expire(jobs, desk)
            #expect(count.turnedInvisible == 6 && !count.isSuspicious && count.deletedTickets == 1)
            desk.state.withLock { state in state.hidden.formUnion((8...17).compactMap { TicketNumber("\($0)") }) }
            try await jobs.database.psql(
                "UPDATE otalink.ticket SET unseen_since = now() - interval '99 days' WHERE NOT is_visible")
            let alarming = try await expire(jobs, desk)
            #expect(alarming.isSuspicious && alarming.deletedTickets == 0)
            #expect(alarming.description.contains("ALERT"))
        }
    }

    @Test("The desk away in the middle ends the run; nothing wrong was deleted, and the next run goes on")
    func deskAway() async throws {
        try await withJobsDatabase { (jobs) async throws in
            let desk = FakeDesk()
            let now = try await jobs.store.tickets.now()
            for number in 1...5 {
                try await jobs.link(
                    try desk.add("\(number)") { ($0.stateType, $0.closedAt) = (.closed, now - 20 * Self.day) })
            }
            desk.state.withLock { $0.readsLeft = 3 }
            await #expect(throws: TicketSystemError.self) { try await expire(jobs, desk) }
            #expect(try await jobs.links() == "1:1 2:1 3:1 4:1 5:1")
            desk.state.withLock { $0.readsLeft = .max }
            #expect(try await expire(jobs, desk).deletedLinks == 5)
        }
    }

    @Test("An id that the desk shows under another number is not taken for the ticket: its number decides")
    func renumbered() async throws {
        try await withJobsDatabase { (jobs) async throws in
            let desk = FakeDesk()
            let now = try await jobs.store.tickets.now()
            try await jobs.link(try desk.add("1"))
            try await jobs.link(try desk.add("2"), isKnown: false)
            // What we know as ticket 1 was set up anew as 3, closed long ago; ticket 1 has another id, and is open.
            try desk.add("1") { $0.ticketID = 100 }
            try desk.add("3") { ($0.ticketID, $0.stateType, $0.closedAt) = (1, .closed, now - 20 * Self.day) }
            #expect(try await expire(jobs, desk).deletedTickets == 0)
            #expect(
                try await jobs.database.psql("SELECT ticket_id FROM otalink.ticket WHERE ticket_number = '1'") == "100")
        }
    }

    @Test("More links than a batch go all, and replicas are not told")
    func batches() async throws {
        try await withJobsDatabase { (jobs) async throws in
            let desk = FakeDesk()
            let now = try await jobs.store.tickets.now()
            let ticket = try desk.add("1") { ($0.stateType, $0.closedAt) = (.closed, now - 20 * Self.day) }
            try await jobs.link(ticket, count: 1_201)
            try await jobs.database.psql("UPDATE otalink.link SET state = 'used'")
            try await jobs.database.psql(
                "INSERT INTO otalink.session (id, link_id, customer_login, ticket_number) SELECT gen_random_uuid(), id, 'anna@example.org', '1' FROM otalink.link LIMIT 1"
            )
            #expect(try await expire(jobs, desk).deletedLinks == 1_201)
            // The session ends by the rules, since the ticket's days are over; the row is left for the retention.
            #expect(try await jobs.database.psql("SELECT revoked_at IS NULL FROM otalink.session") == "t")
        }
    }
}
