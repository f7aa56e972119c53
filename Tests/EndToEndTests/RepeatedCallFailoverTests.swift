import CurlClient
import DemoDesk
import Foundation
import TestSupport
import Testing

@Suite("Calls for links that are repeated after a replica was killed", .timeLimit(.minutes(10)))
struct RepeatedCallFailoverTests {
    @Test("Every call is answered once: the same bytes from the other replica, and no link more than there were calls")
    func killed() async throws {
        try await withDeployment(settings: ["MailFirstLink": "0"]) { (deployment) async throws in
            try await deployment.database.psql(
                """
                INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
                VALUES ('anna@example.org', 'anna@example.org', 'anna@example.org', 'Anna', 'Example')
                """)
            let ticket = await deployment.desk.create(
                NewDemoTicket(title: "Printer", customerLogin: "anna@example.org", customerID: "acme")
            ).number
            let made = try await deployment.otalink("api-key", "create", "caller", "--scope", "links:issue")
            let key = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
            @Sendable func call(_ index: Int, on replica: Int) async throws -> HTTPResponse {
                let body = #"{"ticketNumber":"\#(ticket)","customerLogin":"anna@example.org"}"#
                return try await deployment.client.send(
                    HTTPRequest(
                        method: .post, url: deployment.replicas[replica].url + "/api/v1/links",
                        headers: [("Authorization", "Bearer \(key)"), ("Idempotency-Key", "call-\(index)")],
                        body: Array(body.utf8), timeout: .seconds(60)))
            }
            let count = 40
            var first: [HTTPResponse?] = try await concurrently(count / 2) { try await call($0, on: 0) }
            first += try await concurrently(count / 2) { index in
                if index == count / 4 { deployment.replicas[0].process.kill() }
                return try? await call(count / 2 + index, on: 0)
            }
            // The time has passed for which a dead replica keeps others from its calls.
            try await deployment.database.psql("UPDATE otalink.api_request SET claimed_until = now()")
            let second = try await concurrently(count) { index in
                do {
                    return try await call(index, on: 1)
                } catch let error as CurlError where !error.wasSent {
                    // What did not go out is safe to send again, as everything here is.
                    return try await call(index, on: 1)
                }
            }
            #expect(second.allSatisfy { $0.status == 201 })
            for (before, after) in zip(first, second) {
                if let before { #expect(before.status == 201 && before.body == after.body) }
            }
            print("of \(count) calls, \(first.count { $0 != nil }) were answered before the replica was killed")
            #expect(Set(second.map(\.body)).count == count)
            for table in ["link", "api_request", "audit_event WHERE event = 'link.issued'"] {
                #expect(
                    try await deployment.database.psql("SELECT count(*) FROM otalink.\(table)") == "\(count)",
                    "\(table)")
            }
            let active = "SELECT count(*) FROM otalink.link WHERE state = 'active'"
            #expect(try await deployment.database.psql(active) == "1")
        }
    }
}
