import Foundation
import OneTimeLinks
import PostgresClient
import TestSupport

/// One run: the service, the bare route and pgbench, one after the other on one database.
struct Benchmark {
    let database: TestDatabase
    let seconds: Int
    private let keys: KeyRing
    private let secret = KeyRing.generateSecret()
    private let directory = FileManager.default.temporaryDirectory.appending(path: "otalink-bench-\(UUID())")
    /// Links for redeeming, and as many for pgbench: more than can be spent in the time.
    private let count = 120_000
    private let links: SeededLinks

    init(database: TestDatabase, seconds: Int) throws {
        self.database = database
        self.seconds = seconds
        keys = try KeyRing(text: secret)
        links = SeededLinks(keys: keys, directory: directory, count: count * 2)
    }

    func run() async throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await seed()
        let service = try await ServiceUnderTest.start(database: database, secret: secret)
        defer { service.process.kill() }
        let barePort = try FreePort.find()
        let bare = try ChildProcess(ServiceUnderTest.program("otalink-bench"), ["bare", "\(barePort)"])
        defer { bare.kill() }
        guard await bare.writes("ready") else { throw Unready(output: await bare.finished().errors) }

        let load = LoadGenerator(seconds: seconds, directory: directory)
        let base = service.url
        let known = try await load.run("http://127.0.0.1:\(barePort)/")
        let page = try await load.run("http://127.0.0.1:\(barePort)/page")
        let forged = try await load.run("\(base)/l/\(String(repeating: "a", count: 43))")
        let cookie = ["Cookie": "otalink=\(try sessionCookie())"]
        let asked = try await load.run("http://127.0.0.1:\(barePort)/", headers: cookie)
        let session = try await load.run("\(base)/auth/verify", headers: cookie)
        let redeemed = try await load.run(base, script: try links.redeemScript(1...count))
        let issued = try await load.run(base, script: issueScript())
        let statement = try await RedeemStatements(database: database, directory: directory).run(
            first: count, each: 14_000, clients: 8, seconds: seconds
        ).rate

        print("                            requests/s    p50      p99     ratio")
        line("(e) bare route", known, against: known)
        line("    bare route, 6,500 bytes", page, against: known)
        line("    bare route, cookie sent", asked, against: known)
        line("(a) forged token", forged, against: known)
        line("(b) remembered session", session, against: asked)
        print("(f) pgbench, both statements " + Self.column(statement, width: 9))
        line("(c) redeem distinct tokens", redeemed, rate: statement)
        line("(d) issue", issued, rate: statement)
        print(
            "resident memory of the replica after the run: \(Self.residentMegabytes(of: service.process.processID)) MiB"
        )
        let sessions = try await database.psql("SELECT count(*) FROM otalink.session")
        print("sessions opened, by the service and by pgbench: \(sessions)")
    }

    // MARK: - Parts

    /// Links, a session and an API key.
    private func seed() async throws {
        try await links.write(to: database)
        try await database.psql(
            """
            INSERT INTO otalink.setting (name, value)
            VALUES ('WrongTokensPerClientAndMinute', '0'), ('APICallsPerMinute', '0');
            INSERT INTO otalink.session (id, link_id, customer_login, ticket_number, scope)
            VALUES ('\(Self.sessionID)', '\(Self.sessionID)', 'c2@example.org', 'T1', 'account');
            INSERT INTO otalink.api_key (id, name, key_hash, scopes)
            VALUES ('\(Self.sessionID)', 'bench', sha256('ota_bench'), '{links:issue}');
            """)
    }

    private static let sessionID = "00000000-0000-7000-8000-ffffffffffff"

    private func sessionCookie() throws -> String {
        guard let id = UUID(uuidString: Self.sessionID), let text = keys.sign(id, as: .session) else {
            throw Unready(output: "no session cookie")
        }
        return text
    }

    private func issueScript() -> String {
        """
        local n = \(count)
        request = function()
          n = n + 1
          local body = string.format('{"ticketNumber":"T%d","customerLogin":"c%d@example.org"}', n, n % 20000 + 1)
          return wrk.format("POST", "/api/v1/links", { ["Authorization"] = "Bearer ota_bench" }, body)
        end
        """
    }

    // MARK: - Figures

    private func line(_ name: String, _ result: LoadGenerator.Result, against known: LoadGenerator.Result) {
        line(name, result, rate: known.rate)
    }

    private func line(_ name: String, _ result: LoadGenerator.Result, rate: Double) {
        let failures = result.failures > 0 ? "   \(result.failures) ANSWERS FAILED" : ""
        print(
            name.padding(toLength: 28, withPad: " ", startingAt: 0) + Self.column(result.rate, width: 10) + "  "
                + result.median.padding(toLength: 9, withPad: " ", startingAt: 0)
                + result.slowest.padding(toLength: 9, withPad: " ", startingAt: 0)
                + String(format: "%.2f", result.rate / rate) + failures)
    }

    private static func column(_ value: Double, width: Int) -> String {
        let text = String(Int(value))
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private static func residentMegabytes(of process: Int32) -> Int {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        return (status.firstMatch(of: /VmRSS:\s+([0-9]+)/).flatMap { Int($0.1) } ?? 0) / 1024
    }
}
