import PostgresClient
import TestSupport
import Testing

@Suite("Cancellation and deadlines", .timeLimit(.minutes(10)))
struct CancellationTests {
    private static let slow = Statement("slow", "SELECT 1 FROM \(Gate.pass)")
    private static let insert = Statement("t.insert", "INSERT INTO t VALUES ($1)")

    /// One connection, one statement at a time, so that a second one has to wait.
    private func withNarrowClient<R>(_ body: (PostgresClient, TestDatabase) async throws -> R) async throws -> R {
        try await withClient(connections: 1, change: { ($0.pipelineDepth, $0.lockTimeout) = (1, .seconds(9)) }) {
            client, database in
            try await database.psql("CREATE TABLE t (a int8)")
            return try await body(client, database)
        }
    }

    @Test("A statement that waits for its turn is never sent once its task is cancelled")
    func cancelledInQueue() async throws {
        try await withNarrowClient { client, database in
            let gate = try await Gate.shut(database)
            async let first = client.query(Self.slow)
            try await eventually { await client.statistics().inFlight == 1 }
            let second = Task { try await client.query(Self.insert, 1) }
            try await eventually { await client.statistics().waiting == 1 }
            second.cancel()
            await #expect(throws: CancellationError.self) { try await second.value }
            await gate.open()
            _ = try await first
            #expect(
                try await client.query(Statement("t.count", "SELECT count(*) FROM t")).only().decode(
                    at: 0, as: Int.self) == 0)
        }
    }

    @Test("A statement on its way throws at once when its task is cancelled, and the connection stays in step")
    func cancelledInFlight() async throws {
        try await withNarrowClient { client, database in
            let gate = try await Gate.shut(database)
            let first = Task { try await client.query(Self.slow) }
            try await eventually { await client.statistics().inFlight == 1 }
            first.cancel()
            // The gate is still shut: the task does not wait for the server.
            await #expect(throws: CancellationError.self) { try await first.value }
            await gate.open()
            let echo = Statement("echo", "SELECT $1")
            #expect(try await client.query(echo, 7).only().decode(at: 0, as: Int.self) == 7)
        }
    }

    @Test("A call in a cancelled task is not sent")
    func cancelledBefore() async throws {
        try await withNarrowClient { client, database in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                _ = try await client.query(Self.insert, 1)
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let count = try await database.psql("SELECT count(*) FROM t")
            #expect(count == "0")
        }
    }

    @Test("A deadline in the queue leaves no doubt; on the way the outcome is unknown")
    func deadlines() async throws {
        try await withNarrowClient { client, database in
            let gate = try await Gate.shut(database)
            // With the connection there already, the time goes to waiting for the answer.
            _ = try await client.query(Statement("one", "SELECT 1"))
            async let first = postgresError { try await client.query(Self.slow, deadline: .seconds(3)) }
            try await eventually { await client.statistics().inFlight == 1 }
            let waiting = try await postgresError {
                try await client.query(Self.insert, 1, deadline: .milliseconds(20))
            }
            #expect(waiting.kind == .deadlineExceeded)
            #expect(waiting.statementName == "t.insert")
            #expect(!waiting.isOutcomeUnknown)
            let sent = try await first
            #expect(sent.kind == .deadlineExceeded)
            #expect(sent.isOutcomeUnknown)
            await gate.open()
            #expect(
                try await client.query(Statement("t.count", "SELECT count(*) FROM t")).only().decode(
                    at: 0, as: Int.self) == 0)
        }
    }

    @Test("A transaction that waits for a connection can be cancelled, and the connection is not lost to others")
    func cancelledLease() async throws {
        try await withNarrowClient { client, database in
            let gate = try await Gate.shut(database)
            async let first = client.query(Self.slow)
            try await eventually { await client.statistics().inFlight == 1 }
            let second = Task { try await client.transaction("never") { _ in } }
            await Task.yield()
            second.cancel()
            await #expect(throws: CancellationError.self) { try await second.value }
            await gate.open()
            _ = try await first
            #expect(try await client.transaction("next") { try await $0.query(Self.insert, 1).affectedRows } == 1)
        }
    }
}
