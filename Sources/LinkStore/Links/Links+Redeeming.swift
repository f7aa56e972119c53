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
            oldestRefreshMailAt: try row.decode("oldest_mail"), isMailRefused: try row.decode("mail_refused"),
            openSession: try row.decode("open_session"))
    }

    /// Follows a merged ticket to where it was merged into; most tickets are not merged and cost nothing here.
    func withMerges(_ facts: RedemptionFacts, lifetimeDays: Int) async throws -> RedemptionFacts {
        guard let link = facts.link, let first = facts.tickets.first?.ticket, first.mergedInto != nil else {
            return facts
        }
        var facts = facts
        facts.tickets = try await Tickets(client: client).chain(from: link.ticketNumber)
        let numbers = facts.tickets.compactMap { $0.ticket?.number }
        return try await Self.over(numbers, facts, lifetimeDays: lifetimeDays) { statement, parameters in
            try await client.query(statement, parameters: parameters)
        }
    }

    /// The facts with what is known of links and mails over all tickets of a chain of merges.
    static func over(
        _ chain: [TicketNumber], _ facts: RedemptionFacts, lifetimeDays: Int,
        query: (Statement, [any PostgresEncodable]) async throws -> PostgresRows
    ) async throws -> RedemptionFacts {
        guard let link = facts.link else { return facts }
        var facts = facts
        let numbers = chain.map(\.text)
        // The mails first: a statement that counts a mail must be followed by one that sees its link. Otherwise, while another
        // click makes both, the page would say that no link is on its way.
        let mails = try await query(LinkSQL.mailsAmong, [numbers, link.customerLogin, facts.now])
        (facts.refreshMails.lastMinute, facts.refreshMails.lastHour, facts.oldestRefreshMailAt, facts.isMailRefused) =
            try mails.only().decode(Int.self, Int.self, Date?.self, Bool.self)
        let links = try await query(
            LinkSQL.newerAmong, [numbers, link.customerLogin, link.sequence, facts.now, lifetimeDays])
        (facts.hasNewerActiveLink, facts.hasNewerOfferedLink) = try links.only().decode(Bool.self, Bool.self)
        return facts
    }

    /// Clicks of one browser come one after the other, each other batch at once.
    static func spend(_ spendings: [Spending], client: PostgresClient) async throws -> [SpendingOutcome] {
        var opened: Set<UUID> = []
        for turn in turns(spendings) { opened.formUnion(try await spend(turn, of: client)) }
        return spendings.map { opened.contains($0.sessionID) ? .spent : .lost }
    }

    /// Splits a batch so that no two clicks of a part have a form cookie or a session in common.
    static func turns(_ spendings: [Spending]) -> [[Spending]] {
        var turns: [(parts: [Spending], signs: Set<[UInt8]>)] = []
        for spending in spendings {
            var signs = Set(spending.forms)
            if let former = spending.formerSession { signs.insert(former.bytes) }
            // Its turn comes after that of every click of the same browser before it.
            let last = turns.lastIndex { !$0.signs.isDisjoint(with: signs) }
            let index = last.map { $0 + 1 } ?? 0
            if index == turns.count { turns.append(([], [])) }
            turns[index].parts.append(spending)
            turns[index].signs.formUnion(signs)
        }
        return turns.map(\.parts)
    }

    private static func spend(_ spendings: [Spending], of client: PostgresClient) async throws -> Set<UUID> {
        let forms = spendings.flatMap { spending in spending.forms.map { (spending.sessionID, $0) } }
        let keys = Set(forms.map { browserKey($0.1) }).sorted()
        let parameters: [any PostgresEncodable] = [
            spendings.map(\.linkID), spendings.map(\.sessionID), spendings.map(\.ticketNumber.text),
            spendings.map { Data($0.browser) }, spendings.map(\.context.clientAddress),
            spendings.map(\.context.userAgent),
            spendings.map(\.context.requestID), spendings.first?.now, spendings.map(\.scope.rawValue),
            spendings.map(\.formerSession), forms.map(\.0), forms.map { Data($0.1) },
            spendings.first?.sessionIdleTime ?? 0,
        ]
        let results = try await client.atomically([(LinkSQL.lockBrowsers, [keys]), (LinkSQL.spend, parameters)])
        return Set(try results[1].map { try $0.decode("session_id", as: UUID.self) })
    }

    /// Which lock stands for a form cookie. Two that share one take turns too.
    private static func browserKey(_ form: [UInt8]) -> Int64 {
        form.prefix(8).reduce(0x6F74_616C) { ($0 &<< 8) &+ Int64($1) }
    }
}
