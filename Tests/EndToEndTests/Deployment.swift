import Crypto
import CurlClient
import DemoDesk
import Foundation
import OneTimeLinks
import ReplicaSupport
import SMTPSink
import Synchronization
import TestSupport
import Testing

/// The whole service as an operator runs it: two replicas as processes of their own, a stand-in desk and a mail sink, over a
/// database of the test's own.
struct Deployment: Sendable {
    let database: TestDatabase
    let desk: DemoDeskState
    let deskPort: Int
    let sink: SMTPSink
    let client: CurlClient
    let replicas: [RunningReplica]
    /// What a command of the service needs.
    let environment: [String: String]
    /// How many events of the desk were taken.
    let toldEvents: ToldEvents

    /// Waits until so many events of the desk were taken, and all that were taken are worked off.
    func eventsAreDone(_ count: Int) async throws {
        await toldEvents.reach(count)
        let waiting = "SELECT count(*) FROM otalink.desk_event WHERE state = 'queued'"
        while try await database.psql(waiting) != "0" { await Task.yield() }
    }

    /// A browser that talks to one of the replicas.
    func browser(on replica: Int = 0) -> Browser {
        Browser(client: client, base: replicas[replica].url)
    }

    /// Runs a command of the service.
    func otalink(_ arguments: String..., input: Data = Data()) async throws -> ChildProcess.Finished {
        try await ChildProcess.run(Self.program, arguments, environment: environment, input: input)
    }

    /// Makes a link, by default for Anna Example, on a ticket.
    func link(ticket: String, customer: String = "anna@example.org") async throws -> String {
        let arguments = ["link", "issue", "--ticket", ticket, "--customer", customer]
        let finished = try await ChildProcess(Self.program, arguments, environment: environment).finished()
        return try #require(finished.output.firstMatch(of: /\/l\/[0-9A-Za-z]{43}/), "\(finished.errors)")
            .output.description
    }

    /// The program is built beside the tests.
    static var program: String {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "otalink").path
    }
}

/// Counts the events of the desk that a replica has answered with 200.
final class ToldEvents: Sendable {
    private let count = Mutex(0)

    func add() { count.withLock { $0 += 1 } }

    /// Waits until so many were.
    func reach(_ wanted: Int) async {
        while count.withLock({ $0 < wanted }), !Task.isCancelled { await Task.yield() }
    }
}

/// One replica.
struct RunningReplica: Sendable {
    let url: String
    let process: ChildProcess
}

/// - Parameters:
///   - environment: variables of the service, beside those that every deployment has, or in their place.
///   - settings: stored before the replicas start.
///   - configureDesk: changes the stand-in desk before it starts.
func withDeployment(
    environment added: [String: String] = [:], settings: [String: String] = [:],
    configureDesk: @Sendable (inout DemoDeskConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (Deployment) async throws -> Void
) async throws {
    let migrations = RepositoryRoot.path + "/migrations"
    try await PostgresCluster.shared().migratedDatabase(migrations: migrations) { database in
        let client = CurlClient(logger: .quiet)
        let ports = [try FreePort.find(), try FreePort.find()]
        let key = "ota_end-to-end"
        let hash = SHA256.hash(data: Data(key.utf8)).map { String(format: "%02x", $0) }.joined()
        try await database.psql(
            """
            INSERT INTO otalink.api_key (id, name, key_hash, scopes)
            VALUES (gen_random_uuid(), 'desk', '\\x\(hash)', '{desk:events}');
            INSERT INTO otalink.setting (name, value)
            VALUES ('MailFirstLink', '1'), ('CustomerBackends', 'otalink'), ('WrongTokensPerClientAndMinute', '0'),
                   ('PostMaster::PreFilterModule###000-CreateCustomerUser', '{"CustomerHeaderSpoofProtection":1}');
            """)
        for (name, value) in settings {
            try await database.psql(
                "INSERT INTO otalink.setting (name, value) VALUES ('\(name)', '\(value)') "
                    + "ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value")
        }
        let told = ToldEvents()
        var configuration = DemoDeskConfiguration(
            agents: [.init(login: "otalink", password: "pw")],
            onEvent: { event in
                // The desk's daemon posts its events by and by, and again if nobody answered.
                Task {
                    let request = HTTPRequest(
                        method: .post, url: "http://127.0.0.1:\(ports[0])/api/v1/desk/events",
                        headers: [("Authorization", "Bearer \(key)")], body: Array(event.body.utf8),
                        timeout: .seconds(60))
                    for _ in 0..<5 {
                        if let answer = try? await client.send(request), answer.status == 200 { return told.add() }
                    }
                }
            })
        configureDesk(&configuration)
        let desk = DemoDesk(configuration: configuration, logger: .quiet)
        let sink = SMTPSink(
            host: "127.0.0.1", port: 0, options: SMTPSinkOptions(), script: SMTPScript(), logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await desk.run() }
            group.addTask { try await sink.run() }
            let environment = [
                "OTALINK_DATABASE_URL": database.url, "OTALINK_SECRET_KEYS": KeyRing.generateSecret(),
                "OTALINK_BASE_URL": "http://127.0.0.1:\(ports[0])",
                "OTALINK_DESK_URL":
                    "http://127.0.0.1:\(await desk.boundPort)/otobo/nph-genericinterface.pl/Webservice/otalink",
                "OTALINK_DESK_LOGIN": "otalink", "OTALINK_DESK_PASSWORD": "pw",
                // The stand-in desk shares a busy machine with all other tests.
                "OTALINK_DESK_TIMEOUT_SECONDS": "60",
                "OTALINK_DESK_TICKET_URL": "http://127.0.0.1/ticket/",
                "OTALINK_SMTP_URL": "smtp://127.0.0.1:\(try await sink.boundPort)",
                "OTALINK_MAIL_FROM": "Help Desk <support@example.org>", "OTALINK_DRAIN_SECONDS": "0",
                "SWIFT_BACKTRACE": "enable=no",
            ].merging(added) { $1 }
            let replicas = try ports.map { port in
                let listen = environment.merging(["OTALINK_LISTEN": "127.0.0.1:\(port)"]) { _, new in new }
                return RunningReplica(
                    url: "http://127.0.0.1:\(port)",
                    process: try ChildProcess(Deployment.program, ["serve"], environment: listen))
            }
            defer { for replica in replicas { replica.process.kill() } }
            for replica in replicas where await !replica.process.writes("listening on") {
                Issue.record("a replica did not start: \(await replica.process.finished().errors)")
            }
            let result = await Result(catching: {
                try await body(
                    Deployment(
                        database: database, desk: desk.state, deskPort: await desk.boundPort, sink: sink,
                        client: client, replicas: replicas,
                        environment: environment, toldEvents: told))
            })
            for replica in replicas {
                replica.process.terminate()
                let logged = await replica.process.finished()
                // Whatever the test did: nothing as long as a token, a cookie or a key stands in a log.
                #expect((logged.errors + logged.output).firstMatch(of: /[0-9A-Za-z_-]{43}/) == nil)
            }
            await client.close()
            group.cancelAll()
            try result.get()
        }
    }
}

/// Does the same many times at once; the answers come in the order of their numbers.
func concurrently<R: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) async throws -> R
) async throws -> [R] {
    try await withThrowingTaskGroup(of: (Int, R).self) { group in
        for index in 0..<count { group.addTask { (index, try await body(index)) } }
        return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
