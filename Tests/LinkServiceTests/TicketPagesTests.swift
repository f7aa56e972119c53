import CurlClient
import Foundation
import LinkPages
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing
import TicketSystem

@testable import LinkService

@Suite("The ticket page")
struct TicketPagesTests {
    private static let numbers = ["11", "12", "13", "14"]

    /// Tickets 11 to 14 of Anna's, and a browser that is signed in to those that are named.
    private func withTickets(
        signedInTo opened: [Int],
        _ body: @escaping @Sendable (Browser, ExampleDesk, TestDatabase) async throws -> Void
    ) async throws {
        try await withService { (replica, service, database) async throws in
            for (index, number) in Self.numbers.enumerated() {
                var ticket = try exampleTicket()
                ticket.number = try #require(TicketNumber(number))
                ticket.ticketID = Int64(11 + index)
                ticket.title = "Ticket \(number)"
                service.desk.change { [ticket] in $0.tickets[ticket.number] = ticket }
            }
            let browser = Browser(client: service.client, base: service.url)
            for number in opened {
                let token = try await replica.token(ticket: TicketNumber("\(number)"))
                #expect(try await browser.press(try await browser.get("/l/\(token)")).status == 303)
            }
            try await body(browser, service.desk, database)
        }
    }

    private func merge(_ desk: ExampleDesk, _ merges: [(Int, Int)]) {
        desk.change { state in
            for (from, to) in merges {
                guard let from = TicketNumber("\(from)"), let to = TicketNumber("\(to)") else { continue }
                state.tickets[from]?.stateType = .merged
                state.tickets[from]?.mergedInto = to
            }
        }
    }

    private static let age = "UPDATE otalink.ticket SET read_at = now() - interval '2 minutes'"

    @Test(
        "The old address of a merged ticket leads to the new one, over several merges and beside other tickets",
        arguments: [[11], [11, 14], [14, 11]])
    func merged(opened: [Int]) async throws {
        try await withTickets(signedInTo: opened) { (browser, desk, database) async throws in
            merge(desk, [(11, 12), (12, 13)])
            try await database.psql(Self.age)
            let old = try await browser.get("/t/11")
            #expect(old.status == 303 && old.header("Location") == "/t/13")
            for page in ["/t/13", "/sessions", "/t/13"] {
                #expect(try await browser.get(page).status == 200, "\(page)")
            }
            try await database.psql(Self.age)
            #expect(try await browser.get("/sessions").status == 200)
            let new = try await browser.get("/t/13")
            #expect(new.status == 200 && new.text.contains("Ticket 13"))
            let between = try await browser.get("/t/12")
            #expect(between.header("Location") == "/t/13")
        }
    }

    @Test("Where the new ticket is somebody else's, closed for long or not to be found, nothing leads there")
    func notForThem() async throws {
        let changes: [@Sendable (inout Ticket) -> Void] = [
            { $0.customerLogin = "bert@example.org" },
            { ($0.stateType, $0.closedAt) = (.closed, Date(timeIntervalSince1970: 1_000_000_000)) },
            { $0.stateType = .merged },
        ]
        for change in changes {
            try await withTickets(signedInTo: [11, 14]) { (browser, desk, database) async throws in
                merge(desk, [(11, 12)])
                desk.change { state in
                    guard let number = TicketNumber("12"), var ticket = state.tickets[number] else { return }
                    change(&ticket)
                    state.tickets[number] = ticket
                }
                try await database.psql(Self.age)
                let answer = try await browser.get("/t/11")
                #expect(answer.status == 404 && answer.header("Location") == nil && !answer.text.contains("Ticket 12"))
                #expect(try await browser.get("/t/12").status == 404)
            }
        }
    }

    @Test("Tickets that were merged in a circle lead nowhere")
    func circle() async throws {
        try await withTickets(signedInTo: [11, 14]) { (browser, desk, database) async throws in
            merge(desk, [(11, 12), (12, 11)])
            try await database.psql(Self.age)
            #expect(try await browser.get("/t/11").status == 404)
        }
    }

    @Test(
        "Only what comes from the customer's own address is headed “You”",
        arguments: [
            ("Anna Example <anna@example.org>", .customer), ("anna@example.org", .customer),
            ("\"Example, Anna\" <ANNA@Example.org>", .customer), ("anna@example.org (Anna)", .customer),
            ("anna@example.org <anna@example.org>", .customer),
            ("Bert <bert@example.org>", .other), ("anna@example.org <bert@example.org>", .other),
            ("\"anna@example.org\" <bert@example.org>", .other), ("bert@example.org <anna@example.org>", .other),
            ("anna@example.org, bert@example.org", .other), ("bert@example.org (<anna@example.org>)", .other),
            ("anna@example.org.evil.example", .other), ("xanna@example.org", .other), ("Anna Example", .other),
            ("", .other),
        ] as [(String, TicketPage.Article.Author)])
    func author(from: String, author: TicketPage.Article.Author) {
        let anna = CustomerUser(
            login: "anna", email: "Anna@example.org", customerID: "ACME", firstName: "Anna", lastName: "Example")
        var article = TicketArticle(
            articleID: 1, sender: .customer, from: from, subject: "", text: "", createdAt: nil)
        #expect(TicketPage.Article.Author(of: article, seenBy: anna) == author)
        for sender in [TicketArticle.Sender.agent, .system, .other("robot")] {
            article.sender = sender
            #expect(TicketPage.Article.Author(of: article, seenBy: anna) == .helpDesk)
        }
    }

    @Test("The page tells the customer's own messages from a stranger's, and names attachments")
    func page() async throws {
        try await withTickets(signedInTo: [11]) { (browser, desk, _) async throws in
            desk.change { state in
                state.articles = [
                    TicketArticle(
                        articleID: 1, sender: .customer, from: "Anna <anna@example.org>", subject: "", text: "mine",
                        createdAt: Date(timeIntervalSince1970: 1), attachments: ["<b>.pdf", ""]),
                    TicketArticle(
                        articleID: 2, sender: .customer, from: "Bert <bert@example.org>", subject: "",
                        text: "stranger's",
                        createdAt: Date(timeIntervalSince1970: 2),
                        attachments: (1...25).map { "file \($0) \(String(repeating: "x", count: 400))" }),
                    TicketArticle(
                        articleID: 3, sender: .agent, from: "Desk", subject: "", text: "some time", createdAt: nil),
                ]
            }
            let page = try await browser.get("/t/11").text
            #expect(!page.contains("datetime=\"0001") && page.contains("some time"))
            let marks = page.matches(of: /<span class="mark">([^<]+)</).map { String($0.1) }
            #expect(marks == ["Somebody else", "You", "Help desk"])
            #expect(page.contains("<li><bdi>&lt;b&gt;.pdf</bdi></li>") && page.contains("<li><bdi>?</bdi></li>"))
            #expect(page.contains("file 20 ") && !page.contains("file 21 ") && page.contains("<li>and 5 more</li>"))
            #expect(!page.contains(String(repeating: "x", count: 130)))
        }
    }
}
