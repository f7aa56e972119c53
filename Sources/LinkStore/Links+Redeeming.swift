import Foundation
import OneTimeLinks
import PostgresClient

/// Facts wanted about one link.
struct FactsRequest: Sendable {
    /// What requests must share to be asked in one statement; all do, but for tests and the second of a changed
    /// setting.
    struct Terms: Hashable, Sendable {
        let lifetimeDays: Int
        let now: Date?
    }

    let id: UUID
    let terms: Terms

    func parameters(ids: [UUID]) -> [any PostgresEncodable] {
        [ids, terms.now, terms.lifetimeDays]
    }
}

extension Links {
    static func readFacts(_ requests: [FactsRequest], client: PostgresClient) async throws -> [RedemptionFacts] {
        var facts: [UUID: RedemptionFacts] = [:]
        for group in Dictionary(grouping: requests, by: \.terms).values {
            let ids = Array(Set(group.map(\.id)))
            let rows = try await client.query(LinkSQL.facts, parameters: group[0].parameters(ids: ids))
            for row in rows {
                let decoded = try decodeFacts(row)
                decoded.link.map { facts[$0.id] = decoded }
            }
        }
        return requests.map { request in
            facts[request.id]
                ?? RedemptionFacts(now: request.terms.now ?? Date(), link: nil, customer: nil, tickets: [])
        }
    }

    static func decodeFacts(_ row: PostgresRow) throws -> RedemptionFacts {
        let link = Link(
            id: try row.decode("id"), sequence: try row.decode("sequence"),
            ticketNumber: try row.ticketNumber("ticket_number"), customerLogin: try row.decode("customer_login"),
            recipient: try row.decode("recipient"), state: try row.rawValue("state"),
            createdAt: try row.decode("created_at"), usedAt: try row.decode("used_at"),
            usedByBrowser: try row.decode("used_by_browser"))
        return RedemptionFacts(
            now: try row.decode("now"), link: link, customer: try CustomerUsers.decode(row),
            tickets: try Tickets.decode(row).map { [$0] } ?? [],
            hasNewerActiveLink: try row.decode("newer_active"), hasNewerOfferedLink: try row.decode("newer_offered"),
            refreshMails: (try row.decode("mails_minute"), try row.decode("mails_hour")),
            oldestRefreshMailAt: try row.decode("oldest_mail"), openSession: try row.decode("open_session"))
    }

    /// Follows a merged ticket to where it was merged into; most tickets are not merged and cost nothing here.
    func withMerges(_ facts: RedemptionFacts, lifetimeDays: Int) async throws -> RedemptionFacts {
        guard let link = facts.link, let first = facts.tickets.first?.ticket, first.mergedInto != nil else {
            return facts
        }
        var facts = facts
        facts.tickets = try await Tickets(client: client).chain(from: link.ticketNumber)
        let numbers = facts.tickets.compactMap { $0.ticket?.number.text }
        let rows = try await client.query(
            LinkSQL.newerAmong, numbers, link.customerLogin, link.sequence, facts.now, lifetimeDays)
        if let row = rows.first {
            (facts.hasNewerActiveLink, facts.hasNewerOfferedLink) = try row.decode(Bool.self, Bool.self)
        }
        return facts
    }

    static func spend(_ spendings: [Spending], client: PostgresClient) async throws -> [SpendingOutcome] {
        let rows = try await client.query(
            LinkSQL.spend, spendings.map(\.linkID), spendings.map(\.sessionID), spendings.map(\.ticketNumber.text),
            spendings.map { Data($0.browser) }, spendings.map(\.context.clientAddress),
            spendings.map(\.context.userAgent),
            spendings.map(\.context.requestID), spendings.first?.now, spendings.map(\.scope.rawValue))
        let opened = Set(try rows.map { try $0.decode("session_id", as: UUID.self) })
        return spendings.map { opened.contains($0.sessionID) ? .spent : .lost }
    }
}
