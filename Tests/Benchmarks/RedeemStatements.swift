import Foundation
import LinkStore
import TestSupport

/// The two statements of redeeming, run by pgbench over seeded links.
struct RedeemStatements {
    let database: TestDatabase
    let directory: URL

    struct Result {
        /// Redemptions a second, of all clients together.
        var rate: Double
        /// Milliseconds that one takes.
        var latency: Double
        var redemptions: Int
    }

    /// Each client spends links of its own.
    ///
    /// - Parameters:
    ///   - first: the link after which those of the first client begin.
    ///   - each: how many links a client has; more than can be spent in the time.
    ///   - waitsForDisk: false measures what the server computes.
    func run(
        first: Int, each: Int, clients: Int, seconds: Int, waitsForDisk: Bool = true
    ) async throws -> Result {
        let link = "('00000000-0000-7000-8000-' || lpad((:first + :client_id * \(each) + :i)::text, 12, '0'))::uuid"
        let facts = LinkSQL.facts.sql.replacing("$1::uuid[]", with: "ARRAY[\(link)]")
            .replacing("$2::timestamptz", with: "NULL::timestamptz").replacing("$3", with: "14")
        let spend = LinkSQL.spend.sql.replacing("$1::uuid[]", with: "ARRAY[\(link)]")
            .replacing("$2::uuid[]", with: "ARRAY[gen_random_uuid()]").replacing("$3::text[]", with: "ARRAY['T1']")
            .replacing("$4::bytea[]", with: "ARRAY['x'::bytea]").replacing("$5::text[]", with: "ARRAY['127.0.0.1']")
            .replacing("$6::text[]", with: "ARRAY['pgbench']")
            .replacing("$7::text[]", with: "ARRAY[gen_random_uuid()::text]")
            .replacing("$8::timestamptz", with: "NULL::timestamptz").replacing("$9::text[]", with: "ARRAY['ticket']")
            .replacing("$10::uuid[]", with: "ARRAY[NULL]::uuid[]").replacing("$11::uuid[]", with: "ARRAY[]::uuid[]")
            .replacing("$12::bytea[]", with: "ARRAY[]::bytea[]").replacing("$13", with: "28800")
        let script = "\\set i :i + 1\n\(facts.replacing("\n", with: " "));\n\(spend.replacing("\n", with: " "));\n"
        let file = directory.appending(path: "redeem.sql")
        try script.write(to: file, atomically: true, encoding: .utf8)
        let finished = try await ChildProcess.run(
            "pgbench",
            [
                "-n", "-M", "prepared", "-c", "\(clients)", "-j", "1", "-T", "\(seconds)", "-D", "i=0", "-D",
                "first=\(first)",
                "-f", file.path, database.url,
            ], environment: waitsForDisk ? [:] : ["PGOPTIONS": "-c synchronous_commit=off"])
        func number(_ pattern: Regex<(Substring, Substring)>) throws -> Double {
            guard let value = finished.output.firstMatch(of: pattern).flatMap({ Double($0.1) }) else {
                throw Unready(output: finished.output)
            }
            return value
        }
        return Result(
            rate: try number(/tps = ([0-9.]+)/), latency: try number(/latency average = ([0-9.]+)/),
            redemptions: Int(try number(/actually processed: ([0-9]+)/)))
    }
}
