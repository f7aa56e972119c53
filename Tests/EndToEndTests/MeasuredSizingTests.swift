import Foundation
import TestSupport
import Testing

@Suite("What a replica takes", .timeLimit(.minutes(10)))
struct MeasuredSizingTests {
    @Test("Under load each replica opens no more connections, and takes no more memory, than docs/sizing.md says")
    func connections() async throws {
        let text = try String(contentsOfFile: RepositoryRoot.path + "/docs/sizing.md", encoding: .utf8)
        let promised = try #require(text.firstMatch(of: /\*\*(\d+) in all\*\*/).flatMap { Int($0.1) })
        let megabytes = try #require(text.firstMatch(of: /takes below (\d+) MB of memory/).flatMap { Int($0.1) })
        try await withDeployment { (deployment) async throws in
            let ticket = try await deployment.annasTicket()
            let link = try await deployment.link(ticket: ticket)
            // The most that both together had at any moment, as the server sees it.
            let count = """
                SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name LIKE 'otalink%'
                """
            var most = 0
            for _ in 0..<5 {
                async let load = concurrently(200) { index in
                    let browser = deployment.browser(on: index % 2)
                    return try await browser.press(try await browser.get(link)).status
                }
                most = max(most, Int(try await deployment.database.psql(count)) ?? .max)
                _ = try await load
                most = max(most, Int(try await deployment.database.psql(count)) ?? .max)
            }
            print("connections of two replicas under load: \(most)")
            #expect(most > 2 && most <= 2 * promised)
            for replica in deployment.replicas {
                let status = try String(
                    contentsOfFile: "/proc/\(replica.process.processID)/status", encoding: .utf8)
                let peak = try #require(status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) })
                print("memory of a replica at its peak, as built for tests: \(peak / 1024) MB")
                // A build for tests takes more.
                #expect(peak / 1024 < 2 * megabytes)
            }
        }
    }
}
