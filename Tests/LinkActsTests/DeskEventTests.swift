import Foundation
import LinkActs
import LinkStore
import OneTimeLinks
import ReplicaSupport
import TestSupport
import Testing
import TicketSystem

@Suite("Events of the desk")
struct DeskEventTests {
    private static func article(_ id: Int64, _ sender: TicketArticle.Sender = .agent) -> TicketArticle {
        TicketArticle(
            articleID: id, sender: sender, from: "Anna <anna@example.org>", subject: "", text: "", createdAt: nil)
    }

    /// A notification for each event that the desk can report.
    private static func add(_ events: [NotificationEvent], to store: LinkStore) async throws {
        for event in events {
            let message = NotificationMessage(language: "en", subject: event.rawValue, body: "B")
            _ = try await store.notifications.add(message, toName: event.rawValue, event: event)
        }
    }

    /// The events that were mailed, and how many mails have no notification.
    private static func mailed(_ database: TestDatabase) async throws -> [String] {
        try await database.psql(
            """
            SELECT COALESCE(notification.name, 'built-in')
              FROM otalink.mail_outbox
              LEFT JOIN otalink.notification ON notification.id = mail_outbox.notification_id
             ORDER BY 1
            """
        ).split(separator: "\n").map(String.init)
    }

    private static func change(_ desk: ExampleDesk, _ body: (inout Ticket) -> Void) throws {
        let number = try exampleTicket().number
        desk.change { state in
            guard var ticket = state.tickets[number] else { return }
            body(&ticket)
            state.tickets[number] = ticket
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let hint: DeskEventHint
        let notifications: [NotificationEvent]
        let firstLink: Bool
        let mails: [String]
        let change: @Sendable (inout Ticket) -> Void

        init(
            _ name: String, _ event: NotificationEvent?, article: Int64? = nil, ticket: Int64 = 1,
            notifications: [NotificationEvent] = NotificationEvent.allCases, firstLink: Bool = false,
            mails: [String], change: @escaping @Sendable (inout Ticket) -> Void = { _ in }
        ) {
            testDescription = name
            hint = DeskEventHint(ticketID: ticket, event: event, articleID: article)
            self.notifications = notifications
            self.firstLink = firstLink
            self.mails = mails
            self.change = change
        }
    }

    static let closed: @Sendable (inout Ticket) -> Void = { ticket in
        ticket.stateType = .closed
        ticket.closedAt = Date(timeIntervalSinceNow: -60)
    }

    static let table = [
        Row("a new ticket", .ticketCreate, mails: ["TicketCreate"]),
        Row("a new ticket, and nothing is assigned", .ticketCreate, notifications: [], mails: []),
        Row(
            "a new ticket, nothing assigned, first link", .ticketCreate, notifications: [], firstLink: true,
            mails: ["built-in"]),
        Row("a new ticket, assigned, first link", .ticketCreate, firstLink: true, mails: ["TicketCreate"]),
        Row(
            "a new ticket, others assigned, first link", .ticketCreate, notifications: [.ticketClose], firstLink: true,
            mails: ["built-in"]),
        Row("an event without a name", nil, mails: []),
        Row("an event without a name, first link", nil, notifications: [], firstLink: true, mails: ["built-in"]),
        Row("an event without a name, first link, assigned", nil, firstLink: true, mails: []),
        Row("an answer of an agent", .articleCreate, article: 2, mails: ["ArticleCreate"]),
        Row("an answer, the desk does not say which", .articleCreate, mails: ["ArticleCreate"]),
        Row("a message of the customer", .articleCreate, article: 1, mails: []),
        Row("an article that the customer does not see", .articleCreate, article: 3, mails: []),
        Row(
            "an answer, and nothing is assigned", .articleCreate, article: 2, notifications: [.ticketCreate], mails: []),
        Row(
            "an answer before the first link", .articleCreate, article: 2, notifications: [.articleCreate],
            firstLink: true, mails: ["ArticleCreate"]),
        Row("a close", .ticketClose, mails: ["TicketClose"], change: closed),
        Row("another state", .ticketClose, mails: []),
        Row("a reopening", .ticketClose, mails: []) { $0.closedAt = Date(timeIntervalSinceNow: -60) },
        Row("a removal", .ticketClose, mails: []) { $0.stateType = .removed },
        Row("a close long ago", .ticketClose, mails: []) { ticket in
            closed(&ticket)
            ticket.closedAt = Date(timeIntervalSinceNow: -15 * 86_400)
        },
        Row("a ticket of nobody", .ticketCreate, mails: []) { $0.customerLogin = nil },
        Row("a ticket of somebody unknown", .ticketCreate, mails: []) { $0.customerLogin = "berta" },
        Row("a ticket that we do not see", .ticketCreate, ticket: 99, mails: []),
    ]

    @Test("What an event mails, however often the desk repeats it, to both replicas", arguments: table)
    func events(row: Row) async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            desk.change { $0.articles = [Self.article(1, .customer), Self.article(2)] }
            try Self.change(desk, row.change)
            try await Self.add(row.notifications, to: replicas[0].store)
            let settings = Settings(stored: row.firstLink ? [SettingName.mailFirstLink: "1"] : [:])
            for _ in 0..<2 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<8 {
                        group.addTask {
                            try await replicas[number % 2].store.deskEvents.note(row.hint, context: .none)
                            try await replicas[number % 2].workOffEvents(settings)
                        }
                    }
                    try await group.waitForAll()
                }
            }
            // Whoever came last found the event being worked on by another.
            try await replicas[0].workOffEvents(settings)
            #expect(try await database.psql("SELECT state FROM otalink.desk_event") == "done")
            #expect(try await Self.mailed(database) == row.mails)
            #expect(try await database.psql("SELECT count(*) FROM otalink.link") == "\(row.mails.count)")
        }
    }

    @Test("Each answer is mailed, and each close, also after a reopening")
    func several() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            try await Self.add(NotificationEvent.allCases, to: replicas[0].store)
            func take(_ event: NotificationEvent, _ article: Int64? = nil) async throws {
                let hint = DeskEventHint(ticketID: 1, event: event, articleID: article)
                for replica in replicas {
                    _ = try await replica.takeDeskEvent(hint, settings: Settings(), context: .none)
                }
            }
            try await take(.ticketCreate)
            for id in [2, 3] as [Int64] {
                desk.change { $0.articles.append(Self.article(id)) }
                try await take(.articleCreate, id)
            }
            try await take(.articleCreate, 2)
            for minutes in [20, 10] as [Double] {
                try Self.change(desk) { ticket in
                    ticket.stateType = .closed
                    ticket.closedAt = Date(timeIntervalSinceNow: -minutes * 60)
                }
                try await take(.ticketClose)
                try Self.change(desk) { $0.stateType = .open }
                try await take(.ticketClose)
            }
            #expect(
                try await Self.mailed(database)
                    == ["ArticleCreate", "ArticleCreate", "TicketClose", "TicketClose", "TicketCreate"])
        }
    }

    @Test("Two notifications of one event are two mails with one link, and stay two")
    func twoNotifications() async throws {
        try await withReplicas { (replicas, _, database) async throws in
            try await Self.add([.ticketCreate], to: replicas[0].store)
            let message = NotificationMessage(language: "en", subject: "S", body: "B")
            _ = try await replicas[0].store.notifications.add(message, toName: "Second", event: .ticketCreate)
            for replica in replicas {
                let hint = DeskEventHint(ticketID: 1, event: .ticketCreate)
                _ = try await replica.takeDeskEvent(hint, settings: Settings(), context: .none)
            }
            #expect(try await Self.mailed(database) == ["Second", "TicketCreate"])
            // An older link finds the newer one on its way, whichever of its mails is sent first.
            _ = try await database.psql(
                """
                INSERT INTO otalink.link (id, ticket_number, customer_login, recipient, key_id, state, origin, sequence)
                OVERRIDING SYSTEM VALUE
                SELECT gen_random_uuid(), ticket_number, customer_login, recipient, key_id, 'used', 'api', -1
                  FROM otalink.link;
                """)
            let id = try #require(
                UUID(uuidString: try await database.psql("SELECT id FROM otalink.link WHERE state = 'used'")))
            let token = try #require(replicas[0].keys.sign(id, as: .link, keyID: replicas[0].keys.signingKeyID))
            #expect(try await replicas[0].click(token) == .message(.newLink))
            #expect(try await Self.mailed(database).count == 2)
            _ = try await database.psql("DELETE FROM otalink.link WHERE state = 'used'")
            #expect(try await database.psql("SELECT count(*) FROM otalink.link") == "1")
        }
    }

    @Test("A merge is no close of the ticket that was merged, though its target is closed, and no answer of an agent")
    func merged() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            try await Self.add([.ticketClose, .articleCreate], to: replicas[0].store)
            var target = try exampleTicket()
            target.number = try #require(TicketNumber("2026112510000099"))
            target.ticketID = 2
            Self.closed(&target)
            let closed = target
            desk.change { $0.tickets[closed.number] = closed }
            try Self.change(desk) { ticket in
                ticket.stateType = .merged
                ticket.mergedInto = closed.number
            }
            // What the desk writes into the ticket that was merged.
            desk.change { $0.articles = [Self.article(4)] }
            for event in [.ticketClose, .articleCreate] as [NotificationEvent] {
                let hint = DeskEventHint(ticketID: 1, event: event, articleID: event == .articleCreate ? 4 : nil)
                #expect(try await replicas[0].takeDeskEvent(hint, settings: Settings(), context: .none) == .noted)
            }
            #expect(try await Self.mailed(database) == [])
        }
    }

    @Test("While the desk does not answer nothing is mailed, and the repeat mails it")
    func deskAway() async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            try await Self.add([.articleCreate], to: replicas[0].store)
            desk.change { state in
                state.articles = [Self.article(2)]
                state.isReachable = false
            }
            let hint = DeskEventHint(ticketID: 1, event: .articleCreate, articleID: 2)
            await #expect(throws: TicketSystemError.self) {
                try await replicas[0].takeDeskEvent(hint, settings: Settings(), context: .none)
            }
            desk.change { $0.isReachable = true }
            _ = try await replicas[1].takeDeskEvent(hint, settings: Settings(), context: .none)
            #expect(try await Self.mailed(database) == ["ArticleCreate"])
        }
    }

    @Test("Work that replicas do at once, since a claim has run out, is mailed once", arguments: table)
    func twice(row: Row) async throws {
        try await withReplicas { (replicas, desk, database) async throws in
            desk.change { $0.articles = [Self.article(1, .customer), Self.article(2)] }
            try Self.change(desk, row.change)
            try await Self.add(row.notifications, to: replicas[0].store)
            let settings = Settings(stored: row.firstLink ? [SettingName.mailFirstLink: "1"] : [:])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        _ = try await replicas[number % 2].takeDeskEvent(row.hint, settings: settings, context: .none)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await Self.mailed(database) == row.mails)
            #expect(try await database.psql("SELECT count(*) FROM otalink.link") == "\(row.mails.count)")
        }
    }
}
