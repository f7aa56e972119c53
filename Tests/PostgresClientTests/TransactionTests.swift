import PostgresClient
import TestSupport
import Testing

@Suite("Transactions", .timeLimit(.minutes(10)))
struct TransactionTests {
    private struct Refusal: Error {}
    private static let insert = Statement("t.insert", "INSERT INTO t VALUES ($1)")
    private static let count = Statement("t.count", "SELECT count(*) FROM t")

    private func withTable<R>(
        connections: Int = 4, change: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (PostgresClient, TestDatabase) async throws -> R
    ) async throws -> R {
        try await withClient(connections: connections, change: change) { client, database in
            try await database.psql("CREATE TABLE t (a int8 PRIMARY KEY)")
            return try await body(client, database)
        }
    }

    @Test("What the body does is committed when it returns", arguments: [true, false])
    func commit(usesPreparedStatements: Bool) async throws {
        try await withTable(change: { $0.usesPreparedStatements = usesPreparedStatements }) { client, database in
            let seen = try await client.transaction("add") { transaction in
                _ = try await transaction.query(Self.insert, 1)
                let results = try await transaction.pipeline([(Self.insert, [2]), (Self.insert, [3]), (Self.count, [])])
                return try results[2].only().decode(at: 0, as: Int.self)
            }
            #expect(seen == 3)
            #expect(try await database.psql("SELECT count(*) FROM t") == "3")
        }
    }

    @Test("An error of the body rolls everything back and comes out unchanged")
    func rollback() async throws {
        try await withTable(connections: 1) { client, database in
            await #expect(throws: Refusal.self) {
                try await client.transaction("add") { transaction in
                    _ = try await transaction.query(Self.insert, 1)
                    throw Refusal()
                }
            }
            let stored = try await database.psql("SELECT count(*) FROM t")
            #expect(stored == "0")
            #expect(try await client.query(Self.count).count == 1)
        }
    }

    @Test("A failed statement whose error the body passes over makes the commit fail")
    func swallowedError() async throws {
        try await withTable { client, database in
            let error = try await postgresError {
                try await client.transaction("add") { transaction in
                    _ = try await transaction.query(Self.insert, 1)
                    _ = try? await transaction.query(Self.insert, 1)
                }
            }
            #expect(error.kind == .transactionRolledBack)
            #expect(try await database.psql("SELECT count(*) FROM t") == "0")
        }
    }

    @Test("More transactions than connections wait for their turn, with short statements between them")
    func contention() async throws {
        try await withTable(connections: 2) { client, database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        if number % 2 == 0 {
                            _ = try await client.query(Self.count)
                        } else {
                            try await client.transaction("add") { transaction in
                                _ = try await transaction.query(Self.insert, number)
                                _ = try await transaction.query(Self.count)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.psql("SELECT count(*) FROM t") == "30")
        }
    }

    @Test("A connection lost before COMMIT was sent leaves no doubt about the outcome")
    func lossInside() async throws {
        try await withTable(connections: 1) { client, database in
            let error = try await postgresError {
                try await client.transaction("add") { transaction in
                    _ = try await transaction.query(Self.insert, 1)
                    let row = try await transaction.query(Statement("pid", "SELECT pg_backend_pid()")).only()
                    let processID = try row.decode(at: 0, as: Int.self)
                    try await database.psql("SELECT pg_terminate_backend(\(processID))")
                    _ = try await transaction.query(Self.insert, 2)
                }
            }
            #expect(error.kind == .connectionLost)
            #expect(!error.isOutcomeUnknown)
            #expect(try await client.query(Self.count).only().decode(at: 0, as: Int.self) == 0)
        }
    }

    @Test("A transaction whose task is cancelled is rolled back, and its connection serves the next call")
    func cancelled() async throws {
        try await withTable(connections: 1) { client, database in
            let (started, startedContinuation) = AsyncStream<Void>.makeStream()
            let task = Task {
                try await client.transaction("add") { transaction in
                    _ = try await transaction.query(Self.insert, 1)
                    startedContinuation.finish()
                    _ = try await transaction.query(Statement("slow", "SELECT pg_sleep(0.5)"))
                }
            }
            for await _ in started {}
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let count = try await client.query(Self.count).only().decode(at: 0, as: Int.self)
            #expect(count == 0)
        }
    }
}
