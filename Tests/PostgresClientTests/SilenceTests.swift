import PostgresClient
import TestSupport
import Testing

@Suite("Bulk work is bounded by silence", .timeLimit(.minutes(10)))
struct SilenceTests {
    private static let one = Statement("one", repeatable: true, "SELECT 1")

    @Test("A page has a bound on length, bulk work on silence; each waits longer than an attempt to connect takes")
    func kinds() {
        let page = PostgresConfiguration(url: "")
        #expect(page.silence == nil && page.deadline == .seconds(15) && page.statementTimeout == .seconds(10))
        for work in [WorkKind.page, .command, .job] {
            let configuration = PostgresConfiguration(url: "", work: work)
            #expect(configuration.deadline > configuration.connectTimeout)
            #expect(configuration.deadline >= configuration.statementTimeout || configuration.silence != nil)
            #expect((configuration.silence ?? .zero) < configuration.statementTimeout)
        }
    }

    @Test("A call that takes longer than the bound goes on while rows come")
    func streaming() async throws {
        // Each row is longer than the server's buffer, so it is sent at once.
        let slow = Statement(
            "slow.rows", "SELECT repeat('x', 20000), pg_sleep(1) FROM generate_series(1, 8) AS i")
        try await withClient(change: { ($0.silence, $0.deadline) = (.seconds(5), .seconds(5)) }) {
            (client, _) async throws in
            let start = ContinuousClock.now
            #expect(try await client.query(slow).count == 8)
            #expect(ContinuousClock.now - start > .seconds(5))
        }
    }

    enum Use: CaseIterable {
        case statement, transaction, connection
    }

    @Test(
        "A server that says nothing is given up, wherever the call is, and the client goes on", arguments: Use.allCases)
    func stalled(use: Use) async throws {
        let cluster = try await PostgresCluster.shared()
        let proxy = try TCPProxy(to: cluster.port)
        var configuration = PostgresConfiguration(
            url: "postgresql://postgres@127.0.0.1:\(proxy.port)/postgres", connections: 1, deadline: .seconds(3600))
        configuration.silence = .seconds(3)
        let client = PostgresClient(configuration, logger: .quiet)
        let error = try await postgresError {
            switch use {
            case .statement:
                _ = try await client.query(Self.one)
                proxy.holdAnswers()
                _ = try await client.query(Self.one)
            case .transaction:
                try await client.transaction("t") { transaction in
                    _ = try await transaction.query(Self.one)
                    proxy.holdAnswers()
                    _ = try await transaction.query(Self.one)
                }
            case .connection:
                try await client.withConnection { connection in
                    _ = try await connection.query(Self.one)
                    proxy.holdAnswers()
                    _ = try await connection.query(Self.one)
                }
            }
        }
        #expect(error.kind == .deadlineExceeded && error.statementName == "one")
        proxy.cut()
        proxy.resume()
        #expect(try await client.query(Self.one).count == 1)
        await client.close()
    }

    @Test("A script has no bound: an index is built in silence")
    func script() async throws {
        try await withClient(change: { $0.silence = .milliseconds(200) }) { (client, _) async throws in
            let count = try await client.withConnection { connection in
                try await connection.execute(script: "SELECT pg_sleep(1); SELECT 1")
            }
            #expect(count == 2)
        }
    }

    @Test(
        "Commands reach the second host of a URL, although the first does not answer",
        arguments: [WorkKind.command, .job])
    func secondHost(work: WorkKind) async throws {
        let cluster = try await PostgresCluster.shared()
        let silent = try TCPProxy(to: cluster.port)
        silent.stopForwarding()
        let url = "postgresql://postgres@127.0.0.1:\(silent.port),127.0.0.1:\(cluster.port)/postgres"
        let client = PostgresClient(PostgresConfiguration(url: url, connections: 1, work: work), logger: .quiet)
        #expect(try await client.query(Self.one).count == 1)
        await client.close()
    }

    @Test("The connection that holds a lock has the client's limits, also where none could be set at its start")
    func lockedWithoutOptions() async throws {
        let limits = Statement(
            "limits", "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
        try await PostgresCluster.shared().database { database in
            let configuration = PostgresConfiguration(
                url: database.url, connections: 1, work: .job, usesPreparedStatements: false)
            try await database.withClient(configuration) { client in
                let set = try await client.withAdvisoryLock(7) { connection in
                    try await connection.query(limits).only().decode(String.self, String.self)
                }
                #expect(set?.0 == "1h" && set?.1 == "5s")
            }
        }
    }
}
