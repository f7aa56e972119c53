import PostgresClient
import ServiceLifecycle
import TestSupport
import Testing

@Suite("Shutdown", .timeLimit(.minutes(10)))
struct ShutdownTests {
    /// Runs until the service group has started everything before it, then waits for the end.
    private struct Signal: Service {
        let started: AsyncStream<Void>.Continuation

        func run() async throws {
            started.finish()
            try await gracefulShutdown()
        }
    }

    @Test("At a graceful shutdown a statement on its way gets its answer, and later calls are refused")
    func graceful() async throws {
        try await PostgresCluster.shared().database { database in
            let client = database.client(connections: 1)
            let (started, continuation) = AsyncStream<Void>.makeStream()
            let group = ServiceGroup(
                services: [client, Signal(started: continuation)], gracefulShutdownSignals: [], logger: .quiet)
            let running = Task { try await group.run() }
            for await _ in started {}

            let gate = try await Gate.shut(database)
            let answer = Task { try await client.query(Statement("slow", "SELECT 1 FROM \(Gate.pass)")) }
            try await eventually { await client.statistics().inFlight == 1 }
            await group.triggerGracefulShutdown()
            await gate.open()
            #expect(try await answer.value.count == 1)
            try await running.value
            #expect(try await postgresError { try await client.query(Statement("one", "SELECT 1")) }.kind == .closed)
        }
    }

    @Test("A client that nobody holds any more closes its connections, after the calls that it had accepted")
    func released() async throws {
        try await PostgresCluster.shared().database { database in
            var client: PostgresClient? = database.client(connections: 1)
            #expect(try await client?.query(Statement("one", "SELECT 1")).count == 1)
            client = nil
            let others =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(database.name)' AND pid <> pg_backend_pid()"
            try await eventually { try await database.psql(others) == "0" }
        }
    }
}
