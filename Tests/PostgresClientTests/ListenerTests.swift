import Foundation
import PostgresClient
import Synchronization
import TestSupport
import Testing

/// Collects a listener's events for a test to wait for.
private struct Events {
    let stream: AsyncStream<PostgresListener.Event>
    let add: @Sendable (PostgresListener.Event) -> Void

    init() {
        let (stream, continuation) = AsyncStream<PostgresListener.Event>.makeStream()
        self.stream = stream
        add = { continuation.yield($0) }
    }
}

extension AsyncStream<PostgresListener.Event>.Iterator {
    /// The next event that fits; those before it are skipped.
    mutating func next(where fits: (PostgresListener.Event) -> Bool) async throws -> PostgresListener.Event {
        while let event = await next() {
            if fits(event) { return event }
        }
        throw NeverHappened()
    }

    /// All events up to and including the first that fits.
    mutating func upTo(_ fits: (PostgresListener.Event) -> Bool) async -> [PostgresListener.Event] {
        var events: [PostgresListener.Event] = []
        while let event = await next() {
            events.append(event)
            if fits(event) { break }
        }
        return events
    }
}

extension PostgresListener.Event {
    var isListening: Bool { if case .listening = self { true } else { false } }
    var isConfirmed: Bool { if case .confirmed = self { true } else { false } }
    var payload: String? { if case .notification(_, let payload) = self { payload } else { nil } }
    var sentAt: ContinuousClock.Instant? {
        switch self {
        case .listening(let sentAt), .confirmed(let sentAt): sentAt
        case .notification, .lost, .unproven: nil
        }
    }
}

@Suite("Listening", .timeLimit(.minutes(10)))
struct ListenerTests {
    /// Runs a listener beside the body, and ends it.
    private func withListener(
        url: String, channels: [String] = ["news"], roundTripEvery: Duration = .milliseconds(20),
        answerLimit: Duration = .seconds(20),
        _ body: (inout AsyncStream<PostgresListener.Event>.Iterator) async throws -> Void
    ) async throws {
        let events = Events()
        var configuration = PostgresConfiguration(url: url)
        configuration.connectTimeout = .seconds(2)
        let listener = PostgresListener(
            configuration, channels: channels, roundTripEvery: roundTripEvery, answerLimit: answerLimit,
            logger: .quiet, onEvent: events.add)
        let task = Task { try await listener.run() }
        var iterator = events.stream.makeAsyncIterator()
        do {
            try await body(&iterator)
        } catch {
            task.cancel()
            throw error
        }
        task.cancel()
        try await task.value
    }

    @Test("Notifications arrive in order, each before the round trip that follows it is confirmed")
    func order() async throws {
        try await PostgresCluster.shared().database { database in
            try await withListener(url: database.url, channels: ["news", "Other \"one\""]) { events in
                let listening = try await events.next(where: \.isListening)
                let sentAt = try #require(listening.sentAt)
                try await database.psql("NOTIFY news, '1'; NOTIFY \"Other \"\"one\"\"\", '2'; NOTIFY news, '3'")
                let committed = ContinuousClock.now
                let seen = await events.upTo { $0.sentAt.map { $0 > committed } ?? false }
                #expect(seen.compactMap(\.payload) == ["1", "2", "3"])
                let confirmations = seen.compactMap(\.sentAt)
                #expect(confirmations == confirmations.sorted())
                #expect(confirmations.allSatisfy { $0 > sentAt })
            }
        }
    }

    @Test("A notification that arrives in one piece with an answer is delivered before the answer is confirmed")
    func onePiece() async throws {
        try await withClient(change: { $0.applicationName = "sender" }) { client, database in
            let proxy = try TCPProxy(to: database.cluster.port)
            let url = "postgresql://postgres@127.0.0.1:\(proxy.port)/\(database.name)?application_name=listener"
            let clock = Statement("clock", "SELECT clock_timestamp()")
            let asked = Statement(
                "asked",
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'listener' AND state = 'idle' AND query_start > $1"
            )
            let every = Duration.milliseconds(300)
            try await withListener(url: url, roundTripEvery: every, answerLimit: .seconds(20)) { events in
                _ = try await events.next(where: \.isConfirmed)
                let held = try await client.query(clock).only().decode(at: 0, as: Date.self)
                proxy.holdAnswers()
                _ = try await client.query(Statement("notify", "NOTIFY news, 'in one piece'"))
                let committed = ContinuousClock.now
                try await eventually { try await client.query(asked, held).only().decode(at: 0, as: Int.self) == 1 }
                proxy.resume()
                let seen = await events.upTo { $0.sentAt.map { $0 > committed } ?? false }
                #expect(seen.compactMap(\.payload) == ["in one piece"])
            }
        }
    }

    @Test("A killed backend is reported as lost, and the listener listens again")
    func reconnect() async throws {
        try await PostgresCluster.shared().database { database in
            try await withListener(url: database.url) { events in
                _ = try await events.next(where: \.isConfirmed)
                try await database.psql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                _ = try await events.next { $0 == .lost }
                #expect(await events.next()?.isListening == true)
                try await database.psql("NOTIFY news, 'again'")
                #expect(try await events.next { $0.payload != nil }.payload == "again")
            }
        }
    }

    @Test("A connection that falls silent is reported as lost after the limit, and made again")
    func silence() async throws {
        try await PostgresCluster.shared().database { database in
            let proxy = try TCPProxy(to: database.cluster.port)
            let url = "postgresql://postgres@127.0.0.1:\(proxy.port)/\(database.name)"
            try await withListener(url: url, answerLimit: .milliseconds(100)) { events in
                _ = try await events.next(where: \.isConfirmed)
                proxy.stopForwarding()
                let silentSince = ContinuousClock.now
                let seen = await events.upTo { $0 == .lost }
                #expect(seen.last == .lost)
                #expect(ContinuousClock.now - silentSince >= .milliseconds(100))
                proxy.cut()
                proxy.resume()
                let after = await events.upTo(\.isListening)
                #expect(after.allSatisfy { !$0.isConfirmed })
                #expect(after.last?.isListening == true)
            }
        }
    }

    @Test("A listener that ends says that it no longer listens")
    func end() async throws {
        let url = try await PostgresCluster.shared().url(database: "postgres")
        let log = Mutex<[PostgresListener.Event]>([])
        let (started, continuation) = AsyncStream<Void>.makeStream()
        let listener = PostgresListener(PostgresConfiguration(url: url), channels: ["news"], logger: .quiet) { event in
            log.withLock { $0.append(event) }
            continuation.finish()
        }
        let task = Task { try await listener.run() }
        for await _ in started {}
        task.cancel()
        try await task.value
        let events = log.withLock { $0 }
        #expect(events.first?.isListening == true)
        #expect(events.last == .lost)
    }
}
