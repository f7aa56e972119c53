import Foundation
import LinkActs
import LinkStore
import Logging
import OneTimeLinks
import PostgresClient
import ReplicaSupport
import ServiceLifecycle
import TestSupport
import Testing
import TicketSystem

@testable import Queues

@Suite("Working off what the desk has reported", .timeLimit(.minutes(10)))
struct DeskEventWorkerTests {
    private static let firstLink = Settings(stored: [SettingName.mailFirstLink: "1"])
    private static let create = DeskEventHint(ticketID: 1, event: .ticketCreate)

    private static func add(_ desk: ExampleDesk, id: Int64, title: String = "") throws {
        var ticket = try exampleTicket()
        (ticket.number, ticket.ticketID, ticket.title) = (try #require(TicketNumber("\(id)")), id, title)
        desk.change { [ticket] in $0.tickets[ticket.number] = ticket }
    }

    @Test("While the desk is away an event waits with growing pauses, and is mailed when the desk is back")
    func deskAway() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let store = replicas[0].store
            desk.change { $0.isReachable = false }
            try await store.deskEvents.note(Self.create, context: .none)
            let waits = """
                SELECT state, attempts, claimed_by IS NULL, next_attempt_at > now() + interval '1 second', last_error <> ''
                  FROM otalink.desk_event
                """
            for attempt in 1...3 {
                try await database.psql("UPDATE otalink.desk_event SET next_attempt_at = now()")
                try await replicas[attempt % 2].workOffEvents(Self.firstLink)
                #expect(try await database.psql(waits) == "queued|\(attempt)|t|t|t")
            }
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "0")
            desk.change { $0.isReachable = true }
            try await database.psql("UPDATE otalink.desk_event SET next_attempt_at = now()")
            try await replicas[1].workOffEvents(Self.firstLink)
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "1")
            #expect(try await database.psql("SELECT state FROM otalink.desk_event") == "done")
        }
    }

    @Test(
        "Each event fails alone: it is put off and named, those of other tickets go on, and after three days it is given up"
    )
    func alone() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            let store = replicas[0].store
            // The database refuses what the desk says of one ticket; the row of another event cannot be read.
            try await database.psql("ALTER TABLE otalink.ticket ADD CONSTRAINT odd CHECK (title <> 'odd')")
            try Self.add(desk, id: 77, title: "odd")
            try await store.deskEvents.note(DeskEventHint(ticketID: 77, event: .ticketCreate), context: .none)
            try await store.deskEvents.note(DeskEventHint(ticketID: 88, event: .ticketClose), context: .none)
            try await database.psql("UPDATE otalink.desk_event SET event = 'TicketFrobnicate' WHERE ticket_id = 88")
            try await store.deskEvents.note(DeskEventHint(ticketID: 77, event: .ticketClose), context: .none)
            try await store.deskEvents.note(Self.create, context: .none)
            let lines = LogLines()
            let worker = replicas[0].eventWorker(Self.firstLink, logger: Logger(label: "test") { _ in lines })
            try await worker.workOff()
            #expect(try await database.psql("SELECT ticket_number FROM otalink.mail_outbox") == "2026112510000018")
            let states = "SELECT ticket_id, event, state, attempts FROM otalink.desk_event ORDER BY sequence"
            #expect(
                try await database.psql(states) == """
                    77|TicketCreate|queued|1
                    88|TicketFrobnicate|queued|1
                    77|TicketClose|queued|0
                    1|TicketCreate|done|1
                    """)
            #expect(lines.all.count { $0.contains("put off") } == 2)
            try await database.psql(
                """
                UPDATE otalink.desk_event SET created_at = now() - interval '73 hours', next_attempt_at = now()
                 WHERE attempts = 1 AND state = 'queued';
                ALTER TABLE otalink.ticket DROP CONSTRAINT odd;
                ALTER TABLE otalink.ticket ADD CONSTRAINT odd CHECK (title <> 'odd' OR state_type = 'closed')
                """)
            try await worker.workOff()
            // What waits behind it fails for itself.
            #expect(
                try await database.psql(states) == """
                    77|TicketCreate|dead|2
                    88|TicketFrobnicate|dead|2
                    77|TicketClose|queued|1
                    1|TicketCreate|done|1
                    """)
            #expect(lines.all.count { $0.contains("given up") } == 2)
        }
    }

    @Test(
        "An event that is not true of a ticket, or of a ticket that the desk does not show, is done, and the log warns")
    func invisible() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            let lines = LogLines()
            try await replicas[0].store.deskEvents.note(DeskEventHint(ticketID: 99), context: .none)
            try await replicas[0].eventWorker(logger: Logger(label: "test") { _ in lines }).workOff()
            #expect(try await database.psql("SELECT state FROM otalink.desk_event") == "done")
            #expect(lines.all.count { $0.contains("does not show us") && $0.contains("99") } == 1)
        }
    }

    @Test("A report wakes the workers of all replicas, one of them works it off, and nobody waits for a timer")
    func woken() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            var pacing = QueuePacing.deskEvents
            pacing.longestWait = .seconds(3600)
            let workers = replicas.map { [pacing] in $0.eventWorker(Self.firstLink, pacing: pacing) }
            let listener = PostgresListener(
                database.configuration(), channels: [QueueLanes.channel], logger: .quiet
            ) { event in
                for worker in workers { worker.apply(event) }
            }
            let services: [any Service] = [listener] + workers
            let group = ServiceGroup(configuration: .init(services: services, logger: .quiet))
            let running = Task { try await group.run() }
            let result = await Result(catching: {
                for round in 1...3 as ClosedRange<Int64> {
                    try Self.add(desk, id: round + 100)
                    let start = ContinuousClock.now
                    try await replicas[0].store.deskEvents.note(
                        DeskEventHint(ticketID: round + 100, event: .ticketCreate), context: .none)
                    let done = "SELECT count(*) FROM otalink.desk_event WHERE state = 'done'"
                    while try await database.psql(done) != "\(round)" { await Task.yield() }
                    let duration = ContinuousClock.now - start
                    print("an event was worked off after \(duration)")
                    #expect(duration < .seconds(10))
                }
            })
            await group.triggerGracefulShutdown()
            try await running.value
            try result.get()
            #expect(try await database.psql("SELECT sum(attempts) FROM otalink.desk_event") == "3")
        }
    }

    @Test("The desk is asked in the background's turn, so a slow desk has fifteen seconds for each question")
    func caller() async throws {
        try await withReplicas { (replicas, desk, _) async throws in
            try await replicas[0].store.deskEvents.note(Self.create, context: .none)
            try await replicas[0].workOffEvents(Self.firstLink)
            let callers = desk.state.withLock(\.callers)
            #expect(!callers.isEmpty && callers.allSatisfy { $0 == DeskCaller(.background, party: "ticket 1") })
        }
    }
}
