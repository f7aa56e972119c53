import CurlClient
import Foundation
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@Suite("Two tickets in one browser", .timeLimit(.minutes(10)))
struct TwoTicketsTests {
    /// How often the whole way is gone; `make test-grants` goes it two hundred times.
    private static let rounds = ProcessInfo.processInfo.environment["OTALINK_GRANT_ROUNDS"].flatMap(Int.init) ?? 20

    private func withTwoReplicas(
        _ body: @escaping @Sendable ([ServiceUnderTest], Replica, TestDatabase) async throws -> Void
    ) async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            for index in 1...3 {
                var ticket = try exampleTicket()
                ticket.number = try #require(TicketNumber("\(index)"))
                ticket.ticketID = Int64(index)
                let made = ticket
                desk.change { $0.tickets[made.number] = made }
            }
            try await serving(try dependencies(replicas[0], desk)) { (first) async throws in
                try await serving(try dependencies(replicas[1], desk)) { (second) async throws in
                    try await body([first, second], replicas[0], database)
                }
            }
        }
    }

    private static let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]

    @Test("Three links opened at once in a browser without any cookie, answers in every order: all pages are open")
    func atOnce() async throws {
        try await withTwoReplicas { (services, replica, database) async throws in
            for round in 0..<Self.rounds {
                let browser = Browser(client: services[0].client, base: services[0].url)
                let opening = Self.orders[round % 6]
                let answering = Self.orders[(round / 6) % 6]
                var tokens: [String] = []
                for index in 1...3 { tokens.append(try await replica.token(ticket: TicketNumber("\(index)"))) }
                let links = tokens.map { "/l/\($0)" }
                // Each first page sets another form cookie, and they arrive in any order.
                let pages = try await browser.atOnce(
                    links.enumerated().map { ($0.element, services[$0.offset % 2].url) }, arriving: opening
                ) { browser, link in try await browser.get(link) }
                // No session cookie is there before the last button is pressed.
                let answers = try await browser.atOnce(
                    pages.enumerated().map { ($0.element, services[($0.offset + 1) % 2].url) }, arriving: answering
                ) { browser, page in try await browser.press(page) }
                #expect(answers.map(\.status) == [303, 303, 303], "round \(round)")
                for index in 1...3 {
                    browser.turn(to: services[(round + index) % 2].url)
                    let page = try await browser.get("/t/\(index)")
                    #expect(page.status == 200, "round \(round), ticket \(index)")
                }
                let living = "SELECT count(*) FROM otalink.session WHERE revoked_at IS NULL"
                #expect(try await database.psql(living) == "1")
                // Signing out with the oldest cookie, on the page that was made for it.
                let oldest = try await database.psql(
                    "SELECT id FROM otalink.session ORDER BY id DESC OFFSET 2 LIMIT 1")
                let id = try #require(UUID(uuidString: oldest))
                let cookie = try #require(replica.keys.sign(id, as: .session))
                browser.set("otalink", to: cookie)
                let page = try await browser.get("/t/1")
                #expect(page.status == 200)
                browser.set("otalink", to: cookie)
                #expect(try await browser.press(page).status == 200)
                #expect(try await database.psql(living) == "0")
                for index in 1...3 { #expect(try await browser.get("/t/\(index)").status == 401) }
            }
        }
    }

    @Test("A page whose button is pressed before the next page arrives: the clicks find each other all the same")
    func interleaved() async throws {
        try await withTwoReplicas { (services, replica, database) async throws in
            for order in [[0, 1], [1, 0]] {
                let browser = Browser(client: services[0].client, base: services[0].url)
                let links = [
                    "/l/\(try await replica.token(ticket: TicketNumber("1")))",
                    "/l/\(try await replica.token(ticket: TicketNumber("2")))",
                ]
                // Both pages were asked for without a cookie; the second arrives after the first one's button was pressed.
                let first = try await browser.hold { try await $0.get(links[0]) }
                let second = try await browser.hold { try await $0.get(links[1]) }
                browser.arrive(first)
                let before = browser.snapshot()
                browser.arrive(second)
                // The later click is answered first.
                let clicks = [(before, first), (browser.snapshot(), second)]
                var answers: [HTTPResponse] = []
                for index in order {
                    let held = try await clicks[index].0.hold { try await $0.press(clicks[index].1) }
                    answers.append(held)
                }
                for answer in answers.reversed() { browser.arrive(answer) }
                #expect(answers.allSatisfy { $0.status == 303 })
                for index in 1...2 { #expect(try await browser.get("/t/\(index)").status == 200, "\(order)") }
                let living = "SELECT count(*) FROM otalink.session WHERE revoked_at IS NULL"
                #expect(try await database.psql(living) == "1")
                try await database.psql("DELETE FROM otalink.session")
            }
        }
    }

    @Test("One ticket after the other: both stay open, and a page of before still signs out")
    func oneAfterTheOther() async throws {
        try await withTwoReplicas { (services, replica, database) async throws in
            let browser = Browser(client: services[0].client, base: services[0].url)
            var pages: [HTTPResponse] = []
            for index in 1...2 {
                let link = "/l/\(try await replica.token(ticket: TicketNumber("\(index)")))"
                #expect(try await browser.press(try await browser.get(link)).status == 303)
                pages.append(try await browser.get("/t/\(index)"))
                // Long after the click: no cookie is led on any more.
                try await database.psql(
                    """
                    UPDATE otalink.session
                       SET created_at = created_at - interval '1 hour', replaced_at = replaced_at - interval '1 hour'
                    """)
            }
            #expect(try await browser.get("/t/1").status == 200)
            #expect(try await browser.get("/t/2").status == 200)
            #expect(try await browser.get("/t/3").status == 404)
            // Another browser's form ends that browser's session only.
            let other = Browser(client: services[0].client, base: services[1].url)
            let link = "/l/\(try await replica.token(ticket: TicketNumber("3")))"
            #expect(try await other.press(try await other.get(link)).status == 303)
            let theirs = try await other.get("/t/3")
            #expect(try await browser.press(theirs).status == 200)
            #expect(try await browser.get("/t/1").status == 200)
            #expect(try await other.get("/t/3").status == 401)
            // The first ticket's page was made for the session of before.
            #expect(try await browser.press(pages[0]).status == 200)
            #expect(try await browser.get("/t/1").status == 401)
            #expect(try await browser.get("/t/2").status == 401)
        }
    }

    @Test("A person sees the tickets of each browser, and signs out of one")
    func grants() async throws {
        try await withTwoReplicas { (services, replica, database) async throws in
            let browser = Browser(client: services[0].client, base: services[0].url)
            for index in 1...2 {
                let link = "/l/\(try await replica.token(ticket: TicketNumber("\(index)")))"
                #expect(try await browser.press(try await browser.get(link)).status == 303)
            }
            func forms() async throws -> [(action: String, body: String)] {
                let page = try await browser.get("/sessions")
                #expect(page.status == 200)
                let expression =
                    /action="(\/grants\/[^"]+)"><input type="hidden" name="form" value="([^"]+)"><input type="hidden" name="session" value="([^"]+)"/
                return page.text.matches(of: expression).map {
                    (String($0.output.1), "form=\($0.output.2)&session=\($0.output.3)")
                }
            }
            let both = try await forms()
            #expect(both.count == 2)
            // The value of one is none for the other.
            #expect(try await browser.post(both[0].action, form: both[1].body).status == 403)
            // The newest comes first.
            #expect(try await browser.post(both[0].action, form: both[0].body).status == 303)
            #expect(try await browser.get("/t/2").status == 404)
            #expect(try await browser.get("/t/1").status == 200)
            let left = try await forms()
            #expect(left.map(\.action) == [both[1].action])
            #expect(try await browser.post(left[0].action, form: left[0].body).status == 200)
            #expect(try await browser.get("/t/1").status == 401)
            #expect(
                try await database.psql("SELECT revoke_reason FROM otalink.session ORDER BY id DESC LIMIT 1")
                    == "signed out")
        }
    }

    @Test("The same mail opened again leads to the ticket, with the cookie that the browser has")
    func sameMail() async throws {
        try await withTwoReplicas { (services, replica, database) async throws in
            let browser = Browser(client: services[0].client, base: services[0].url)
            let link = "/l/\(try await replica.token(ticket: TicketNumber("1")))"
            #expect(try await browser.press(try await browser.get(link)).status == 303)
            try await database.psql("UPDATE otalink.link SET used_at = now() - interval '11 seconds'")
            browser.turn(to: services[1].url)
            let cookies = browser.cookies
            let again = try await browser.press(try await browser.get(link))
            #expect(again.status == 303 && again.header("Location") == "/t/1")
            #expect(browser.cookies == cookies)
            #expect(try await browser.get("/t/1").status == 200)
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "0")
            try await database.psql("UPDATE otalink.link SET state = 'revoked'")
            #expect(try await browser.press(try await browser.get(link)).status == 410)
        }
    }
}
