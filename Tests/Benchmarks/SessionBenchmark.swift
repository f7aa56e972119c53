import CurlClient
import Foundation
import OneTimeLinks
import TestSupport

/// The question of a proxy, over many sessions and two replicas, and how fast a revocation gets to both under that load.
struct SessionBenchmark {
    let database: TestDatabase
    let seconds: Int
    let directory: URL

    private let sessions = 10_000
    private let revocations = 5

    func run() async throws {
        let barePort = try FreePort.find()
        let bare = try ChildProcess(ServiceUnderTest.program("otalink-bench"), ["bare", "\(barePort)"])
        defer { bare.kill() }
        guard await bare.writes("ready") else { throw Unready(output: await bare.finished().errors) }
        let first = try await ServiceUnderTest.start(database: database)
        defer { first.process.kill() }
        let second = try await ServiceUnderTest.start(database: database, secret: first.secret)
        defer { second.process.kill() }
        try await seed()

        let load = LoadGenerator(seconds: seconds, directory: directory)
        let keys = try KeyRing(text: first.secret)
        // The same requests, cookies and all: what is compared is what becomes of them.
        let known = try await load.run("http://127.0.0.1:\(barePort)/", script: try script(keys, path: "/"))
        let script = try script(keys, path: "/auth/verify")
        // All are read once, so that what is measured is what goes on for hours.
        _ = try await load.run(first.url, script: script)
        async let verified = load.run(first.url, script: script)
        let delays = try await revoked(keys, [first, second])
        let result = try await verified
        print(
            "(o) /auth/verify, \(sessions) sessions alive: \(Int(result.rate))/s, p99 \(result.slowest), ratio to the bare route "
                + "\(String(format: "%.2f", result.rate / known.rate)), \(result.failures) of them revoked")
        print(
            "(p) a revocation under that load reaches both replicas after at most "
                + "\(Int((delays.max() ?? 0) * 1_000)) ms, of \(revocations)")
    }

    private func seed() async throws {
        try await database.psql(
            """
            INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
            SELECT 'c' || n || '@example.org', 'c' || n || '@example.org', 'bench', 'C', 'Example'
              FROM generate_series(1, \(sessions)) n;
            INSERT INTO otalink.session (id, link_id, customer_login, ticket_number, scope)
            SELECT id, id, 'c' || n || '@example.org', 'T' || n, 'account'
              FROM (SELECT n, ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid AS id
                      FROM generate_series(1, \(sessions)) n) AS numbered;
            ANALYZE;
            """)
    }

    private static func cookie(_ number: Int, _ keys: KeyRing) -> String? {
        UUID(uuidString: "00000000-0000-7000-8000-" + String(format: "%012d", number))
            .flatMap { keys.sign($0, as: .session) }.map { "otalink=\($0)" }
    }

    /// One session after the other.
    private func script(_ keys: KeyRing, path: String) throws -> String {
        let file = directory.appending(path: "cookies.txt")
        let cookies = (1...sessions).compactMap { Self.cookie($0, keys) }
        try cookies.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
        return """
            local cookies, n = {}, 0
            for line in io.lines("\(file.path)") do cookies[#cookies + 1] = line end
            request = function()
              n = n % #cookies + 1
              return wrk.format("GET", "\(path)", { ["Cookie"] = cookies[n] })
            end
            """
    }

    /// Seconds from each revocation's commit until no replica takes the session any more.
    private func revoked(_ keys: KeyRing, _ replicas: [ServiceUnderTest]) async throws -> [Double] {
        let client = CurlClient(logger: .quiet)
        var delays: [Double] = []
        for number in 1...revocations {
            guard let cookie = Self.cookie(number, keys) else { continue }
            func isTaken(_ replica: ServiceUnderTest) async throws -> Bool {
                let question = HTTPRequest(url: replica.url + "/auth/verify", headers: [("Cookie", cookie)])
                return try await client.send(question).status == 200
            }
            for replica in replicas {
                guard try await isTaken(replica) else { throw Unready(output: "a session does not hold") }
            }
            try await database.psql(
                "UPDATE otalink.session SET revoked_at = now() WHERE customer_login = 'c\(number)@example.org'")
            let start = ContinuousClock.now
            for replica in replicas { while try await isTaken(replica) {} }
            delays.append((ContinuousClock.now - start).seconds)
        }
        await client.close()
        return delays
    }
}
