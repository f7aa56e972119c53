import CurlClient
import Foundation
import LinkStore
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing

@testable import LinkService

@Suite("Links of the add-on over HTTP")
struct AddOnLinkTests {
    private static let number = "2026112510000018"
    private static let old = "AAAAAAAAAAAAAAAAAAAAAAA1"
    private static let new = "AAAAAAAAAAAAAAAAAAAAAAA2"

    private func path(_ token: String, number: String = number) -> String {
        "/otobo/customer.pl?Action=CustomerTicketZoom;TicketNumber=\(number);OTAToken=\(token)"
    }

    /// Two links of Anna Example's, of which the newer is active.
    private func withLinks(
        baseURL: String = "http://127.0.0.1:8080",
        _ body: @escaping @Sendable (Replica, ServiceUnderTest, TestDatabase) async throws -> Void
    ) async throws {
        try await withService(baseURL: baseURL, hasAddOnLinks: true) { replica, service, database in
            let links = try [(Self.old, 30.0), (Self.new, 10.0)].enumerated().map { index, link in
                AddOnLink(
                    token: try #require(AddOnToken(link.0)), ticketNumber: try #require(TicketNumber(Self.number)),
                    customerLogin: "anna@example.org", usedAt: nil,
                    createdAt: Date().addingTimeInterval(-link.1 * 3600), row: index)
            }
            _ = try await replica.store.addOnLinks.add(links, asSuperseded: false, actor: "test")
            try await body(replica, service, database)
        }
    }

    @Test("Opening one changes nothing, its button signs in; the same browser again within seconds too")
    func signsIn() async throws {
        try await withLinks { (_, service, database) async throws in
            let browser = Browser(client: service.client, base: service.url)
            let page = try await browser.get(path(Self.new))
            #expect(page.status == 200)
            #expect(!page.text.contains("Printer") && !page.text.contains("anna"))
            #expect(try await browser.get(path(Self.new), method: .head).status == 200)
            #expect(try await database.psql("SELECT count(*) FROM otalink.link WHERE state = 'active'") == "1")
            let signedIn = try await browser.press(page)
            #expect(signedIn.status == 303 && signedIn.header("Location") == "/t/\(Self.number)")
            #expect(try await browser.get("/t/\(Self.number)").text.contains("Printer on fire"))
            #expect(try await browser.press(page).status == 303)
            #expect(try await database.psql("SELECT count(*) FROM otalink.session") == "1")
        }
    }

    @Test("A spent one mails one new link, however often it is tried, and that one is as any other")
    func newLink() async throws {
        try await withLinks { (_, service, database) async throws in
            let first = Browser(client: service.client, base: service.url)
            #expect(try await first.press(try await first.get(path(Self.new))).status == 303)
            for token in [Self.new, Self.old, Self.new] {
                let other = Browser(client: service.client, base: service.url)
                let answer = try await other.press(try await other.get(path(token)))
                #expect(answer.status == 200 && answer.text.contains("new link"))
            }
            #expect(
                try await database.psql("SELECT kind, recipient FROM otalink.mail_outbox") == "refresh|anna@example.org"
            )
            #expect(
                try await database.psql(
                    "SELECT key_id <> 'add-on', sequence > 0 FROM otalink.link WHERE origin = 'refresh'") == "t|t")
        }
    }

    @Test("An older one says that a newer one exists, and its button mails a fresh one")
    func wrongLink() async throws {
        try await withLinks { (_, service, database) async throws in
            let browser = Browser(client: service.client, base: service.url)
            let wrong = try await browser.press(try await browser.get(path(Self.old)))
            #expect(wrong.status == 410 && wrong.text.contains("newer"))
            let fresh = try await browser.press(wrong)
            #expect(fresh.status == 200 && fresh.text.contains("new link"))
            #expect(try await database.psql("SELECT count(*) FROM otalink.mail_outbox") == "1")
        }
    }

    @Test("A browser that is signed in as somebody else is asked first")
    func accountQuestion() async throws {
        try await withLinks { (replica, service, _) async throws in
            _ = try await replica.store.customerUsers.create(
                CustomerUser(
                    login: "bert@example.org", email: "bert@example.org", customerID: "bert@example.org",
                    firstName: "Bert", lastName: "Example"), preferences: [:], context: .none)
            let other = try #require(TicketNumber("2026112510000026"))
            service.desk.change { state in
                var ticket = state.tickets.values.first
                ticket?.number = other
                ticket?.ticketID = 2
                ticket?.customerLogin = "bert@example.org"
                state.tickets[other] = ticket
            }
            let browser = Browser(client: service.client, base: service.url)
            let token = try await replica.token(ticket: other, customer: "bert@example.org")
            #expect(try await browser.press(try await browser.get("/l/\(token)")).status == 303)
            let question = try await browser.press(try await browser.get(path(Self.new)))
            #expect(question.status == 200 && question.text.contains("Bert Example"))
            let signedIn = try await browser.press(question)
            #expect(signedIn.status == 303 && signedIn.header("Location") == "/t/\(Self.number)")
        }
    }

    @Test(
        "A token that is none, or of another ticket, has expired",
        arguments: [
            (number, "AAAAAAAAAAAAAAAAAAAAAAA9"), ("2026112510000026", new), (number, "aaaaaaaaaaaaaaaaaaaaaaa2"),
            (number, "short"), ("", new),
        ])
    func expired(number: String, token: String) async throws {
        try await withLinks { (_, service, database) async throws in
            let browser = Browser(client: service.client, base: service.url)
            let page = try await browser.get(path(token, number: number))
            #expect(page.status == 410 && !page.text.contains("<form"))
            #expect(try await browser.post(path(token, number: number), form: "").status == 410)
            #expect(try await database.psql("SELECT count(*) FROM otalink.session") == "0")
        }
    }

    @Test(
        "A POST without the page's cookie and form value spends nothing, and a value for one link is none for another")
    func forged() async throws {
        try await withLinks { (_, service, database) async throws in
            let stranger = Browser(client: service.client, base: service.url)
            #expect(try await stranger.post(path(Self.new), form: "").status == 403)
            let page = try await stranger.get(path(Self.old))
            let proof = try #require(page.text.firstMatch(of: /name="form" value="([^"]+)"/)?.1)
            #expect(try await stranger.post(path(Self.new), form: "form=\(proof)").status == 403)
            #expect(try await stranger.post(path(Self.old) + ";Step=instead", form: "form=\(proof)").status == 403)
            #expect(try await database.psql("SELECT count(*) FROM otalink.session") == "0")
        }
    }

    @Test(
        "Every path of the family is served, with and without the path of the base URL",
        arguments: [
            "/otobo/customer.pl", "/otrs/customer.pl", "/znuny/customer.pl", "/customer.pl", "/otobo/otobo/customer.pl",
        ])
    func paths(path: String) async throws {
        try await withLinks(baseURL: "http://127.0.0.1:8080/otobo") { (_, service, _) async throws in
            let browser = Browser(client: service.client, base: service.url)
            let page = try await browser.get("\(path)?TicketNumber=\(Self.number)&amp;OTAToken=\(Self.new).")
            #expect(page.status == 200)
            #expect(try await browser.press(page).header("Location") == "/otobo/t/\(Self.number)")
        }
    }

    @Test("Other methods change nothing", arguments: [HTTPRequest.Method.put, .patch, .delete, .options])
    func methods(method: HTTPRequest.Method) async throws {
        try await withLinks { (_, service, _) async throws in
            let browser = Browser(client: service.client, base: service.url)
            let response = try await browser.get(path(Self.new), method: method)
            #expect(response.status == 405 && response.header("Allow") == "GET, HEAD, POST")
        }
    }

    @Test(
        "Without a token the address is the desk's",
        arguments: [
            ("?Action=CustomerTicketZoom;TicketNumber=\(number)", number),
            ("?TicketNumber=\(number);OTAToken=", number),
            ("?Action=Login", ""), ("", ""),
        ])
    func withoutToken(query: String, number: String) async throws {
        try await withLinks { (_, service, _) async throws in
            let browser = Browser(client: service.client, base: service.url)
            let response = try await browser.get("/otobo/customer.pl" + query)
            #expect(response.status == 303)
            #expect(response.header("Location") == "http://127.0.0.1:8090/ticket/\(number)")
        }
    }

    @Test("Who tries wrong tokens without end is told to wait, and costs no query meanwhile")
    func limit() async throws {
        try await withLinks { (_, service, _) async throws in
            let browser = Browser(client: service.client, base: service.url)
            for number in 10..<40 {
                #expect(try await browser.get(path("AAAAAAAAAAAAAAAAAAAAAA\(number)")).status == 410)
            }
            let limited = try await browser.get(path("AAAAAAAAAAAAAAAAAAAAAA40"))
            #expect(limited.status == 429)
            let seconds = try #require(limited.header("Retry-After").flatMap { Int($0) })
            #expect((1...61).contains(seconds))
        }
    }

    @Test("While nothing was imported, no token is looked for")
    func nothingImported() async throws {
        try await withService(hasAddOnLinks: false) { (_, service, database) async throws in
            // A look would fail.
            try await database.psql("DROP TABLE otalink.add_on_token")
            let browser = Browser(client: service.client, base: service.url)
            for _ in 0..<40 { #expect(try await browser.get(path(Self.new)).status == 410) }
        }
    }
}
