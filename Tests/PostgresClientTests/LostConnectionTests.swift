import PostgresClient
import TestSupport
import Testing

@Suite("Lost connections", .timeLimit(.minutes(10)))
struct LostConnectionTests {
    private static let backends = """
        FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND application_name <> '\(Gate.applicationName)'
        """
    private static let read = Statement("t.count", repeatable: true, "SELECT count(*) FROM t")

    /// Waits until the server works on that many statements of this name at a time.
    private func waitForActive(_ count: Int, matching text: String, _ database: TestDatabase) async throws {
        try await eventually {
            try await database.psql(
                "SELECT count(*) \(Self.backends) AND state = 'active' AND query LIKE '%\(text)%'") == "\(count)"
        }
    }

    @Test(
        "Killed backends: statements that only read succeed, others say that their outcome is unknown, later ones succeed"
    )
    func killedBackends() async throws {
        let slowRead = Statement("slow.read", repeatable: true, "SELECT 1 FROM \(Gate.pass)")
        let slowWrite = Statement("slow.write", "INSERT INTO t SELECT 1 FROM \(Gate.pass)")
        try await withClient(change: { ($0.pipelineDepth, $0.lockTimeout) = (1, .seconds(9)) }) { client, database in
            try await database.psql("CREATE TABLE t (a int8)")
            let gate = try await Gate.shut(database)
            async let first = client.query(slowRead)
            async let second = client.query(slowRead)
            async let third = postgresError { try await client.query(slowWrite) }
            async let fourth = postgresError { try await client.query(slowWrite) }
            try await waitForActive(4, matching: "4711", database)
            try await database.psql("SELECT pg_terminate_backend(pid) \(Self.backends)")
            await gate.open()

            #expect(try await first.count == 1)
            #expect(try await second.count == 1)
            for error in [try await third, try await fourth] {
                #expect(error.kind == .connectionLost)
                #expect(error.isOutcomeUnknown)
                #expect(error.statementName == "slow.write")
            }
            #expect(try await client.query(Self.read).only().decode(at: 0, as: Int.self) == 0)
            #expect(await client.statistics().reconnects > 0)
        }
    }

    @Test("Under load no answer is lost or given to another, however often backends are killed")
    func killedUnderLoad() async throws {
        try await withClient { client, database in
            try await database.psql("CREATE TABLE t (a int8 PRIMARY KEY)")
            let sum = try await withThrowingTaskGroup(of: Outcome.self, returning: Outcome.self) { group in
                for task in 0..<16 {
                    group.addTask { try await Self.insert(task * 1_000..<task * 1_000 + 200, client) }
                }
                group.addTask {
                    for _ in 0..<5 { try await database.psql("SELECT pg_terminate_backend(pid) \(Self.backends)") }
                    return Outcome()
                }
                var sum = Outcome()
                for try await part in group {
                    sum.acknowledged.formUnion(part.acknowledged)
                    sum.doubtful.formUnion(part.doubtful)
                }
                return sum
            }
            let rows = try await client.query(Statement("t.all", "SELECT a FROM t"))
            let stored = Set(try rows.map { row in try row.decode(at: 0, as: Int.self) })
            #expect(sum.acknowledged.isSubset(of: stored))
            #expect(stored.isSubset(of: sum.acknowledged.union(sum.doubtful)))
            #expect(sum.acknowledged.count + sum.doubtful.count == 3_200)
        }
    }

    private struct Outcome: Sendable {
        var acknowledged: Set<Int> = []
        /// Sent, and no answer seen.
        var doubtful: Set<Int> = []
    }

    /// Inserts one row for each key, and returns the keys that were acknowledged and those whose outcome is unknown.
    private static func insert(_ keys: Range<Int>, _ client: PostgresClient) async throws -> Outcome {
        let insert = Statement("t.insert", "INSERT INTO t VALUES ($1) RETURNING a")
        var outcome = Outcome()
        for key in keys {
            do {
                #expect(try await client.query(insert, key).only().decode(at: 0, as: Int.self) == key)
                outcome.acknowledged.insert(key)
            } catch let error as PostgresError {
                #expect(error.kind == .connectionLost)
                #expect(error.isOutcomeUnknown)
                outcome.doubtful.insert(key)
            }
        }
        return outcome
    }

    @Test("While the server is down calls wait until their deadline, and succeed if it comes back before")
    func serverRestart() async throws {
        let cluster = try await PostgresCluster(settings: [])
        let client = PostgresClient(
            PostgresConfiguration(url: cluster.url(database: "postgres"), connections: 2), logger: .quiet)
        let one = Statement("one", "SELECT 1")
        #expect(try await client.query(one).count == 1)
        try await cluster.stop()
        let error = try await postgresError { try await client.query(one, deadline: .milliseconds(300)) }
        guard case .connectionFailed(let reason) = error.kind else {
            Issue.record("unexpected error: \(error)")
            return
        }
        #expect(reason.contains("Connection refused"))
        #expect(!error.description.contains("127.0.0.1"))
        #expect(!error.isOutcomeUnknown)
        async let later = client.query(one, deadline: .seconds(300))
        try await cluster.restart()
        #expect(try await later.count == 1)
        await client.close()
    }

    @Test("Of several hosts the one that takes writes is found, although the first does not answer at all")
    func severalHosts() async throws {
        let cluster = try await PostgresCluster.shared()
        let proxy = try TCPProxy(to: cluster.port)
        proxy.stopForwarding()
        let refused = try FreePort.find()
        let url =
            "postgresql://postgres@127.0.0.1:\(proxy.port),127.0.0.1:\(refused),127.0.0.1:\(cluster.port)/postgres"
            + "?target_session_attrs=read-write"
        let configuration = PostgresConfiguration(url: url, connections: 1, connectTimeout: .seconds(1))
        let client = PostgresClient(configuration, logger: .quiet)
        #expect(try await client.query(Statement("one", "SELECT 1")).count == 1)
        await client.close()
    }

    @Test("A server that vanished without a word is given up after the statement timeout, and the client goes on")
    func silentDrop() async throws {
        let cluster = try await PostgresCluster.shared()
        let proxy = try TCPProxy(to: cluster.port)
        let url = "postgresql://postgres@127.0.0.1:\(proxy.port)/postgres"
        var configuration = PostgresConfiguration(url: url, connections: 1, statementTimeout: .seconds(2))
        configuration.connectTimeout = .seconds(2)
        configuration.deadline = .seconds(300)
        let client = PostgresClient(configuration, logger: .quiet)
        let one = Statement("one", "SELECT 1")
        _ = try await client.query(one)
        proxy.stopForwarding()
        let error = try await postgresError { try await client.query(one) }
        #expect(error.kind == .connectionLost)
        #expect(error.isOutcomeUnknown)
        proxy.cut()
        proxy.resume()
        #expect(try await client.query(one).count == 1)
        await client.close()
    }
}
