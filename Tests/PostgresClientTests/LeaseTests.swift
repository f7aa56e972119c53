import PostgresClient
import TestSupport
import Testing

@Suite("Leased connections", .timeLimit(.minutes(10)))
struct LeaseTests {
    private static let pid = Statement("pid", "SELECT pg_backend_pid()")

    @Test("An advisory lock is held by one at a time, and free again after the body")
    func exclusivity() async throws {
        try await withClient { first, database in
            try await database.withClient { second in
                let inside = try await first.withAdvisoryLock(42) { _ in
                    let other = try await second.withAdvisoryLock(42) { _ in true }
                    #expect(other == nil)
                    return try await second.withAdvisoryLock(43) { _ in true }
                }
                #expect(inside == true)
                #expect(try await second.withAdvisoryLock(42) { _ in true } == true)
            }
        }
    }

    @Test("If the connection of a lock dies, others get the lock and every call of the former holder throws")
    func lostLock() async throws {
        try await withClient { first, database in
            try await database.withClient { second in
                _ = try await first.withAdvisoryLock(42) { connection in
                    let processID = try await connection.query(Self.pid).only().decode(at: 0, as: Int.self)
                    try await database.psql("SELECT pg_terminate_backend(\(processID))")
                    try await eventually { try await second.withAdvisoryLock(42) { _ in true } == true }
                    for _ in 0..<2 {
                        let error = try await postgresError { try await connection.query(Self.pid) }
                        #expect(error.kind == .connectionLost)
                    }
                    let error = try await postgresError { try await connection.transaction("late") { _ in } }
                    #expect(error.kind == .connectionLost)
                }
            }
        }
    }

    @Test("Nothing of a leased session reaches anybody else")
    func sessionIsClosed() async throws {
        try await withClient(connections: 1) { client, _ in
            try await client.withConnection { connection in
                try await connection.execute(script: "CREATE TEMPORARY TABLE mine (a int8); SET search_path = nowhere")
                #expect(try await connection.query(Statement("mine", "SELECT * FROM pg_temp.mine")).isEmpty)
            }
            let error = try await postgresError {
                try await client.query(Statement("mine", "SELECT * FROM pg_temp.mine"))
            }
            #expect(error.sqlState == "42P01")
            try await eventually { await client.statistics().openConnections == 1 }
        }
    }

    @Test("A handle is of no use after the body")
    func escapedHandle() async throws {
        try await withClient { client, _ in
            let handle = try await client.withConnection { $0 }
            let error = try await postgresError { try await handle.query(Self.pid) }
            #expect(error.kind == .connectionLost)
        }
    }

    @Test("A script runs all its statements, and takes none of them if one fails")
    func script() async throws {
        try await withClient { client, database in
            try await client.withConnection { connection in
                #expect(
                    try await connection.execute(script: "CREATE TABLE t (a int8 UNIQUE); INSERT INTO t VALUES (1)")
                        == 2)
                let error = try await postgresError {
                    try await connection.execute(
                        script: "INSERT INTO t VALUES (2);\nSELECT 1;\nINSERT INTO t VALUES (1)")
                }
                #expect(error.sqlState == "23505")
                #expect(error.scriptPosition?.statementIndex == 2)
                #expect(error.scriptPosition?.characterOffset == nil)

                let unknown = try await postgresError {
                    try await connection.execute(script: "SELECT 'ä';\nSELECT missing")
                }
                #expect(unknown.scriptPosition == PostgresError.ScriptPosition(statementIndex: 1, characterOffset: 19))
                #expect(unknown.serverMessage == "column \"missing\" does not exist")
                #expect(try await connection.query(Self.pid).count == 1)
            }
            #expect(try await database.psql("SELECT count(*) FROM t") == "1")
        }
    }

    @Test("A transaction on a leased connection commits and rolls back as others do")
    func transaction() async throws {
        try await withClient { client, database in
            try await database.psql("CREATE TABLE t (a int8)")
            try await client.withConnection { connection in
                _ = try await connection.transaction("one") { try await $0.execute(script: "INSERT INTO t VALUES (1)") }
                _ = try await postgresError {
                    try await connection.transaction("two") {
                        try await $0.execute(script: "INSERT INTO t VALUES (2); SELECT missing")
                    }
                }
            }
            #expect(try await database.psql("SELECT count(*) FROM t") == "1")
        }
    }
}
