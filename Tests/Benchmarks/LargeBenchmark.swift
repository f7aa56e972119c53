import Foundation
import OneTimeLinks
import TestSupport

/// Redeeming with 10,000,000 links beside redeeming with 10,000. Takes minutes and many gigabytes.
struct LargeBenchmark {
    let database: TestDatabase
    let seconds: Int
    let directory: URL

    private let few = 10_000
    private let many = 10_000_000
    /// Links, tickets and their indices, with the log of writing them.
    private static let neededBytes = 24 << 30

    func run() async throws {
        let free = try directory.resourceValues(forKeys: [.volumeAvailableCapacityKey]).volumeAvailableCapacity ?? 0
        guard free > Self.neededBytes else {
            print("(r) skipped: ten million links need \(Self.neededBytes >> 30) GiB, and \(free >> 30) are free.")
            return
        }
        let secret = KeyRing.generateSecret()
        let keys = try KeyRing(text: secret)
        let service = try await ServiceUnderTest.start(database: database, secret: secret)
        defer { service.process.kill() }
        // As fast as one connection answers, so that even few links last.
        let load = LoadGenerator(seconds: seconds, directory: directory, connections: 1)
        var rates: [Double] = []
        for count in [few, many] {
            let links = SeededLinks(keys: keys, directory: directory, count: count)
            try await database.psql(
                """
                TRUNCATE otalink.customer_user, otalink.ticket, otalink.link, otalink.session, otalink.audit_event CASCADE;
                """)
            try await links.write(to: database)
            try await database.psql("VACUUM ANALYZE")
            try await database.psql("CHECKPOINT")
            // Spread over the whole table, and the same number of them.
            let step = count / few
            _ = try await load.run(
                service.url, script: try links.redeemScript(stride(from: step, to: count / 3, by: step)))
            let result = try await load.run(
                service.url, script: try links.redeemScript(stride(from: count / 3 + step, to: count, by: step)))
            print(
                "(r) redeem with \(count) links: \(Int(result.rate))/s, p50 \(result.median), p99 \(result.slowest), "
                    + "\(result.failures) failed")
            rates.append(result.rate)
        }
        print(String(format: "    ratio %.2f", rates[1] / rates[0]))
    }
}
