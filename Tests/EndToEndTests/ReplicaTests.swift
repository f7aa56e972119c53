import CurlClient
import DemoDesk
import Foundation
import OneTimeLinks
import ReplicaSupport
import SMTPSink
import TestSupport
import Testing

@Suite("Two replicas", .timeLimit(.minutes(10)))
struct ReplicaTests {
    private static let anna = """
        INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
        VALUES ('anna@example.org', 'anna@example.org', 'anna@example.org', 'Anna', 'Example')
        """

    private func ticket(_ deployment: Deployment) async throws -> String {
        try await deployment.database.psql(Self.anna)
        return await deployment.desk.create(
            NewDemoTicket(title: "Printer", customerLogin: "anna@example.org", customerID: "acme")
        ).number
    }

    @Test("Of a hundred browsers over two replicas that press the button at once, one signs in, twenty times over")
    func race() async throws {
        try await withDeployment(settings: ["MailFirstLink": "0"]) { (deployment) async throws in
            let ticket = try await ticket(deployment)
            for round in 1...20 {
                let link = try await deployment.link(ticket: ticket)
                let opened = try await concurrently(100) { index in
                    let browser = deployment.browser(on: index % 2)
                    return (browser, try await browser.get(link))
                }
                let statuses = try await concurrently(100) { index in
                    try await opened[index].0.press(opened[index].1).status
                }
                #expect(statuses.count { $0 == 303 } == 1)
                let sessions = try await deployment.database.psql("SELECT count(*) FROM otalink.session")
                #expect(sessions == "\(round)")
            }
        }
    }

    @Test(
        "A revoked session is refused by both replicas within a second, also while one has lost its listening connection"
    )
    func revoked() async throws {
        try await withDeployment(settings: ["Landing": "forward-auth", "MailFirstLink": "0"]) {
            (deployment) async throws in
            let ticket = try await ticket(deployment)
            for isKilled in [false, true] {
                let browser = deployment.browser()
                let link = try await deployment.link(ticket: ticket)
                #expect(try await browser.press(try await browser.get(link)).status == 303)
                // Both remember the session.
                for replica in deployment.replicas { #expect(try await verify(browser, replica, deployment) == 200) }
                if isKilled {
                    try await deployment.database.psql(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                         WHERE datname = current_database() AND application_name = 'otalink listener' LIMIT 1
                        """)
                }
                try await deployment.database.psql(
                    "UPDATE otalink.session SET revoked_at = now() WHERE revoked_at IS NULL")
                let start = ContinuousClock.now
                for replica in deployment.replicas {
                    // Promised is one second; only tenfold fails, since the machine may be busy.
                    while try await verify(browser, replica, deployment) != 401 {
                        try #require(ContinuousClock.now - start < .seconds(10))
                    }
                }
                print("revoked everywhere after \(ContinuousClock.now - start), listener killed: \(isKilled)")
            }
        }
    }

    @Test("A replica killed in the middle of load loses nothing that was answered, and the other goes on")
    func killed() async throws {
        try await withDeployment(settings: ["Landing": "forward-auth", "MailFirstLink": "0"]) {
            (deployment) async throws in
            try await deployment.database.psql(Self.anna)
            // A ticket a link, so that every token can sign in.
            let links = try await concurrently(40) { _ in
                let ticket = await deployment.desk.create(
                    NewDemoTicket(title: "Printer", customerLogin: "anna@example.org", customerID: "acme"))
                return try await deployment.link(ticket: ticket.number)
            }
            let pages = try await concurrently(links.count) { index in
                let browser = deployment.browser(on: 0)
                return (browser, try await browser.get(links[index]))
            }
            let answers = try await concurrently(links.count) { index in
                if index == links.count / 2 { deployment.replicas[1].process.kill() }
                let (browser, page) = pages[index]
                browser.turn(to: deployment.replicas[index % 2].url)
                let answer: HTTPResponse
                do {
                    answer = try await browser.press(page)
                } catch is CurlError {
                    // As the load balancer, or the customer's finger, would: once more, and the other replica answers.
                    browser.turn(to: deployment.replicas[0].url)
                    answer = try await browser.press(page)
                }
                return answer.status
            }
            #expect(answers.allSatisfy { $0 == 303 })
            let sessions = try await deployment.database.psql(
                "SELECT count(*), count(DISTINCT link_id) FROM otalink.session")
            #expect(sessions == "\(links.count)|\(links.count)")
            for (browser, _) in pages {
                #expect(try await verify(browser, deployment.replicas[0], deployment) == 200)
            }
        }
    }

    @Test("Two hundred link requests, from as many addresses over two replicas, mail one")
    func refreshes() async throws {
        try await withDeployment(
            environment: ["OTALINK_TRUSTED_PROXIES": "127.0.0.1"], settings: ["MailFirstLink": "0"]
        ) { (deployment) async throws in
            let link = try await deployment.link(ticket: try await ticket(deployment))
            let first = deployment.browser()
            #expect(try await first.press(try await first.get(link)).status == 303)
            // The mail server takes its time, so that the new link is on its way all the while.
            await deployment.sink.follow(SMTPScript(faults: [.endOfData: .pause], faultyConnections: 1))
            let opened = try await concurrently(200) { index in
                let browser = deployment.browser(on: index % 2)
                return (browser, try await browser.get(link))
            }
            @Sendable func press(_ index: Int, _ page: HTTPResponse) async throws -> HTTPResponse {
                try await opened[index].0.press(page, headers: [("X-Forwarded-For", "203.0.113.\(index)")])
            }
            let answers = try await concurrently(200) { index in try await press(index, opened[index].1) }
            #expect(answers.allSatisfy { $0.status == 200 && $0.body == answers[0].body })
            await deployment.sink.resume()
            _ = try await deployment.sink.nextMail { _ in true }
            // Now the newer link works, and the link request for another comes too soon, whoever has it.
            while try await deployment.database.psql("SELECT count(*) FROM otalink.link WHERE state = 'active'") == "0"
            {
                try await giveWay()
            }
            let again = try await press(7, opened[7].1)
            #expect(again.status == 410 && again.text.contains("/fresh"))
            let limited = try await press(7, again)
            #expect(limited.status == 429 && limited.header("Retry-After") != nil)
            // What is not queued by now never will be: each answer came after its decision.
            #expect(try await deployment.database.psql("SELECT count(*) FROM otalink.mail_outbox") == "1")
            #expect(await deployment.sink.mailCount() == 1)
        }
    }

    @Test("SIGTERM ends a replica with 0, and what it answers until then is whole")
    func terminated() async throws {
        try await withDeployment(settings: ["MailFirstLink": "0"]) { (deployment) async throws in
            deployment.replicas[0].process.terminate()
            #expect(await deployment.replicas[0].process.finished().status == 0)
            #expect(try await deployment.browser(on: 1).get("/health/ready").status == 200)
        }
    }

    @Test("After SIGTERM readiness goes first, and whoever still comes is answered")
    func drained() async throws {
        try await withDeployment(environment: ["OTALINK_DRAIN_SECONDS": "2"], settings: ["MailFirstLink": "0"]) {
            (deployment) async throws in
            let link = try await deployment.link(ticket: try await ticket(deployment))
            let (replica, anna) = (deployment.replicas[0], deployment.browser(on: 0))
            #expect(try await anna.get("/health/ready").status == 200)
            replica.process.terminate()
            while try await anna.get("/health/ready").status == 200 {}
            #expect(try await anna.get("/health/live").status == 200)
            #expect(try await anna.press(try await anna.get(link)).status == 303)
            #expect(await replica.process.finished().status == 0)
        }
    }

    // MARK: -

    private func verify(_ browser: Browser, _ replica: RunningReplica, _ deployment: Deployment) async throws -> Int {
        browser.turn(to: replica.url)
        return try await browser.get("/auth/verify").status
    }
}
