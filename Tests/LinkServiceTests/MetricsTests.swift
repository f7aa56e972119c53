import CurlClient
import Foundation
import LinkStore
import Measurements
import OneTimeLinks
import PostgresClient
import ReplicaSupport
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import TicketSystem

@testable import LinkService

@Suite("Metrics", .timeLimit(.minutes(10)))
struct MetricsTests {
    private static let counts = StoreCounts(
        linksByState: ["active": 3], queuedMails: 1, deadMails: 2, oldestMailAge: 60, openLinkRequests: 0,
        oldestLinkRequestAge: 0,
        jobs: [
            StoreCounts.JobStanding(job: "night", lastSuccess: Date(timeIntervalSince1970: 10), hasLastRunFailed: true)
        ])

    private func admin(
        _ measurements: ServiceMeasurements = ServiceMeasurements(), client: PostgresClient? = nil,
        readCounts: @escaping @Sendable () async throws -> StoreCounts = { counts }
    ) -> AdminService {
        AdminService(
            measurements: measurements, listener: ListenerHealth(),
            database: {
                await client?.statistics()
                    ?? PostgresStatistics(
                        openConnections: 2, connectionLimit: 8, inFlight: 1, waiting: 0, reconnects: 0, calls: 5,
                        waited: .milliseconds(1500))
            },
            desk: { DeskStanding(isLeftAlone: true, waitingCalls: 4) }, readCounts: readCounts, logger: .quiet)
    }

    @Test("Requests are counted by the template of their route, and no path, token or method of a client's is a label")
    func requests() async throws {
        let measurements = ServiceMeasurements()
        try await withService(baseURL: "http://127.0.0.1:8080/otalink", measurements: measurements) {
            replica, base, _ in
            let browser = Browser(client: base.client, base: base.url)
            let token = try await replica.token()
            let page = try await browser.get("/otalink/l/\(token)")
            #expect(try await browser.press(page).status == 303)
            #expect(try await browser.press(page).status == 303)
            #expect(try await browser.post("/otalink/l/\(token)", form: "form=00").status == 403)
            #expect(try await browser.post("/otalink/l/forged", form: "").status == 410)
            #expect(try await browser.get("/nowhere/\(token)").status == 404)
            let odd = HTTPRequest(method: HTTPRequest.Method(rawValue: "REPORT"), url: base.url + "/otalink/new-link")
            #expect(try await base.client.send(odd).status == 404)
            let text = await admin(measurements).metrics()
            for line in [
                #"otalink_http_requests_total{method="GET",route="/l/{token}",status="200"} 1"#,
                #"otalink_http_requests_total{method="POST",route="/l/{token}",status="303"} 2"#,
                #"otalink_http_requests_total{method="GET",route="none",status="404"} 1"#,
                #"otalink_http_requests_total{method="other",route="none",status="404"} 1"#,
                #"otalink_http_request_duration_seconds_count{method="POST",route="/l/{token}"} 4"#,
                #"otalink_redemptions_total{answer="signed-in"} 1"#,
                #"otalink_redemptions_total{answer="signed-in-already"} 1"#,
                #"otalink_redemptions_total{answer="bad-form"} 1"#,
                #"otalink_redemptions_total{answer="forged"} 1"#,
            ] { #expect(text.contains("\n\(line)\n"), "\(line) in \(text)") }
            #expect(!text.contains(token) && !text.contains(token.prefix(8)) && !text.contains("127.0.0.1"))
        }
    }

    @Test("Every metric that is defined is served, and no other, each once")
    func complete() async throws {
        let measurements = ServiceMeasurements()
        measurements.requests.increment("GET", "/l/{token}", "200")
        measurements.requestDurations.observe(.milliseconds(1), "GET", "/l/{token}")
        measurements.redemptions.increment("signed-in")
        measurements.limited.increment("/l/{token}")
        measurements.cutConnections.increment("request")
        measurements.deskCalls.increment("TicketGet", "answered")
        measurements.deskCallDurations.observe(.milliseconds(1), "TicketGet")
        let health = ListenerHealth()
        health.apply(.listening(sentAt: .now))
        let admin = AdminService(
            measurements: measurements, listener: health, database: self.admin().database,
            desk: { DeskStanding(isLeftAlone: false, waitingCalls: 0) }, readCounts: { Self.counts }, logger: .quiet)
        let text = await admin.metrics()
        let served = text.matches(of: /# TYPE (\w+) \w+/).map { String($0.1) }
        #expect(served.sorted() == MetricDefinition.all.map(\.name).sorted())
        #expect(text.contains("\notalink_links{state=\"active\"} 3\n"))
        #expect(text.contains("\notalink_mails{state=\"dead\"} 2\n"))
        #expect(text.contains("\notalink_job_last_run_failed{task=\"night\"} 1\n"))
        #expect(text.contains("\notalink_database_wait_seconds_total 1.5\n"))
    }

    @Test(
        "promtool finds nothing to object to",
        .enabled(if: InstalledProgram.isHere("promtool"), "needs promtool, of Debian's prometheus"))
    func promtool() async throws {
        let measurements = ServiceMeasurements()
        measurements.requests.increment("GET", "/l/{token}", "200")
        measurements.requestDurations.observe(.milliseconds(1), "GET", "/l/{token}")
        let text = await admin(measurements).metrics()
        let finished = try await ChildProcess.run("promtool", ["check", "metrics"], input: Data(text.utf8))
        #expect(finished.errors + finished.output == "")
    }

    @Test("The admin port serves them to Prometheus, and nothing else")
    func port() async throws {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let application = admin().application(host: "127.0.0.1", port: 0) { continuation.yield($0) }
        let group = ServiceGroup(configuration: .init(services: [application], logger: .quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            let client = CurlClient(logger: .quiet)
            let result = await Result(catching: {
                let answer = try await client.send(
                    HTTPRequest(method: .get, url: "http://127.0.0.1:\(port)/metrics"))
                #expect(answer.status == 200)
                #expect(answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
                #expect(answer.text.contains("\notalink_desk_breaker_open 1\n"))
                for path in ["/", "/l/x", "/api/v1/links"] {
                    let other = try await client.send(
                        HTTPRequest(method: .get, url: "http://127.0.0.1:\(port)\(path)"))
                    #expect(other.status == 404)
                }
            })
            await client.close()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try result.get()
        }
    }

    @Test("Counting what is stored: links by state, mails, link requests and jobs")
    func stored() async throws {
        try await withReplicas { replicas, _, database in
            let store = replicas[0].store
            let empty = try await store.counting.read(deadline: .seconds(60))
            #expect(empty.linksByState.isEmpty && empty.oldestMailAge == 0 && empty.jobs.isEmpty)
            for _ in 0..<3 { _ = try await replicas[0].token() }
            try await database.psql(
                """
                INSERT INTO otalink.mail_outbox (id, kind, ticket_number, customer_login, recipient, language, state, created_at)
                VALUES (gen_random_uuid(), 'refresh', '1', 'a', 'a', 'en', 'queued', now() - interval '1 hour'),
                       (gen_random_uuid(), 'refresh', '2', 'b', 'b', 'en', 'dead', now() - interval '2 hours'),
                       (gen_random_uuid(), 'refresh', '3', 'c', 'c', 'en', 'sent', now() - interval '3 hours');
                INSERT INTO otalink.desk_event (id, ticket_id, event, state, created_at)
                VALUES (gen_random_uuid(), 1, 'other', 'queued', now() - interval '2 minutes'),
                       (gen_random_uuid(), 2, 'other', 'dead', now() - interval '3 hours'),
                       (gen_random_uuid(), 3, 'other', 'done', now() - interval '3 hours');
                INSERT INTO otalink.link_request (id, input_key, language, created_at, finished_at)
                VALUES (gen_random_uuid(), '', 'en', now() - interval '1 minute', NULL),
                       (gen_random_uuid(), '', 'en', now() - interval '9 minutes', now());
                INSERT INTO otalink.job_run (job, due_at, runner, finished_at, outcome)
                VALUES ('night', '2026-11-24 04:00Z', 'a', '2026-11-24 04:01Z', 'done'),
                       ('night', '2026-11-25 04:00Z', 'a', '2026-11-25 04:01Z', 'failed'),
                       ('other', '2026-11-24 04:00Z', 'a', '2026-11-24 04:01Z', 'failed'),
                       ('other', '2026-11-25 04:00Z', 'a', '2026-11-25 04:02Z', 'done'),
                       ('other', '2026-11-26 04:00Z', 'a', NULL, NULL);
                """)
            let counts = try await store.counting.read(deadline: .seconds(60))
            #expect(counts.linksByState == ["active": 1, "superseded": 2])
            #expect(counts.queuedMails == 1 && counts.deadMails == 1 && counts.openLinkRequests == 1)
            #expect(counts.queuedEvents == 1 && counts.deadEvents == 1 && (120..<3600).contains(counts.oldestEventAge))
            #expect((3600..<7200).contains(counts.oldestMailAge) && (60..<540).contains(counts.oldestLinkRequestAge))
            let jobs = counts.jobs.sorted { $0.job < $1.job }
            #expect(jobs.map(\.job) == ["night", "other"] && jobs.map(\.hasLastRunFailed) == [true, false])
            #expect(jobs.map { $0.lastSuccess?.timeIntervalSince1970 } == [1_795_492_860, 1_795_579_320])
        }
    }

    @Test("The pool tells how many calls it was given, and how long they waited for a connection")
    func waits() async throws {
        try await withReplicas { _, _, database in
            try await database.withClient(database.configuration(connections: 1)) { client in
                let store = LinkStore(client: client)
                _ = try await store.tickets.now()
                let before = await client.statistics()
                // While a transaction has the only connection, others wait.
                let waiting = try await client.transaction("test") { transaction in
                    let waiting = Task { try await store.tickets.now() }
                    while await client.statistics().waiting == 0 { try await giveWay() }
                    _ = try await transaction.query(Statement("test.one", "SELECT 1"))
                    return waiting
                }
                _ = try await waiting.value
                let after = await client.statistics()
                #expect(after.calls > before.calls && after.waited > before.waited)
                #expect(after.connectionLimit == 1 && after.openConnections == 1)
            }
        }
    }
}

@Suite("When what is stored is counted for the metrics", .timeLimit(.minutes(10)))
struct StoreCountsReaderTests {
    private final class Scene: Sendable {
        let now = Mutex(ContinuousClock.now)
        let readings = Mutex(0)
        let isBroken = Mutex(false)
        let duration = Mutex(Duration.zero)

        var reader: StoreCountsReader {
            StoreCountsReader(patience: .seconds(600), now: { self.now.withLock(\.self) }, logger: .quiet) {
                let count = self.readings.withLock { count in
                    count += 1
                    return count
                }
                self.pass(self.duration.withLock(\.self))
                if self.isBroken.withLock(\.self) { throw CancellationError() }
                return StoreCounts(
                    linksByState: ["active": count], queuedMails: 0, deadMails: 0, oldestMailAge: 0,
                    openLinkRequests: 0,
                    oldestLinkRequestAge: 0, jobs: [])
            }
        }

        func pass(_ time: Duration) { now.withLock { $0 += time } }
    }

    @Test("At most every fifteen seconds, however many ask")
    func seldom() async {
        let scene = Scene()
        let reader = scene.reader
        for (pause, links) in [(0, 1), (0, 1), (14, 1), (1, 2), (1, 2), (15, 3)] {
            scene.pass(.seconds(pause))
            await #expect(reader.current().counts?.linksByState == ["active": links])
        }
    }

    @Test("Where it takes two seconds, no more than every forty")
    func slow() async {
        let scene = Scene()
        let reader = scene.reader
        scene.duration.withLock { $0 = .seconds(2) }
        for (pause, links) in [(0, 1), (37, 1), (1, 2)] {
            scene.pass(.seconds(pause))
            await #expect(reader.current().counts?.linksByState == ["active": links])
        }
    }

    @Test("A failure is counted; the old numbers stay for a minute, with their age, and then go")
    func failing() async {
        let scene = Scene()
        let reader = scene.reader
        _ = await reader.current()
        scene.isBroken.withLock { $0 = true }
        for (pause, isThere, failures) in [(15, true, 1), (45, true, 2), (1, false, 2)] {
            scene.pass(.seconds(pause))
            let reading = await reader.current()
            #expect((reading.counts != nil) == isThere && reading.failures == failures)
        }
        await #expect(reader.current().age == .seconds(61))
    }

    @Test("A reading that does not end holds nobody up, and no second one is begun")
    func hanging() async throws {
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let begun = Mutex(0)
        let reader = StoreCountsReader(patience: .milliseconds(1), logger: .quiet) {
            begun.withLock { $0 += 1 }
            for await _ in gate {}
            throw CancellationError()
        }
        for _ in 0..<5 {
            let reading = await reader.current()
            #expect(reading.counts == nil && reading.age == nil && reading.failures == 0)
        }
        #expect(begun.withLock(\.self) == 1)
        opener.finish()
        while await reader.current().failures == 0 { try await giveWay() }
    }
}
