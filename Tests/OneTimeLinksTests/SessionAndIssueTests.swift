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
        let grant = SessionGrant(
            id: 1, linkID: .version7(), ticketNumber: ticket.number, createdAt: Self.now - 3600)
        var facts = SessionFacts(
            now: Self.now,
            session: Session(id: .version7(), customerLogin: "anna@example.org", lastSeenAt: Self.now - 60),
            customer: anna,
            grants: [GrantFacts(grant: grant, tickets: [TicketFacts(ticket: ticket, readAt: Self.now)])])
        try change(&facts)
        return SessionRules(settings: LinkSettings()).judge(facts)
    }

    /// What grants give, the newest first, and until when.
    private func held(_ decision: SessionDecision) throws -> (access: [HeldGrant.Access], until: Date) {
        guard case .valid(let customer, let held, let until) = decision else {
            Issue.record("\(decision)")
            return ([], .distantPast)
        }
        #expect(customer == anna)
        return (held.map(\.access), until)
    }

    private static let idleEnd = now - 60 + 8 * 3600

    @Test("A grant that counts at the desk, or is for all tickets, outlives its ticket, not the customer user")
    func account() throws {
        for isAll in [false, true] {
            func account(_ change: (inout SessionFacts) throws -> Void = { _ in }) throws -> SessionDecision {
                try session {
                    $0.grants[0].grant.countsAtDesk = !isAll
                    if isAll { ($0.grants[0].grant.ticketNumber, $0.grants[0].grant.linkID) = (nil, nil) }
                    try change(&$0)
                }
            }
            let changes: [(inout SessionFacts) -> Void] = [
                { _ in }, { $0.grants[0].tickets[0].ticket?.customerLogin = "bert@example.org" },
                { $0.grants[0].tickets = [] },
            ]
            for change in changes {
                let valid = try held(account(change))
                #expect(valid.access == [.allTickets] && valid.until == Self.idleEnd)
            }
            #expect(try account { $0.customer?.isValid = false } == .ended(.customerInvalid))
            #expect(try account { $0.customer = nil } == .ended(.customerGone))
            #expect(try account { $0.session.revokedAt = Self.now } == .ended(.revoked))
            #expect(try account { $0.session.lastSeenAt = Self.now - 8 * 3600 } == .ended(.idle))
            #expect(try account { $0.grants[0].grant.createdAt = Self.now - 24 * 3600 } == .ended(.lifetime))
        }
    }

    @Test("A session holds until the first of idle time, the grant's own end and the ticket's last day, to the second")
    func validity() throws {
        let open = try held(session())
        #expect(open.access == [.ticket(try ticket())] && open.until == Self.idleEnd)
        #expect(try session { $0.session.lastSeenAt = Self.now - 8 * 3600 } == .ended(.idle))
        #expect(try session { $0.grants[0].grant.createdAt = Self.now - 24 * 3600 } == .ended(.lifetime))
        #expect(try session { $0.grants = [] } == .ended(.lifetime))
        let closed = try ticket { ($0.stateType, $0.closedAt) = (.closed, Self.now - 14 * 86_400 + 5) }
        let closing = try held(session { $0.grants[0].tickets[0].ticket = closed })
        #expect(closing.access == [.ticket(closed)] && closing.until == Self.now + 5)
    }

    @Test("A session ends with its revocation, its customer user and its ticket")
    func ended() throws {
        #expect(try session { $0.session.revokedAt = Self.now } == .ended(.revoked))
        #expect(try session { $0.customer = nil } == .ended(.customerGone))
        #expect(try session { $0.customer?.isValid = false } == .ended(.customerInvalid))
        #expect(try session { $0.grants[0].tickets = [] } == .ended(.ticket(.invisible)))
        #expect(
            try session { $0.grants[0].tickets[0].ticket = try ticket { $0.customerLogin = "bert" } }
                == .ended(.ticket(.customerChanged)))
    }

    @Test("Each grant has its own end and its own ticket; one that gives something keeps the session")
    func grants() throws {
        func two(_ change: (inout SessionFacts) throws -> Void) throws -> SessionDecision {
            try session { facts in
                var other = facts.grants[0]
                other.grant.id = 2
                other.grant.ticketNumber = TicketNumber("2026112510000026")
                other.grant.createdAt = Self.now - 23 * 3600
                facts.grants.append(other)
                try change(&facts)
            }
        }
        let both = try held(two { _ in })
        #expect(both.access.count == 2 && both.until == Self.idleEnd)
        let newest = try held(two { $0.grants[1].grant.createdAt = Self.now - 24 * 3600 })
        #expect(newest.access.count == 1)
        // The newer ticket went to somebody else: the older grant's end is the session's.
        let bert = try ticket { $0.customerLogin = "bert@example.org" }
        let older = try held(two { $0.grants[0].tickets[0].ticket = bert })
        #expect(older.access == [.refused(.customerChanged), .ticket(try ticket())])
        #expect(older.until == Self.now + 3600)
    }

    @Test("The desk is asked about the wanted ticket first, then about the newest grant")
    func order() throws {
        let grants = ["1", "2", "3"].enumerated().map { index, number in
            GrantFacts(
                grant: SessionGrant(
                    id: Int64(index), linkID: nil, ticketNumber: TicketNumber(number),
                    createdAt: Self.now + Double(index)), tickets: [])
        }
        let rules = SessionRules(settings: LinkSettings())
        #expect(rules.order(grants, wanted: nil) == [2, 1, 0])
        #expect(rules.order(grants, wanted: TicketNumber("1")) == [0, 2, 1])
        #expect(rules.order(grants, wanted: TicketNumber("9")) == [2, 1, 0])
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
