import Foundation
import OneTimeLinks
import TestSupport

/// What each index that the audit trail is asked by costs a redemption: the statements of redeeming on one connection that does not wait for
/// the disk, with all indexes and without each of them in turn.
struct AuditIndexBenchmark {
    let database: TestDatabase
    let seconds: Int
    let directory: URL

    /// Links for each run: more than one connection can spend.
    private static let each = 40_000

    private static let indexes = [
        (name: "audit_event_of_customer", columns: "(customer_login, at) WHERE customer_login IS NOT NULL"),
        (name: "audit_event_of_request", columns: "(request_id) WHERE request_id IS NOT NULL"),
        (name: "audit_event_of_ticket", columns: "(ticket_number, at) WHERE ticket_number IS NOT NULL"),
    ]

    /// Of one redemption, in the run that other programs have disturbed least.
    private struct Cost {
        /// Of the server's processor, in microseconds.
        var time = Double.infinity
        /// Of the log.
        var bytes = Double.infinity

        mutating func add(_ other: Cost) {
            time = min(time, other.time)
            bytes = min(bytes, other.bytes)
        }
    }

    func run() async throws {
        // More than once, since a machine is never the same for long.
        let rounds = 3
        let links = SeededLinks(
            keys: try KeyRing(text: KeyRing.generateSecret()), directory: directory,
            count: Self.each * (1 + rounds * (Self.indexes.count + 1)))
        try await links.write(to: database)
        // The trail of a desk with some hundred tickets a day, so that the indexes have a size.
        try await database.psql(
            """
            INSERT INTO otalink.audit_event (event, at, link_id, ticket_number, customer_login, client_address, request_id)
            SELECT 'link.redeemed', now() - n * interval '20 seconds', gen_random_uuid(), 'T' || n % \(links.count), 'c' || n % 20000 || '@example.org',
                   '192.0.2.1', gen_random_uuid()
              FROM generate_series(1, 400000) AS n;
            VACUUM ANALYZE;
            """)
        var whole = Cost()
        var without = Self.indexes.map { _ in Cost() }
        var first = 0
        func measure() async throws -> Cost {
            try await database.psql("CHECKPOINT")
            let (start, used) = (try await position(), try await processorTime())
            let result = try await RedeemStatements(database: database, directory: directory).run(
                first: first, each: Self.each, clients: 1, seconds: max(1, seconds / 2), waitsForDisk: false)
            first += Self.each
            guard result.redemptions < Self.each else { throw Unready(output: "more redemptions than links") }
            let count = Double(max(1, result.redemptions))
            return Cost(
                time: (try await processorTime() - used) * 1_000_000 / count,
                bytes: (try await position() - start) / count)
        }
        // The first one warms up.
        _ = try await measure()
        for _ in 0..<rounds {
            whole.add(try await measure())
            for (number, index) in Self.indexes.enumerated() {
                try await database.psql("DROP INDEX otalink.\(index.name)")
                without[number].add(try await measure())
                try await database.psql("CREATE INDEX \(index.name) ON otalink.audit_event \(index.columns)")
            }
        }
        print("(i) what indexes of the audit trail cost a redemption: processor time of the server, and log")
        print(String(format: "    with all of them        %.0f us, %.0f bytes", whole.time, whole.bytes))
        for (index, cost) in zip(Self.indexes, without) {
            let share = (whole.time / cost.time - 1) * 100
            print(
                "    " + index.name.padding(toLength: 24, withPad: " ", startingAt: 0)
                    + String(
                        format: "%+.0f us (%+.1f %%), %+.0f bytes", whole.time - cost.time, share,
                        whole.bytes - cost.bytes))
        }
    }

    /// Seconds of processor that the server's connections have used. Other programs on the machine do not change it much.
    private func processorTime() async throws -> Double {
        let file = database.cluster.directory + "/data/postmaster.pid"
        let server = try String(contentsOfFile: file, encoding: .utf8).prefix { $0 != "\n" }
        // A connection counts once its process has ended and the server has seen that.
        while Self.hasConnections(server) { try await Task.sleep(for: .milliseconds(20)) }
        guard let fields = Self.fields(of: String(server)), fields.count > 15, let user = Double(fields[14]),
            let system = Double(fields[15])
        else { throw Unready(output: "the server's processor time cannot be read") }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Of /proc/PID/stat, after the name in parentheses: the state is at 1, the parent at 2, the time of ended children at 14 and 15.
    private static func fields(of process: String) -> [Substring]? {
        guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return nil }
        return stat.drop { $0 != ")" }.split(separator: " ")
    }

    /// Whether the server has a child that is none of those that it always has. A child that is about to end has no title any more.
    private static func hasConnections(_ server: Substring) -> Bool {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.contains { process in
            guard Int(process) != nil, let fields = fields(of: process), fields.count > 2, fields[2] == server else {
                return false
            }
            let title = (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)) ?? ""
            return !lasting.contains { title.contains($0) }
        }
    }

    private static let lasting = ["checkpointer", "writer", "launcher", "stats collector", "logger", "io worker"]

    /// How much log was written.
    private func position() async throws -> Double {
        Double(try await database.psql("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")) ?? 0
    }
}
