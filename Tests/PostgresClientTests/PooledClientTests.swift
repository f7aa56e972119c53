import Foundation
import PostgresClient
import TestSupport
import Testing

@Suite(
    "A pooler between the program and the database", .timeLimit(.minutes(10)),
    .enabled(if: PgBouncer.isHere, "needs pgbouncer"))
struct PooledClientTests {
    /// Debian's PgBouncer in front of a database of the test's own.
    private func withPooler(
        mode: String = "transaction", resets: Bool = false, _ body: (PgBouncer, TestDatabase) async throws -> Void
    ) async throws {
        try await PostgresCluster.shared().database { (database) async throws in
            let bouncer = try PgBouncer(cluster: database.cluster, mode: mode, resets: resets)
            try await bouncer.start()
            defer { bouncer.kill() }
            try await body(bouncer, database)
        }
    }

    private func configuration(_ url: String) -> PostgresConfiguration {
        PostgresConfiguration(url: url, connections: 2, usesPreparedStatements: false)
    }

    private func withClient(_ url: String, _ body: (PostgresClient) async throws -> Void) async throws {
        let client = PostgresClient(configuration(url), logger: .quiet)
        do {
            try await body(client)
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    /// What a listener tells first.
    private func firstEvent(_ url: String, _ notifier: PostgresClient?) async throws -> PostgresListener.Event {
        let (events, continuation) = AsyncStream.makeStream(of: PostgresListener.Event.self)
        let listener = PostgresListener(
            configuration(url), channels: ["news"], notifier: notifier, logger: .quiet
        ) { continuation.yield($0) }
        let running = Task { try await listener.run() }
        defer { running.cancel() }
        var iterator = events.makeAsyncIterator()
        return try #require(await iterator.next())
    }

    @Test("In transaction mode a listening connection is found not to listen, however quiet the pooler is")
    func transactionMode() async throws {
        try await withPooler { (bouncer, database) async throws in
            try await withClient(bouncer.url(database.name)) { (client) async throws in
                #expect(try await firstEvent(bouncer.url(database.name), client) == .unproven)
                #expect(try await !client.hears(on: configuration(bouncer.url(database.name)), limit: .seconds(20)))
            }
        }
    }

    @Test("Where no notice can be sent, each round trip proves that the same server process still listens")
    func withoutNotice() async throws {
        try await withPooler(resets: true) { (bouncer, database) async throws in
            // The pooler has ended the listening by the time that the next question comes.
            #expect(try await firstEvent(bouncer.url(database.name), nil) == .unproven)
            #expect(try await firstEvent(database.url, nil).isListening)
        }
    }

    @Test("The way around it listens, and so does a pooler in session mode")
    func otherWays() async throws {
        try await withPooler { (bouncer, database) async throws in
            try await withClient(bouncer.url(database.name)) { (client) async throws in
                #expect(try await firstEvent(database.url, client).isListening)
            }
        }
        try await withPooler(mode: "session") { (bouncer, database) async throws in
            try await withClient(bouncer.url(database.name)) { (client) async throws in
                #expect(try await firstEvent(bouncer.url(database.name), client).isListening)
                #expect(try await client.withAdvisoryLock(4711) { _ in true } == true)
            }
        }
    }

    @Test("A direct address that names another database is found out")
    func otherDatabase() async throws {
        let cluster = try await PostgresCluster.shared()
        try await cluster.database { (database) async throws in
            try await cluster.database { (other) async throws in
                try await withClient(database.url) { (client) async throws in
                    #expect(try await firstEvent(other.url, client) == .unproven)
                }
            }
        }
    }

    @Test("In transaction mode no lock is taken, so that none stays behind on a connection of the pooler's")
    func locks() async throws {
        try await withPooler { (bouncer, database) async throws in
            try await withClient(bouncer.url(database.name)) { (client) async throws in
                let error = try await postgresError { try await client.withAdvisoryLock(4712) { _ in true } }
                #expect(error.kind == .sessionNotKept && !error.isTemporary)
                let held = try await database.psql(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4712")
                #expect(held == "0")
            }
        }
    }

    @Test("A server process that does not hold the lock runs no work")
    func otherHolder() async throws {
        try await PostgresCluster.shared().database { (database) async throws in
            try await withClient(database.url) { (client) async throws in
                // As a pooler would have it: the lock is on another connection than the one that asks.
                try await database.psql(
                    """
                    CREATE SCHEMA shadow;
                    CREATE FUNCTION shadow.pg_try_advisory_lock(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true';
                    ALTER DATABASE "\(database.name)" SET search_path = shadow, pg_catalog;
                    """)
                let error = try await postgresError { try await client.withAdvisoryLock(4713) { _ in true } }
                #expect(error.kind == .sessionNotKept)
            }
        }
    }
}
