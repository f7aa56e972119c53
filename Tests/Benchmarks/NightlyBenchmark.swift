import DemoDesk
import Foundation
import OneTimeLinks
import PostgresClient
import TestSupport

/// The nightly job over 500,000 links on 200,000 tickets, a tenth of them closed since it ran last, beside the stand-in desk; and
/// what customers who click meanwhile notice of it.
struct NightlyBenchmark {
    let database: TestDatabase
    let directory: URL

    static let tickets = 200_000
    private let links = 500_000
    /// Tickets on which customers click meanwhile; each has one link.
    static let clicked = 20_000
    private let seconds = 10

    func run() async throws {
        let secret = KeyRing.generateSecret()
        // The links that are clicked have tickets of their own, which the job looks at too.
        let clicked = SeededLinks(keys: try KeyRing(text: secret), directory: directory, count: Self.clicked)
        try await clicked.write(to: database)
        try await seed()
        let deskPort = try FreePort.find()
        let desk = try ChildProcess(ServiceUnderTest.program("otalink-bench"), ["desk", "\(deskPort)"])
        defer { desk.kill() }
        guard await desk.writes("ready") else { throw Unready(output: await desk.finished().errors) }
        let service = try await ServiceUnderTest.start(database: database, secret: secret, deskPort: deskPort)
        defer { service.process.kill() }

        // Some 400 clicks a second; what is measured is how long each takes.
        let load = LoadGenerator(seconds: seconds, directory: directory, connections: 16, pause: .milliseconds(40))
        _ = try await load.run(service.url, script: try clicked.redeemScript(1...6_000))
        let alone = try await load.run(service.url, script: try clicked.redeemScript(6_001...12_000))

        let start = ContinuousClock.now
        let watching = Task { await longestLock() }
        async let job = expire(service)
        let meanwhile = try await load.run(service.url, script: try clicked.redeemScript(12_001...20_000))
        let (told, end) = try await job
        watching.cancel()
        let longest = await watching.value
        print("(q) the nightly job: \(told.trimmingCharacters(in: .newlines))")
        print(
            String(
                format: "    in %.1f s; the longest hold of a lock on link %.0f ms", (end - start).seconds,
                longest * 1_000))
        print(
            "    redeeming meanwhile \(Int(meanwhile.rate))/s, p50 \(meanwhile.median), p99 \(meanwhile.slowest); "
                + "alone \(Int(alone.rate))/s, p50 \(alone.median), p99 \(alone.slowest); "
                + "\(meanwhile.failures + alone.failures) failed")
    }

    /// What the desk knows, as of two days ago, when all tickets were open.
    private func seed() async throws {
        let clicked = Self.clicked
        let others = Self.tickets - clicked
        try await database.psql(
            """
            INSERT INTO otalink.ticket (ticket_number, ticket_id, title, state, state_type, customer_login, is_visible, read_at)
            SELECT 'T' || n, n, 'Bench', 'open', 'open', 'c' || (n % 20000 + 1) || '@example.org', true, now() - interval '2 days'
              FROM generate_series(\(clicked + 1), \(Self.tickets)) n;
            INSERT INTO otalink.link (id, ticket_number, customer_login, recipient, key_id, state, origin)
            SELECT gen_random_uuid(), 'T' || ticket, 'c' || (ticket % 20000 + 1) || '@example.org',
                   'c' || (ticket % 20000 + 1) || '@example.org', 'k', 'used', 'api'
              FROM generate_series(1, \(links - clicked)) n
             CROSS JOIN LATERAL (SELECT \(clicked) + 1 + n % \(others) AS ticket) t;
            -- The service is not to run the job by itself.
            INSERT INTO otalink.job_run (job, due_at, finished_at, runner, outcome, detail)
            VALUES ('expire-links', now(), now(), 'bench', 'done', '');
            ANALYZE;
            """)
    }

    /// A ticket of the desk: of those that nobody clicks on, a ninth was closed three weeks ago, which makes 20,000.
    static func deskTicket(_ number: Int) -> DemoTicket {
        let isClosed = number > clicked && number % 9 == 0
        let closed = Date().addingTimeInterval(-21 * 86_400)
        return DemoTicket(
            ticketID: Int64(number), number: "T\(number)", title: "Bench", state: isClosed ? .closedSuccessful : .open,
            customerLogin: "c\(number % 20_000 + 1)@example.org", customerID: "bench", created: closed, changed: closed,
            closed: isClosed ? closed : nil)
    }

    private func expire(_ service: ServiceUnderTest) async throws -> (told: String, end: ContinuousClock.Instant) {
        let finished = try await ChildProcess.run(
            ServiceUnderTest.program("otalink"), ["expire"], environment: service.environment)
        return (finished.output + finished.errors, .now)
    }

    /// Seconds for which a transaction held a lock on the links, at most, as often as the database can be asked until the task
    /// is cancelled.
    private func longestLock() async -> Double {
        let client = database.client(connections: 1)
        var longest = 0.0
        while !Task.isCancelled {
            let seconds = try? await client.query(Self.oldest).only().decode(at: 0, as: Double.self)
            longest = max(longest, seconds ?? 0)
        }
        await client.close()
        return longest
    }

    private static let oldest = Statement(
        "bench.oldest",
        """
        SELECT coalesce(max(extract(epoch FROM clock_timestamp() - activity.xact_start)), 0)::float8
          FROM pg_catalog.pg_stat_activity AS activity
          JOIN pg_catalog.pg_locks AS lock USING (pid)
         WHERE lock.relation = 'otalink.link'::regclass
           AND lock.mode = 'RowExclusiveLock'
           AND activity.state <> 'idle'
        """)
}
