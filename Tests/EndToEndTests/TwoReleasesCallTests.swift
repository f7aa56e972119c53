import CurlClient
import Foundation
import ReplicaSupport
import TestSupport
import Testing

@Suite(
    "Programs that call the previous release and this one, on one database", .enabled(if: PreviousRelease.isHere),
    .timeLimit(.minutes(10)))
struct TwoReleasesCallTests {
    @Test(
        "A call for a link that is repeated at the other release has the same answer, and its link signs in at either")
    func repeated() async throws {
        try await withBothReleases(["MailFirstLink": "0"]) { (deployment, old, new) async throws in
            let key = try await deployment.otalink("api-key", "create", "caller", "--scope", "links:issue").output
                .trimmingCharacters(in: .whitespacesAndNewlines)
            for (index, (first, second)) in [(old, new), (new, old)].enumerated() {
                let ticket = try await deployment.annasTicket()
                @Sendable func call(_ replica: String) async throws -> HTTPResponse {
                    let body = #"{"ticketNumber":"\#(ticket)","customerLogin":"anna@example.org"}"#
                    return try await deployment.client.send(
                        HTTPRequest(
                            method: .post, url: replica + "/api/v1/links",
                            headers: [("Authorization", "Bearer \(key)"), ("Idempotency-Key", "call-\(index)")],
                            body: Array(body.utf8), timeout: .seconds(60)))
                }
                let answers = [try await call(first), try await call(second)]
                #expect(answers.map(\.status) == [201, 201] && answers[0].body == answers[1].body)
                let link = try #require(answers[0].text.firstMatch(of: /\/l\/[0-9A-Za-z]{43}/)).output
                let browser = Browser(client: deployment.client, base: second)
                #expect(try await browser.press(try await browser.get(String(link))).status == 303)
            }
            #expect(try await deployment.database.psql("SELECT count(*) FROM otalink.link") == "2")
        }
    }

    @Test("A code of one release is exchanged at the other, and the tokens count at both until the customer signs out")
    func codes() async throws {
        try await withProvider { (deployment, client) async throws in
            try await withRunningReplicas([deployment.environment], program: PreviousRelease.program) {
                (replicas) async throws in
                let (old, new) = (client.on(replicas[0]), client.on(deployment.replicas[0]))
                for (asked, exchanging) in [(old, new), (new, old)] {
                    let browser = asked.browser()
                    let link = try await deployment.newLink()
                    #expect(try await browser.press(try await browser.get(link)).status == 303)
                    let code = try await asked.code(browser)
                    let tokens = try exchanging.tokens(try await exchanging.exchange(code))
                    for place in [asked, exchanging] {
                        #expect(try await place.userInfo(tokens.accessToken).status == 200)
                        _ = try await place.claims(tokens.idToken)
                    }
                    _ = try await browser.press(try await browser.get("/oidc/logout"))
                    for place in [asked, exchanging] {
                        while try await place.userInfo(tokens.accessToken).status != 401 { try await giveWay() }
                    }
                }
            }
        }
    }
}
