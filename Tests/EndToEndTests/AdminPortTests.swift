import CurlClient
import Foundation
import TestSupport
import Testing

@Suite("The admin port of a running replica", .timeLimit(.minutes(10)))
struct AdminPortTests {
    @Test(
        "Metrics are served where the environment says, also while the database is away, and never where customers are")
    func metrics() async throws {
        // Of two replicas with one admin port, the second cannot start; so the test has one of its own.
        try await withDeployment { (deployment) async throws in
            let (port, admin) = (try FreePort.find(), try FreePort.find())
            let own = ["OTALINK_LISTEN": "127.0.0.1:\(port)", "OTALINK_ADMIN_LISTEN": "127.0.0.1:\(admin)"]
            let replica = try ChildProcess(
                Deployment.program, ["serve"], environment: deployment.environment.merging(own) { $1 })
            defer { replica.kill() }
            for port in [port, admin] { #expect(await replica.writes("listening on 127.0.0.1:\(port)")) }
            @Sendable func scrape(_ port: UInt16) async throws -> HTTPResponse {
                try await deployment.client.send(
                    HTTPRequest(method: .get, url: "http://127.0.0.1:\(port)/metrics", timeout: .seconds(60)))
            }
            #expect(try await scrape(port).status == 404)
            var text = try await scrape(admin).text
            let signs = ["\notalink_stored_values_age_seconds ", "\notalink_listener_connected 1\n"]
            while !signs.allSatisfy(text.contains) { text = try await scrape(admin).text }
            for line in [
                "otalink_listener_connected 1", "otalink_mails{state=\"dead\"} 0",
                "otalink_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1",
            ] { #expect(text.contains("\n\(line)\n"), "\(line) in \(text)") }
            // No connection to the database is to be had any more.
            try await deployment.database.cluster.psql(
                """
                ALTER DATABASE "\(deployment.database.name)" ALLOW_CONNECTIONS false;
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(deployment.database.name)'
                """, database: "postgres")
            while try await !scrape(admin).text.contains("\notalink_listener_connected 0\n") {}
            #expect(try await scrape(admin).status == 200)
            try await deployment.database.cluster.psql(
                "ALTER DATABASE \"\(deployment.database.name)\" ALLOW_CONNECTIONS true", database: "postgres")
            replica.terminate()
            #expect(await replica.finished().status == 0)
        }
    }
}
