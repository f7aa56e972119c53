import CurlClient
import DemoDesk
import Foundation
import ReplicaSupport
import TestSupport
import Testing

@Suite(
    "A replica behind a pooler in transaction mode, with no way around it",
    .enabled(if: PgBouncer.isHere, "needs pgbouncer"), .timeLimit(.minutes(10)))
struct PooledReplicaTests {
    @Test("It names the remedy in log, metrics and doctor, and customers sign in all the same")
    func foundOut() async throws {
        try await withDeployment { (deployment) async throws in
            let bouncer = try PgBouncer(cluster: deployment.database.cluster)
            try await bouncer.start()
            defer { bouncer.kill() }
            let (port, admin) = (try FreePort.find(), try FreePort.find())
            let pooled = deployment.environment.merging([
                "OTALINK_LISTEN": "127.0.0.1:\(port)", "OTALINK_ADMIN_LISTEN": "127.0.0.1:\(admin)",
                "OTALINK_DATABASE_URL": bouncer.url(deployment.database.name), "OTALINK_DATABASE_PREPARED": "0",
            ]) { $1 }
            let replica = try ChildProcess(Deployment.program, ["serve"], environment: pooled)
            defer { replica.kill() }
            #expect(await replica.writes("listening on 127.0.0.1:\(port)"))
            #expect(await replica.writes("Set OTALINK_DATABASE_DIRECT_URL to the server itself"))
            func get(_ port: UInt16, _ path: String) async throws -> HTTPResponse {
                try await deployment.client.send(
                    HTTPRequest(method: .get, url: "http://127.0.0.1:\(port)\(path)", timeout: .seconds(60)))
            }
            let metrics = try await get(admin, "/metrics").text
            #expect(metrics.contains("\notalink_listener_unproven 1\n"))
            #expect(metrics.contains("\notalink_listener_connected 0\n"))
            #expect(try await get(port, "/health/ready").status == 200)

            try await deployment.database.psql(
                """
                INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
                VALUES ('anna@example.org', 'anna@example.org', 'acme', 'Anna', 'Example')
                """)
            let ticket = await deployment.desk.create(
                NewDemoTicket(title: "Printer on fire", customerLogin: "anna@example.org", customerID: "acme"))
            let link = try await deployment.link(ticket: ticket.number)
            let browser = Browser(client: deployment.client, base: "http://127.0.0.1:\(port)")
            let clicked = try await browser.press(try await browser.get(link))
            #expect(clicked.status == 303)
            let page = try #require(clicked.header("Location"))
            #expect(try await browser.get(page).status == 200)
            try await deployment.database.psql("UPDATE otalink.session SET revoked_at = now()")
            #expect(try await browser.get(page).status == 401)

            func finding(_ environment: [String: String]) async throws -> String {
                let doctor = try ChildProcess(Deployment.program, ["doctor"], environment: environment)
                let lines = await doctor.finished().output.split(separator: "\n").map(String.init)
                return try #require(lines.first { $0.contains(" direct connection ") })
            }
            let bad = try await finding(pooled)
            #expect(bad.hasPrefix("failed") && bad.contains("OTALINK_DATABASE_DIRECT_URL"))
            let mended = pooled.merging(["OTALINK_DATABASE_DIRECT_URL": deployment.database.url]) { $1 }
            #expect(try await finding(mended).hasPrefix("good"))
            for command in [["migrate", "up"], ["expire"]] {
                let refused = await (try ChildProcess(Deployment.program, command, environment: pooled)).finished()
                #expect(
                    refused.status == 1 && refused.errors.contains("pooler in transaction mode"),
                    "\(command): \(refused.status) \(refused.errors) \(refused.output)")
                let done = await (try ChildProcess(Deployment.program, command, environment: mended)).finished()
                #expect(done.status == 0, "\(command): \(done.errors)")
            }
        }
    }
}
