import CurlClient
import DemoDesk
import Foundation
import OneTimeLinks
import SMTPSink
import Synchronization
import TestSupport

/// The whole service as it runs in earnest: three replicas as processes of their own behind HAProxy, a stand-in desk and a mail
/// sink, over a database of its own. The service comes to the database as a role that is no superuser.
struct Installation: Sendable {
    /// How an installation differs from the usual one.
    struct Plan: Sendable {
        var replicas = 3
        /// Of every replica.
        var environment: [String: String] = [:]
        /// Of single replicas, by number.
        var environments: [Int: [String: String]] = [:]
        /// Stored before the replicas start.
        var settings: [String: String] = [:]
        /// In place of the role's own URL at the cluster; gets the database's name.
        var databaseURL: (@Sendable (_ database: String) -> String)?
        /// For LISTEN and locks, of a replica by its number.
        var directURL: (@Sendable (_ replica: Int, _ database: String) -> String)?
        /// In place of the cluster's, where an operator looks; gets the database's name.
        var operatorURL: (@Sendable (_ database: String) -> String)?
        /// The desk's clock.
        var now: @Sendable () -> Date = { Date() }
    }

    static let role = "otalink"
    static let apiKey = "ota_faults"

    let database: TestDatabase
    let desk: DemoDeskState
    let sink: SMTPSink
    /// For load; the balancer's.
    let client: CurlClient
    let replicas: [ReplicaProcess]
    let balancer: LoadBalancer
    let environment: [String: String]
    /// For an operator's psql.
    let operatorURL: String

    /// Runs SQL as an operator does, wherever the primary is.
    @discardableResult
    func psql(_ sql: String) async throws -> String {
        let arguments = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", operatorURL, "-f", "-"]
        let finished = try await ChildProcess.run("psql", arguments, input: Data(sql.utf8))
        return finished.output.trimmingCharacters(in: .newlines)
    }

    /// Waits until every replica calls itself ready.
    func untilReady(within limit: Duration = .seconds(60)) async throws {
        let end = ContinuousClock.now + limit
        for replica in replicas {
            while await !replica.isReady(client) {
                guard ContinuousClock.now < end else { throw Broken("replica \(replica.number) does not become ready") }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// A ticket of a customer user at the desk.
    func newTicket(of login: String) async -> String {
        await desk.create(NewDemoTicket(title: "Printer on fire", customerLogin: login, customerID: "acme")).number
    }
}

/// Builds an installation on a cluster, gives it to the body, and takes it down.
func withInstallation<R: Sendable>(
    on cluster: PostgresCluster, _ plan: Installation.Plan = .init(),
    prepare: @escaping @Sendable (TestDatabase) async throws -> Void = { _ in },
    _ body: @escaping @Sendable (Installation) async throws -> R
) async throws -> R {
    let outcome = Outcome<R>()
    do {
        try await cluster.migratedDatabase { @Sendable database in
            try await seed(database, settings: plan.settings)
            try await prepare(database)
            let value = try await withInstallation(on: database, plan, body)
            outcome.value.withLock { $0 = value }
        }
    } catch {
        // A server that a fault has taken away for good drops no database.
        guard outcome.value.withLock({ $0 != nil }) else { throw error }
    }
    guard let value = outcome.value.withLock({ $0 }) else { throw Broken("an installation came to nothing") }
    return value
}

private final class Outcome<R: Sendable>: Sendable {
    let value = Mutex<R?>(nil)
}

private func withInstallation<R: Sendable>(
    on database: TestDatabase, _ plan: Installation.Plan,
    _ body: @escaping @Sendable (Installation) async throws -> R
) async throws -> R {
    let configuration = DemoDeskConfiguration(agents: [.init(login: "otalink", password: "pw")], now: plan.now)
    let desk = DemoDesk(configuration: configuration, logger: .quiet)
    let sink = SMTPSink(logger: .quiet)
    let directory = FileManager.default.temporaryDirectory.appending(path: "otalink-faults-\(UUID())").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await desk.run() }
        group.addTask { try await sink.run() }
        let port = try FreePort.find()
        let environment = environment(
            plan, database: database, port: port, deskPort: await desk.boundPort, mailPort: try await sink.boundPort)
        let replicas = try (1...plan.replicas).map { number in
            var own = plan.environments[number] ?? [:]
            own["OTALINK_DATABASE_DIRECT_URL"] = plan.directURL?(number, database.name)
            return try ReplicaProcess(number: number, environment: environment.merging(own) { _, own in own })
        }
        defer { for replica in replicas { replica.process?.kill() } }
        try await startAll(replicas)
        let balancer = try await LoadBalancer(port: port, replicas: replicas, directory: directory)
        let client = CurlClient(CurlConfiguration(maximumConnectionsPerHost: 32), logger: .quiet)
        let installation = Installation(
            database: database, desk: desk.state, sink: sink, client: client, replicas: replicas, balancer: balancer,
            environment: environment, operatorURL: plan.operatorURL?(database.name) ?? database.url)
        let result: Result<R, any Error>
        do { result = .success(try await body(installation)) } catch { result = .failure(error) }
        for replica in replicas { await replica.kill() }
        await balancer.stop()
        await client.close()
        group.cancelAll()
        guard !replicas.contains(where: \.hasLoggedSecrets) else {
            throw Broken("a replica has logged a token, a cookie or a key")
        }
        return try result.get()
    }
}

/// Starts replicas at the same moment and waits for all.
func startAll(_ replicas: [ReplicaProcess]) async throws {
    try await withThrowingTaskGroup(of: Void.self) { starts in
        for replica in replicas { starts.addTask { try await replica.start() } }
        try await starts.waitForAll()
    }
}

private func environment(
    _ plan: Installation.Plan, database: TestDatabase, port: UInt16, deskPort: Int, mailPort: Int
) -> [String: String] {
    [
        "OTALINK_DATABASE_URL": plan.databaseURL?(database.name)
            ?? database.url.replacing("postgres@", with: Installation.role + "@"),
        "OTALINK_SECRET_KEYS": KeyRing.generateSecret(), "OTALINK_BASE_URL": "http://127.0.0.1:\(port)",
        "OTALINK_DESK_URL": "http://127.0.0.1:\(deskPort)/otobo/nph-genericinterface.pl/Webservice/otalink",
        "OTALINK_DESK_LOGIN": "otalink", "OTALINK_DESK_PASSWORD": "pw",
        "OTALINK_DESK_TICKET_URL": "http://127.0.0.1/ticket/",
        "OTALINK_SMTP_URL": "smtp://127.0.0.1:\(mailPort)",
        "OTALINK_MAIL_FROM": "Help Desk <support@example.org>", "SWIFT_BACKTRACE": "enable=no",
    ].merging(plan.environment) { _, own in own }
}

/// The role, its key, two thousand customer users, and the settings.
private func seed(_ database: TestDatabase, settings: [String: String]) async throws {
    let role = Installation.role
    try await database.psql(
        """
        DO $$ BEGIN CREATE ROLE \(role) LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
        GRANT ALL ON SCHEMA otalink TO \(role);
        GRANT ALL ON ALL TABLES IN SCHEMA otalink TO \(role);
        GRANT ALL ON ALL SEQUENCES IN SCHEMA otalink TO \(role);
        INSERT INTO otalink.api_key (id, name, key_hash, scopes)
        VALUES (gen_random_uuid(), 'faults', sha256('\(Installation.apiKey)'), '{links:issue,links:revoke}');
        INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
        SELECT 'c' || n || '@example.org', 'c' || n || '@example.org', 'acme', 'C', 'Example'
          FROM generate_series(1, 2000) n;
        INSERT INTO otalink.setting (name, value)
        VALUES ('Landing', 'forward-auth'), ('CustomerBackends', 'otalink'),
               -- One machine stands for all customers, and one program for all programs.
               ('RefreshMailsPerClientAndHour', '0'), ('APICallsPerMinute', '0'),
               ('PostMaster::PreFilterModule###000-CreateCustomerUser', '{"CustomerHeaderSpoofProtection":1}');
        ANALYZE;
        """)
    for (name, value) in settings {
        try await database.psql(
            """
            INSERT INTO otalink.setting (name, value) VALUES ('\(name)', '\(value)')
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """)
    }
}
