import Foundation
import OneTimeLinks
import Testing

@Suite("The rules of sessions and of issuing")
struct SessionAndIssueTests {
    private static let now = Date(timeIntervalSince1970: 1_795_600_000)

    private func ticket(_ change: (inout Ticket) -> Void = { _ in }) throws -> Ticket {
        var ticket = Ticket(
            number: try #require(TicketNumber("2026112510000018")), ticketID: 1, title: "", state: "", stateType: .open,
            customerLogin: "anna@example.org", customerID: "", closedAt: nil, mergedInto: nil, queue: "")
        change(&ticket)
        return ticket
    }

    private let anna = CustomerUser(
        login: "anna@example.org", email: "anna@example.org", customerID: "", firstName: "Anna", lastName: "Example")

    private func session(_ change: (inout SessionFacts) throws -> Void = { _ in }) throws -> SessionDecision {
        let ticket = try ticket()
        var facts = SessionFacts(
            now: Self.now,
            session: Session(
                id: .version7(), linkID: .version7(), customerLogin: "anna@example.org", ticketNumber: ticket.number,
                createdAt: Self.now - 3600, lastSeenAt: Self.now - 60),
            customer: anna, tickets: [TicketFacts(ticket: ticket, readAt: Self.now)])
        try change(&facts)
        return SessionRules(settings: LinkSettings()).judge(facts)
    }

    @Test("A session of the account outlives its ticket, not its customer user")
    func account() throws {
        func account(_ change: (inout SessionFacts) throws -> Void = { _ in }) throws -> SessionDecision {
            try session {
                $0.session.scope = .account
                try change(&$0)
            }
        }
        let valid = SessionDecision.valid(anna, nil, validUntil: Self.now - 60 + 8 * 3600)
        #expect(try account() == valid)
        #expect(try account { $0.tickets[0].ticket?.customerLogin = "bert@example.org" } == valid)
        #expect(try account { $0.tickets = [] } == valid)
        #expect(try account { $0.customer?.isValid = false } == .ended(.customerInvalid))
        #expect(try account { $0.customer = nil } == .ended(.customerGone))
        #expect(try account { $0.session.revokedAt = Self.now } == .ended(.revoked))
        #expect(try account { $0.session.lastSeenAt = Self.now - 8 * 3600 } == .ended(.idle))
        #expect(try account { $0.session.createdAt = Self.now - 24 * 3600 } == .ended(.lifetime))
    }

    @Test("A session holds until the first of idle time, lifetime and the ticket's last day, to the second")
    func validity() throws {
        #expect(try session() == .valid(anna, ticket(), validUntil: Self.now - 60 + 8 * 3600))
        #expect(try session { $0.session.lastSeenAt = Self.now - 8 * 3600 } == .ended(.idle))
        #expect(try session { $0.session.createdAt = Self.now - 24 * 3600 } == .ended(.lifetime))
        let closed = try ticket { ($0.stateType, $0.closedAt) = (.closed, Self.now - 14 * 86_400 + 5) }
        #expect(try session { $0.tickets[0].ticket = closed } == .valid(anna, closed, validUntil: Self.now + 5))
    }

    @Test("A session ends with its revocation, its customer user and its ticket")
    func ended() throws {
        #expect(try session { $0.session.revokedAt = Self.now } == .ended(.revoked))
        #expect(try session { $0.customer = nil } == .ended(.customerGone))
        #expect(try session { $0.customer?.isValid = false } == .ended(.customerInvalid))
        #expect(try session { $0.tickets = [] } == .ended(.ticket(.invisible)))
        #expect(
            try session { $0.tickets[0].ticket = try ticket { $0.customerLogin = "bert" } }
                == .ended(.ticket(.customerChanged)))
    }

    private func issue(_ change: (inout IssueFacts, inout LinkSettings) throws -> Void) throws -> IssueDecision {
        var facts = IssueFacts(
            now: Self.now, customer: anna, tickets: [TicketFacts(ticket: try ticket(), readAt: Self.now)])
        var settings = LinkSettings()
        try change(&facts, &settings)
        return IssueRules(settings: settings).decide(facts)
    }

    @Test("Who may get a link")
    func issuing() throws {
        #expect(try issue { _, _ in } == .issue(ticket(), anna))
        #expect(try issue { facts, _ in facts.customer = nil } == .refused(.customerUnknown))
        #expect(try issue { facts, _ in facts.customer?.isValid = false } == .refused(.customerInvalid))
        #expect(try issue { facts, _ in facts.customer?.hasPassword = true } == .plainURL(ticket()))
        var withPassword = anna
        withPassword.hasPassword = true
        #expect(
            try issue { facts, settings in
                facts.customer = withPassword
                settings.plainURLWithPassword = false
            } == .issue(ticket(), withPassword))
        #expect(try issue { facts, _ in facts.tickets = [] } == .refused(.ticket(.invisible)))
        #expect(
            try issue { facts, _ in
                facts.tickets[0].ticket = try ticket { $0.customerLogin = "bert@example.org" }
            } == .refused(.ticket(.customerChanged)))
    }
}
