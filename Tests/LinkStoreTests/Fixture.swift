import Foundation
import Logging
import OneTimeLinks
import PostgresClient
import TestSupport
import Testing

@testable import LinkStore

/// An open ticket of Anna Example.
func exampleTicket() throws -> Ticket {
    Ticket(
        number: try #require(TicketNumber("2026112510000018")), ticketID: 1, title: "Printer on fire",
        state: "open",
        stateType: .open, customerLogin: "anna@example.org", customerID: "anna@example.org", closedAt: nil,
        mergedInto: nil, queue: "Raw")
}

/// A store on a database of the test's own, with one customer user and one ticket.
func withStore(_ body: @Sendable (LinkStore, TestDatabase) async throws -> Void) async throws {
    try await withStore(on: try await PostgresCluster.shared(), body)
}

/// The same on a server of the test's own.
func withStore(
    on cluster: PostgresCluster, _ body: @Sendable (LinkStore, TestDatabase) async throws -> Void
) async throws {
    try await cluster.migratedDatabase(migrations: RepositoryRoot.path + "/migrations") { database in
        let client = PostgresClient(PostgresConfiguration(url: database.url), logger: Logger(label: "test"))
        let store = LinkStore(client: client)
        _ = try await store.customerUsers.create(
            CustomerUser(
                login: "anna@example.org", email: "anna@example.org", customerID: "anna@example.org",
                firstName: "Anna", lastName: "Example"), preferences: ["UserLanguage": "de"], context: .none)
        let now = try await store.tickets.now()
        try await store.tickets.store([(try exampleTicket().number, try exampleTicket())], askedAt: now)
        do {
            try await body(store, database)
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }
}

extension LinkStore {
    func newLink(origin: LinkOrigin) throws -> NewLink {
        NewLink(
            id: .version7(), ticketNumber: try exampleTicket().number, customerLogin: "anna@example.org",
            recipient: "anna@example.org", keyID: "0011aabb", origin: origin)
    }

    func issue() async throws -> NewLink {
        let link = try newLink(origin: .api)
        try await links.issueActive(link, actor: "test", context: .none)
        return link
    }
}
