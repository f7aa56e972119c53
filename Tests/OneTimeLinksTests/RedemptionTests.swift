import Foundation
import OneTimeLinks
import Testing

@Suite("The rules of redeeming")
struct RedemptionTests {
    private static let now = Date(timeIntervalSince1970: 1_795_600_000)
    private static let day: TimeInterval = 86_400
    private static let browser: [UInt8] = [1]
    private static let session = UUID.version7(at: now)

    /// One line of the table: what differs from a good link, and the answer.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout RedemptionFacts, inout LinkSettings) -> Void
        let answer: RedemptionDecision

        init(
            _ name: String, _ answer: RedemptionDecision,
            _ change: @escaping @Sendable (inout RedemptionFacts, inout LinkSettings) -> Void
        ) {
            testDescription = name
            self.answer = answer
            self.change = change
        }
    }

    @Test(
        "A token that is not ours any more, or a ticket or person that is not there any more: LinkExpired",
        arguments: [
            Row("deleted", .linkExpired(.unknown)) { facts, _ in facts.link = nil },
            Row("revoked", .linkExpired(.revoked)) { facts, _ in facts.link?.state = .revoked },
            Row("customer user gone", .linkExpired(.customerGone)) { facts, _ in facts.customer = nil },
            Row("customer user invalid", .linkExpired(.customerInvalid)) { facts, _ in facts.customer?.isValid = false
            },
            Row("ticket never read", .linkExpired(.ticket(.invisible))) { facts, _ in facts.tickets = [] },
            Row("ticket invisible", .linkExpired(.ticket(.invisible))) { facts, _ in facts.tickets[0].ticket = nil },
            Row("ticket removed", .linkExpired(.ticket(.removed))) { facts, _ in
                change(&facts) { $0.stateType = .removed }
            },
            Row("customer changed", .linkExpired(.ticket(.customerChanged))) { facts, _ in
                change(&facts) { $0.customerLogin = "bert@example.org" }
            },
            Row("no customer", .linkExpired(.ticket(.customerChanged))) { facts, _ in
                change(&facts) { $0.customerLogin = nil }
            },
            Row("login in other letters", .linkExpired(.ticket(.customerChanged))) { facts, _ in
                change(&facts) { $0.customerLogin = "Anna@example.org" }
            },
            Row("merged into unknown", .linkExpired(.ticket(.mergedIntoUnknown))) { facts, _ in
                change(&facts) { $0.stateType = .merged }
            },
            Row("closed without a time", .linkExpired(.ticket(.closeTimeUnknown))) { facts, _ in close(&facts, at: nil)
            },
            Row("closed for N days to the second", .linkExpired(.ticket(.closedTooLong))) { facts, _ in
                close(&facts, at: now - 14 * day)
            },
            Row("closed a second ago, N = 0", .linkExpired(.ticket(.closedTooLong))) { facts, settings in
                settings.accessDaysAfterClose = 0
                close(&facts, at: now - 1)
            },
            Row("closed this second, N = 0", .linkExpired(.ticket(.closedTooLong))) { facts, settings in
                settings.accessDaysAfterClose = 0
                close(&facts, at: now)
            },
            Row("merged into a ticket of somebody else", .linkExpired(.ticket(.customerChanged))) { facts, _ in
                merge(&facts) { $0.customerLogin = "bert@example.org" }
            },
            Row("merged into a ticket closed too long", .linkExpired(.ticket(.closedTooLong))) { facts, _ in
                merge(&facts) { ($0.stateType, $0.closedAt) = (.closed, now - 15 * day) }
            },
            Row("used, and the ticket is gone", .linkExpired(.ticket(.invisible))) { facts, _ in
                use(&facts)
                facts.tickets[0].ticket = nil
            },
        ])
    func expired(row: Row) {
        #expect(decide(row) == row.answer)
    }

    @Test(
        "Offered or active, within its lifetime, ticket accessible: signed in",
        arguments: [
            Row("active", .signIn(ticket(), until: nil)) { _, _ in },
            Row("offered", .signIn(ticket(), until: nil)) { facts, _ in facts.link?.state = .offered },
            Row("a second before its lifetime ends", .signIn(ticket(), until: nil)) { facts, _ in
                facts.link?.createdAt = now - 14 * day + 1
            },
            Row("years old, lifetime 0", .signIn(ticket(), until: nil)) { facts, settings in
                settings.linkLifetimeDays = 0
                facts.link?.createdAt = now - 4000 * day
            },
            Row("closed a second less than N days ago", .signIn(ticket(.closed, now - 14 * day + 1), until: now + 1)) {
                facts, _ in close(&facts, at: now - 14 * day + 1)
            },
            Row("reopened: the old close says nothing", .signIn(ticket(.open, now - 100 * day), until: nil)) {
                facts, _ in
                change(&facts) { $0.closedAt = now - 100 * day }
            },
            Row("a state type of the desk's own", .signIn(ticket(.other("on hold")), until: nil)) { facts, _ in
                change(&facts) { $0.stateType = .other("on hold") }
            },
            Row("merged: leads to the target", .signIn(target(), until: nil)) { facts, _ in merge(&facts) { _ in } },
            Row("has a password by now: an active link still signs in", .signIn(ticket(), until: nil)) { facts, _ in
                facts.customer?.hasPassword = true
            },
            Row("address in other letters", .signIn(ticket(), until: nil)) { facts, _ in
                facts.customer?.email = "ANNA@example.org"
            },
        ])
    func signedIn(row: Row) {
        #expect(decide(row) == row.answer)
    }

    @Test(
        "Used, superseded, over its lifetime, or for another address",
        arguments: [
            Row("used", .newLink(mail: true)) { facts, _ in use(&facts) },
            Row("superseded", .newLink(mail: true)) { facts, _ in facts.link?.state = .superseded },
            Row("over its lifetime to the second", .newLink(mail: true)) { facts, _ in
                facts.link?.createdAt = now - 14 * day
            },
            Row("address changed", .newLink(mail: true)) { facts, _ in facts.customer?.email = "anna@example.net" },
            Row("a newer one is active", .wrongLink) { facts, _ in
                use(&facts)
                facts.hasNewerActiveLink = true
            },
            Row("a newer one is active, another offered", .wrongLink) { facts, _ in
                use(&facts)
                facts.hasNewerActiveLink = true
                facts.hasNewerOfferedLink = true
            },
            Row("a newer one is offered", .newLink(mail: false)) { facts, _ in
                use(&facts)
                facts.hasNewerOfferedLink = true
            },
            Row("one mailed within the minute", .noNewLink(.limited(retryAfter: 60))) { facts, _ in
                use(&facts)
                facts.refreshMails = (1, 1)
            },
            Row("five mailed within the hour", .noNewLink(.limited(retryAfter: 600))) { facts, _ in
                use(&facts)
                facts.refreshMails = (0, 5)
                facts.oldestRefreshMailAt = now - 3000
            },
            Row("the last mail was refused", .noNewLink(.refused)) { facts, _ in
                use(&facts)
                facts.refreshMails = (0, 1)
                facts.isMailRefused = true
            },
            Row("five mailed, the last was refused", .noNewLink(.refused)) { facts, _ in
                use(&facts)
                facts.refreshMails = (1, 5)
                facts.isMailRefused = true
            },
            Row("refused, but one is on the way", .newLink(mail: false)) { facts, _ in
                use(&facts)
                facts.isMailRefused = true
                facts.hasNewerOfferedLink = true
            },
            Row("refused, but one is active", .wrongLink) { facts, _ in
                use(&facts)
                facts.isMailRefused = true
                facts.hasNewerActiveLink = true
            },
            Row("four mailed within the hour", .newLink(mail: true)) { facts, _ in
                use(&facts)
                facts.refreshMails = (0, 4)
            },
            Row("has a password by now", .deskLogin) { facts, _ in
                use(&facts)
                facts.customer?.hasPassword = true
            },
            Row("has a password, the setting is off", .newLink(mail: true)) { facts, settings in
                use(&facts)
                facts.customer?.hasPassword = true
                settings.plainURLWithPassword = false
            },
        ])
    func old(row: Row) {
        #expect(decide(row) == row.answer)
    }

    @Test(
        "Used by the same browser a few seconds ago: signed in again, if the session still stands",
        arguments: [
            Row("double click", .signInAgain(session: session, ticket())) { facts, _ in replay(&facts, after: 0) },
            Row("reload after nine seconds", .signInAgain(session: session, ticket())) { facts, _ in
                replay(&facts, after: 9.9)
            },
            Row("after ten seconds", .newLink(mail: true)) { facts, _ in replay(&facts, after: 10) },
            Row("another browser", .newLink(mail: true)) { facts, _ in
                replay(&facts, after: 1)
                facts.link?.usedByBrowser = [2]
            },
            Row("the session was revoked", .newLink(mail: true)) { facts, _ in
                replay(&facts, after: 1)
                facts.openSession = nil
            },
            Row("the link was revoked", .linkExpired(.revoked)) { facts, _ in
                replay(&facts, after: 1)
                facts.link?.state = .revoked
            },
            Row("a newer one is active", .signInAgain(session: session, ticket())) { facts, _ in
                replay(&facts, after: 1)
                facts.hasNewerActiveLink = true
            },
        ])
    func replayed(row: Row) {
        #expect(decide(row) == row.answer)
    }

    @Test("The request for a fresh link: under the limits, and told when the next is allowed")
    func refresh() {
        func decision(_ change: (inout RedemptionFacts) -> Void) -> RefreshDecision {
            var facts = Self.good
            facts.link?.state = .superseded
            facts.hasNewerActiveLink = true
            change(&facts)
            return RedemptionRules(settings: LinkSettings()).decideRefresh(facts)
        }
        #expect(decision { _ in } == .mail)
        #expect(decision { $0.hasNewerOfferedLink = true } == .onTheWay)
        #expect(decision { $0.refreshMails = (1, 1) } == .noMail(.limited(retryAfter: 60)))
        #expect(
            decision {
                $0.refreshMails = (0, 5)
                $0.oldestRefreshMailAt = Self.now - 3000
            } == .noMail(.limited(retryAfter: 600)))
        #expect(decision { $0.isMailRefused = true } == .noMail(.refused))
        #expect(decision { $0.customer?.hasPassword = true } == .refused(.deskLogin))
        #expect(decision { $0.link = nil } == .refused(.linkExpired(.unknown)))
        #expect(decision { $0.link?.state = .active } == .refused(.signIn(Self.ticket(), until: nil)))
    }

    @Test(
        "A browser that has a grant for the ticket is led there by any old link, and by none that was revoked",
        arguments: [
            Row("used", .signedInAlready(ticket())) { facts, _ in facts.link?.state = .used },
            Row("superseded", .signedInAlready(ticket())) { facts, _ in
                facts.link?.state = .superseded
                facts.hasNewerActiveLink = true
            },
            Row("too old", .signedInAlready(ticket())) { facts, _ in facts.link?.createdAt = now - 15 * day },
            Row("has a password by now", .signedInAlready(ticket())) { facts, _ in
                facts.link?.state = .used
                facts.customer?.hasPassword = true
            },
            Row("another address by now", .signedInAlready(ticket())) { facts, _ in
                facts.link?.recipient = "old@example.org"
            },
            Row("active", .signIn(ticket(), until: nil)) { _, _ in },
            Row("revoked", .linkExpired(.revoked)) { facts, _ in facts.link?.state = .revoked },
            Row("the ticket went to somebody else", .linkExpired(.ticket(.customerChanged))) { facts, _ in
                facts.link?.state = .used
                facts.tickets[0].ticket?.customerLogin = "bert@example.org"
            },
        ])
    func alreadySignedIn(row: Row) {
        var facts = Self.good
        var settings = LinkSettings()
        row.change(&facts, &settings)
        let rules = RedemptionRules(settings: settings)
        #expect(rules.decide(facts, browser: [Self.browser], hasGrant: true) == row.answer)
    }

    // MARK: - A good link, and what may differ

    private func decide(_ row: Row) -> RedemptionDecision {
        var facts = Self.good
        var settings = LinkSettings()
        row.change(&facts, &settings)
        return RedemptionRules(settings: settings).decide(facts, browser: [Self.browser])
    }

    private static var good: RedemptionFacts {
        let ticket = ticket()
        let link = Link(
            id: .version7(at: now), sequence: 7, ticketNumber: ticket.number, customerLogin: "anna@example.org",
            recipient: "anna@example.org", state: .active, createdAt: now - day)
        let customer = CustomerUser(
            login: "anna@example.org", email: "anna@example.org", customerID: "acme", firstName: "Anna",
            lastName: "Example")
        return RedemptionFacts(
            now: now, link: link, customer: customer, tickets: [TicketFacts(ticket: ticket, readAt: now)])
    }

    private static func ticket(_ type: TicketStateType = .open, _ closedAt: Date? = nil) -> Ticket {
        example("2026112510000018", type, closedAt)
    }

    private static func target() -> Ticket { example("2026112510000026", .open, nil) }

    private static func example(_ number: String, _ type: TicketStateType, _ closedAt: Date?) -> Ticket {
        guard let number = TicketNumber(number) else { preconditionFailure("a ticket number of the test") }
        return Ticket(
            number: number, ticketID: 1, title: "Printer", state: "state", stateType: type,
            customerLogin: "anna@example.org", customerID: "acme", closedAt: closedAt, mergedInto: nil, queue: "Raw")
    }

    private static func change(_ facts: inout RedemptionFacts, _ body: (inout Ticket) -> Void) {
        var ticket = ticket()
        body(&ticket)
        facts.tickets[0].ticket = ticket
    }

    private static func close(_ facts: inout RedemptionFacts, at time: Date?) {
        change(&facts) { ($0.stateType, $0.closedAt) = (.closed, time) }
    }

    private static func merge(_ facts: inout RedemptionFacts, into body: (inout Ticket) -> Void) {
        var target = target()
        body(&target)
        change(&facts) { ($0.stateType, $0.mergedInto) = (.merged, target.number) }
        facts.tickets.append(TicketFacts(ticket: target, readAt: now))
    }

    private static func use(_ facts: inout RedemptionFacts) {
        facts.link?.state = .used
        facts.link?.usedAt = now - 3600
        facts.link?.usedByBrowser = browser
    }

    private static func replay(_ facts: inout RedemptionFacts, after seconds: TimeInterval) {
        use(&facts)
        facts.link?.usedAt = now - seconds
        facts.openSession = session
    }
}
