import CurlClient
import Foundation
import LinkStore
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@Suite("A ticket that is deleted at the desk")
struct DeletedTicketTests {
    private static let deletion = "{\"Event\": \"TicketDelete\", \"TicketID\": \"1\"}"
    private static let page = "/t/2026112510000018"

    /// The event as the desk posts it.
    private func report(_ service: ServiceUnderTest, _ replica: Replica) async throws -> HTTPResponse {
        let caller = try await replica.caller(service, name: "desk-\(UUID())", scopes: [.deskEvents])
        return try await caller.call(.post, "/desk/events", body: Self.deletion)
    }

    @Test(
        "From the event on no link of it is spent, and its page says that it is gone, also while the desk is away",
        arguments: [true, false], ["page", "forward-auth"])
    func deleted(isDeskThere: Bool, landing: String) async throws {
        try await withService([SettingName.landing: landing]) { (replica, service, database) async throws in
            let browser = Browser(client: service.client, base: service.url)
            let clicked = try await browser.press(try await browser.get("/l/\(try await replica.token())"))
            #expect(clicked.status == 303)
            #expect(try await browser.get(Self.page).status == 200)
            let late = Browser(client: service.client, base: service.url)
            let confirm = try await late.get("/l/\(try await replica.token())")
            // Known under another number, too.
            try await database.psql(
                """
                INSERT INTO otalink.ticket (ticket_number, ticket_id, customer_login, is_visible, read_at)
                VALUES ('2026112510009999', 1, 'anna@example.org', true, now())
                """)
            service.desk.change { state in
                state.tickets.removeAll()
                state.isReachable = isDeskThere
            }
            #expect(try await report(service, replica).status == 200)
            #expect(try await report(service, replica).status == 200)
            #expect(
                try await database.psql("SELECT bool_or(is_visible), count(unseen_since) FROM otalink.ticket") == "f|2")
            let refused = try await late.press(confirm)
            #expect(refused.status == 410 && !refused.text.contains("used up"))
            #expect(
                try await database.psql("SELECT count(*) FROM otalink.link WHERE state IN ('active', 'used')") == "2")
            let gone = try await browser.get(Self.page)
            #expect(gone.status == 410 && gone.text.contains("This ticket is gone"))
            // Others are not told that there ever was one.
            #expect(try await late.get(Self.page).status == 401)
        }
    }

    @Test("An event that is not true is found out: the desk still shows the ticket")
    func untrue() async throws {
        try await withService { (replica, service, database) async throws in
            let token = try await replica.token()
            #expect(try await report(service, replica).status == 200)
            #expect(try await database.psql("SELECT is_visible FROM otalink.ticket") == "f")
            try await replica.workOffEvents()
            #expect(try await database.psql("SELECT is_visible FROM otalink.ticket") == "t")
            let browser = Browser(client: service.client, base: service.url)
            #expect(try await browser.press(try await browser.get("/l/\(token)")).status == 303)
        }
    }

    @Test("Without an event the page says so as soon as the desk does, and not that the link was not used up")
    func unreported() async throws {
        try await withService { (replica, service, database) async throws in
            let browser = Browser(client: service.client, base: service.url)
            #expect(try await browser.press(try await browser.get("/l/\(try await replica.token())")).status == 303)
            service.desk.change { $0.tickets.removeAll() }
            for _ in 0..<2 {
                let gone = try await browser.get(Self.page)
                #expect(gone.status == 410 && gone.text.contains("This ticket is gone"))
            }
            #expect(try await database.psql("SELECT is_visible FROM otalink.ticket") == "f")
        }
    }

    @Test("What a page says of a link is what the database says", arguments: ["active", "used"])
    func honest(state: String) async throws {
        try await withService { (replica, service, database) async throws in
            let browser = Browser(client: service.client, base: service.url)
            let page = try await browser.get("/l/\(try await replica.token())")
            if state == "used" { #expect(try await browser.press(page).status == 303) }
            let ticket = state == "used" ? try await browser.get(Self.page) : page
            #expect(ticket.status == 200)
            service.desk.change { $0.isReachable = false }
            try await database.psql("UPDATE otalink.ticket SET read_at = now() - interval '1 hour'")
            let other = Browser(client: service.client, base: service.url)
            let path = try #require(page.text.firstMatch(of: /action="([^"]+)"/)?.1)
            let answer = try await other.press(try await other.get(String(path)))
            #expect(answer.status == 503 && answer.text.contains("used up") == (state == "active"))
            #expect(try await database.psql("SELECT state FROM otalink.link") == state)
        }
    }
}
