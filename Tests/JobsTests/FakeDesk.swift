import Foundation
import LinkStore
import OneTimeLinks
import PostgresClient
import Synchronization
import TestSupport
import Testing
import TicketSystem

/// A desk whose tickets the test sets.
final class FakeDesk: TicketSystem {
    struct State {
        var tickets: [TicketNumber: Ticket] = [:]
        var hidden: Set<TicketNumber> = []
        /// Numbers of tickets that a list of them cannot tell.
        var unreadable: Set<String> = []
        /// Tickets that may still be read; then the desk is gone.
        var readsLeft = Int.max
        var reads = 0
        var searches = 0
    }

    let state = Mutex(State())

    /// Called at each reading of a ticket, before the answer.
    let onRead: @Sendable (TicketNumber) async throws -> Void

    init(onRead: @escaping @Sendable (TicketNumber) async throws -> Void = { _ in }) {
        self.onRead = onRead
    }

    @discardableResult
    func add(_ number: String, _ change: (inout Ticket) -> Void = { _ in }) throws -> Ticket {
        var ticket = Ticket(
            number: try #require(TicketNumber(number)), ticketID: try #require(Int64(number)), title: "T", state: "",
            stateType: .open, customerLogin: "anna@example.org", customerID: "", closedAt: nil, mergedInto: nil,
            queue: "")
        change(&ticket)
        state.withLock { $0.tickets[ticket.number] = ticket }
        return ticket
    }

    func ticket(number: TicketNumber) async throws -> TicketReading {
        try await onRead(number)
        return try state.withLock { state in
            guard state.readsLeft > 0 else { throw TicketSystemError(.unreachable, operation: "TicketGet") }
            state.readsLeft -= 1
            state.reads += 1
            guard !state.hidden.contains(number) else { return .invisible }
            return state.tickets[number].map(TicketReading.ticket) ?? .invisible
        }
    }

    func search(ids: [Int64], stateTypes: [TicketStateType]) async throws -> Set<Int64> {
        state.withLock { state in
            state.searches += 1
            return Set(
                state.tickets.values.filter { ticket in
                    ids.contains(ticket.ticketID) && !state.hidden.contains(ticket.number)
                        && (stateTypes.isEmpty || stateTypes.contains(ticket.stateType))
                }.map(\.ticketID))
        }
    }

    func ticket(id: Int64) async throws -> TicketReading { try await tickets(ids: [id])[id] ?? .invisible }

    func tickets(ids: [Int64]) async throws -> [Int64: TicketReading] {
        let numbers = state.withLock { state in
            state.tickets.values.filter { ids.contains($0.ticketID) }.map { ($0.ticketID, $0.number) }
        }
        var readings: [Int64: TicketReading] = Dictionary(uniqueKeysWithValues: Set(ids).map { ($0, .invisible) })
        for (id, number) in numbers.sorted(by: { $0.0 < $1.0 }) { readings[id] = try await ticket(number: number) }
        return readings
    }

    func tickets(numbers: [TicketNumber]) async throws -> [TicketNumber: TicketReading] {
        var readings: [TicketNumber: TicketReading] = [:]
        for number in Set(numbers).sorted() {
            let isUnreadable = state.withLock { $0.unreadable.contains(number.text) }
            readings[number] = isUnreadable ? .unreadable : try await ticket(number: number)
        }
        return readings
    }

    func search(numbers: [TicketNumber], stateTypes: [TicketStateType]) async throws -> Set<Int64> { [] }
    func articles(ofTicket id: Int64) async throws -> [TicketArticle] { [] }
    func origin(ofTicket id: Int64) async throws -> TicketOrigin? { nil }
    func setDynamicField(_ name: String, to value: String, ofTicket id: Int64) async throws {}
    func check() async -> [TicketSystemFinding] { [] }
}

/// A database with links for tickets, and a client of it.
struct JobsDatabase {
    let database: TestDatabase
    let client: PostgresClient
    let store: LinkStore

    /// Links for a ticket, known as the desk has it now.
    func link(_ ticket: Ticket, count: Int = 1, isKnown: Bool = true) async throws {
        if isKnown {
            try await store.tickets.store([(ticket.number, ticket)], askedAt: try await store.tickets.now() - 3600)
        }
        try await database.psql(
            """
            INSERT INTO otalink.link (id, ticket_number, customer_login, recipient, key_id, state, origin)
            SELECT gen_random_uuid(), '\(ticket.number)', 'anna@example.org', 'anna@example.org', 'k', 'superseded', 'api'
              FROM generate_series(1, \(count))
            """)
    }

    /// The tickets that have links, with their counts.
    func links() async throws -> String {
        try await database.psql(
            "SELECT string_agg(number || ':' || count, ' ' ORDER BY number) FROM "
                + "(SELECT ticket_number AS number, count(*) FROM otalink.link GROUP BY 1) AS l")
    }
}

func withJobsDatabase(_ body: @Sendable (JobsDatabase) async throws -> Void) async throws {
    try await PostgresCluster.shared().migratedDatabase(migrations: RepositoryRoot.path + "/migrations") { database in
        try await database.withClient { client in
            try await body(JobsDatabase(database: database, client: client, store: LinkStore(client: client)))
        }
    }
}
