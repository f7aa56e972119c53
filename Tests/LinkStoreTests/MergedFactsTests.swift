import Foundation
import OneTimeLinks
import PostgresClient
import Synchronization
import Testing

@testable import LinkStore

@Suite("What is known of links and mails over a chain of merged tickets")
struct MergedFactsTests {
    @Test("Whenever another click queues a mail, its link is seen if the mail is counted")
    func order() async throws {
        try await withStore { (store, database) async throws in
            let old = try await store.issue()
            let facts = try await store.links.facts(id: old.id, lifetimeDays: 0)
            let calls = Mutex(0)
            // The other click's statement is committed between the two.
            let read = try await Links.over([old.ticketNumber], facts, lifetimeDays: 0) { statement, parameters in
                let isSecond = calls.withLock { calls in
                    calls += 1
                    return calls == 2
                }
                if isSecond {
                    try await database.psql(
                        """
                        WITH link AS (
                            INSERT INTO otalink.link (id, ticket_number, customer_login, recipient, key_id, state, origin)
                            SELECT gen_random_uuid(), ticket_number, customer_login, recipient, key_id, 'offered', 'refresh'
                              FROM otalink.link
                            RETURNING id, ticket_number, customer_login, recipient
                        )
                        INSERT INTO otalink.mail_outbox
                               (id, kind, link_id, ticket_number, customer_login, recipient, language)
                        SELECT gen_random_uuid(), 'refresh', id, ticket_number, customer_login, recipient, 'en' FROM link
                        """)
                }
                return try await store.links.client.query(statement, parameters: parameters)
            }
            #expect(calls.withLock { $0 } == 2)
            #expect(read.hasNewerOfferedLink)
        }
    }
}
