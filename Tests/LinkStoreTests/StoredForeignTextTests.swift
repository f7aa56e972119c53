import Foundation
import OneTimeLinks
import TestSupport
import Testing

@testable import LinkStore

@Suite("U+0000 in what comes from outside")
struct StoredForeignTextTests {
    /// A road that foreign text takes into the database, and where it ends.
    struct Road: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let write: @Sendable (LinkStore) async throws -> Void
        let stored: String

        init(_ name: String, stored: String, write: @escaping @Sendable (LinkStore) async throws -> Void) {
            testDescription = name
            self.stored = stored
            self.write = write
        }
    }

    private static let context = RequestContextFacts(clientAddress: "a\0", userAgent: "b\0", requestID: "c\0")

    static let roads = [
        Road(
            "a ticket of the desk",
            stored: "SELECT title, state, queue, customer_login, customer_id FROM otalink.ticket"
        ) {
            var ticket = try exampleTicket()
            (ticket.title, ticket.state, ticket.queue, ticket.customerLogin, ticket.customerID) = (
                "a\0", "b\0", "c\0", "d\0", "e\0"
            )
            try await $0.tickets.store([(ticket.number, ticket)], askedAt: try await $0.tickets.now())
        },
        Road(
            "a customer user of a mail",
            stored: """
                SELECT login, email, customer_id, first_name, last_name, preferences_value
                  FROM otalink.customer_user JOIN otalink.customer_preference ON user_id = login WHERE login = 'a'
                """
        ) {
            _ = try await $0.customerUsers.create(
                CustomerUser(login: "a", email: "b\0", customerID: "c\0", firstName: "d\0", lastName: "e\0"),
                preferences: ["UserLanguage": "f\0"], context: Self.context)
        },
        Road(
            "a copy", stored: "SELECT login, email, customer_id, backend FROM otalink.customer_user WHERE backend <> ''"
        ) {
            try await $0.customerCopies.keep(
                CustomerUser(
                    login: "a\0", email: "b\0", customerID: "c\0", firstName: "", lastName: "", backend: "d\0"))
        },
        Road(
            "a list of copies",
            stored: "SELECT login, email, customer_id, backend FROM otalink.customer_user WHERE backend <> ''"
        ) {
            let customer = CustomerUser(
                login: "a\0", email: "b\0", customerID: "c\0", firstName: "", lastName: "", backend: "d\0")
            _ = try await $0.customerCopies.replace(
                backend: "d\0", with: [customer], skipped: 0, mayShrink: true, actor: "x\0")
        },
        Road("a setting", stored: "SELECT name, value, changed_by FROM otalink.setting") {
            try await $0.settings.set("a\0", to: "b\0", by: "c\0")
        },
        Road(
            "an event",
            stored:
                "SELECT reason, actor, client_address, user_agent, request_id FROM otalink.audit_event WHERE event = 'test'"
        ) {
            try await $0.audit.record(AuditEvent("test\0", reason: "r\0", actor: "x\0", context: Self.context))
        },
        Road(
            "a request for a link",
            stored: "SELECT email, language, client_address, user_agent, request_id FROM otalink.link_request"
        ) {
            let linkRequest = LinkRequest(
                id: .version7(), ticketNumber: try exampleTicket().number, email: "e\0", language: "en\0",
                createdAt: Date(), context: Self.context)
            _ = try await $0.linkRequests.queue(
                linkRequest, key: [1], limits: LinkRequestLimits(perMinute: 1, perHour: 1, perClientAndHour: 1))
        },
        Road("a sign-in", stored: "SELECT client_address, user_agent FROM otalink.session") {
            let link = try await $0.issue()
            let outcome = try await $0.links.spend(
                Spending(
                    linkID: link.id, sessionID: .version7(), ticketNumber: link.ticketNumber, browser: [1],
                    context: Self.context))
            #expect(outcome == .spent)
        },
        Road("an API key", stored: "SELECT name FROM otalink.api_key") {
            _ = try await $0.apiKeys.create(name: "a\0", hash: [1], scopes: [.issueLinks], actor: "b\0")
        },
        Road(
            "a notification",
            stored:
                "SELECT name, subject, body FROM otalink.notification JOIN otalink.notification_message ON id = notification_id"
        ) {
            let message = NotificationMessage(language: "en", subject: "s\0", body: "b\0")
            _ = try await $0.notifications.add(message, toName: "n\0", event: nil)
        },
        Road("what a mail server said", stored: "SELECT last_error FROM otalink.mail_outbox") {
            let link = try $0.newLink(origin: .refresh)
            let mail = NewMail(id: .version7(), kind: .refresh, notificationID: nil, language: "de\0")
            _ = try await $0.links.offer(requested: link, mail: mail, perMinute: 9, perHour: 9, context: Self.context)
            let claimed = try #require(try await $0.outbox.claim(by: "r\0", lease: .seconds(60)))
            try await $0.outbox.postpone(claimed, for: .seconds(1), error: "451 \0later\0")
        },
    ]

    @Test("It is taken out on every road, and nothing fails", arguments: roads)
    func road(_ road: Road) async throws {
        try await withStore { store, database in
            try await road.write(store)
            let rows = try await database.psql(road.stored)
            #expect(!rows.isEmpty && !rows.contains("\0"))
        }
    }
}
