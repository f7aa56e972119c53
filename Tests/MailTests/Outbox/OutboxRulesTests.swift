import Foundation
import OneTimeLinks
import ReplicaSupport
import Testing

@Suite("What becomes of a queued mail")
struct OutboxRulesTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout OutboxFacts) throws -> Void
        let refresh: Expected
        let notification: Expected

        init(
            _ name: String, refresh: Expected, notification: Expected,
            _ change: @escaping @Sendable (inout OutboxFacts) throws -> Void
        ) {
            testDescription = name
            self.change = change
            self.refresh = refresh
            self.notification = notification
        }
    }

    enum Expected: Sendable, Equatable {
        case link, ticketPage, renew
        case drop(DropReason)

        init(_ decision: OutboxDecision) {
            switch decision {
            case .send(let contents): self = contents.way == .link ? .link : .ticketPage
            case .renew: self = .renew
            case .drop(let reason): self = .drop(reason)
            }
        }
    }

    static let now = Date(timeIntervalSince1970: 1_795_600_000)

    static let table: [Row] = [
        Row("as it was queued", refresh: .link, notification: .link) { _ in },
        Row("its link is active by now", refresh: .link, notification: .link) { $0.link.state = .active },
        Row("link superseded", refresh: .drop(.linkSuperseded), notification: .renew) { $0.link.state = .superseded },
        Row("link used", refresh: .drop(.linkUsed), notification: .drop(.linkUsed)) { $0.link.state = .used },
        Row("link revoked", refresh: .drop(.linkRevoked), notification: .drop(.linkRevoked)) {
            $0.link.state = .revoked
        },
        Row("link older than its lifetime", refresh: .drop(.linkTooOld), notification: .renew) {
            $0.link.createdAt = now.addingTimeInterval(-14 * 86_400)
        },
        Row("link a second younger than its lifetime", refresh: .link, notification: .link) {
            $0.link.createdAt = now.addingTimeInterval(-14 * 86_400 + 1)
        },
        Row("customer user gone", refresh: .drop(.customerGone), notification: .drop(.customerGone)) {
            $0.customer = nil
        },
        Row("customer user switched off", refresh: .drop(.customerInvalid), notification: .drop(.customerInvalid)) {
            $0.customer?.isValid = false
        },
        Row("another address is stored", refresh: .drop(.addressChanged), notification: .renew) {
            $0.customer?.email = "anna@example.net"
        },
        Row("the same address in other letters is stored", refresh: .link, notification: .link) {
            $0.customer?.email = "Anna@Example.ORG"
        },
        Row("a password is set", refresh: .drop(.hasPassword), notification: .ticketPage) {
            $0.customer?.hasPassword = true
        },
        Row(
            "a password is set and the address changed", refresh: .drop(.hasPassword),
            notification: .drop(.addressChanged)
        ) {
            $0.customer?.hasPassword = true
            $0.customer?.email = "anna@example.net"
        },
        Row("ticket never read", refresh: .link, notification: .link) { $0.tickets = [] },
        Row("ticket never read, link superseded", refresh: .drop(.linkSuperseded), notification: .drop(.linkSuperseded))
        {
            $0.tickets = []
            $0.link.state = .superseded
        },
        Row("ticket invisible", refresh: .drop(.ticket(.invisible)), notification: .drop(.ticket(.invisible))) {
            $0.tickets = [TicketFacts(ticket: nil, readAt: now)]
        },
        Row("ticket removed", refresh: .drop(.ticket(.removed)), notification: .drop(.ticket(.removed))) {
            $0.tickets[0].ticket?.stateType = .removed
        },
        Row(
            "ticket of somebody else", refresh: .drop(.ticket(.customerChanged)),
            notification: .drop(.ticket(.customerChanged))
        ) { $0.tickets[0].ticket?.customerLogin = "bert@example.org" },
        Row(
            "ticket closed too long ago", refresh: .drop(.ticket(.closedTooLong)),
            notification: .drop(.ticket(.closedTooLong))
        ) {
            $0.tickets[0].ticket?.stateType = .closed
            $0.tickets[0].ticket?.closedAt = now.addingTimeInterval(-14 * 86_400)
        },
        Row("ticket closed a second less", refresh: .link, notification: .link) {
            $0.tickets[0].ticket?.stateType = .closed
            $0.tickets[0].ticket?.closedAt = now.addingTimeInterval(-14 * 86_400 + 1)
        },
        Row("ticket merged into one never read", refresh: .link, notification: .link) {
            $0.tickets[0].ticket?.stateType = .merged
            $0.tickets[0].ticket?.mergedInto = TicketNumber("2026112510000027")
        },
        Row("ticket merged into one of the same person", refresh: .link, notification: .link) {
            $0.tickets[0].ticket?.stateType = .merged
            $0.tickets[0].ticket?.mergedInto = TicketNumber("2026112510000027")
            $0.tickets.append(TicketFacts(ticket: try exampleTicket(), readAt: now))
        },
        Row(
            "ticket merged into somebody else's", refresh: .drop(.ticket(.customerChanged)),
            notification: .drop(.ticket(.customerChanged))
        ) {
            $0.tickets[0].ticket?.stateType = .merged
            $0.tickets[0].ticket?.mergedInto = TicketNumber("2026112510000027")
            var other = try exampleTicket()
            other.customerLogin = "bert@example.org"
            $0.tickets.append(TicketFacts(ticket: other, readAt: now))
        },
    ]

    @Test("A mail is sent as long as somebody may use it, and only then", arguments: table)
    func decide(row: Row) throws {
        var facts = try Self.facts()
        try row.change(&facts)
        let rules = OutboxRules(settings: LinkSettings())
        #expect(Expected(rules.decide(facts)) == row.refresh)
        facts.kind = .notification
        #expect(Expected(rules.decide(facts)) == row.notification)
    }

    @Test("Where people with a password get links too, theirs are mailed")
    func passwordsMayHaveLinks() throws {
        var facts = try Self.facts()
        facts.customer?.hasPassword = true
        var settings = LinkSettings()
        settings.plainURLWithPassword = false
        #expect(Expected(OutboxRules(settings: settings).decide(facts)) == .link)
    }

    static func facts() throws -> OutboxFacts {
        let ticket = try exampleTicket()
        return OutboxFacts(
            now: now, kind: .refresh, recipient: "anna@example.org",
            link: Link(
                id: .version7(), sequence: 1, ticketNumber: ticket.number, customerLogin: "anna@example.org",
                recipient: "anna@example.org", state: .offered, createdAt: now.addingTimeInterval(-60)),
            customer: CustomerUser(
                login: "anna@example.org", email: "anna@example.org", customerID: "anna@example.org",
                firstName: "Anna", lastName: "Example"),
            tickets: [TicketFacts(ticket: ticket, readAt: now)])
    }
}
