import Foundation
import LinkStore
import Logging
import OneTimeLinks
import PostgresClient
import TicketSystem

/// The nightly job: deletes the links of tickets that are closed longer than the access days, removed or gone, and sessions
/// that ended long ago.
public struct ExpireLinks: Sendable {
    /// Tickets looked at together: as many ids as one search takes.
    private static let page = 500
    /// Pages that are looked at side by side: the desk has customers to answer beside us.
    private static let width = 2

    private let desk: any TicketSystem
    private let settings: LinkSettings
    private let logger: Logger

    public init(desk: any TicketSystem, settings: LinkSettings, logger: Logger) {
        self.desk = desk
        self.settings = settings
        self.logger = logger
    }

    /// Looks at every ticket that has links, and deletes unless it only counts.
    ///
    /// - Parameters:
    ///   - connection: holds the job's lock; everything is written over it.
    ///   - isDryRun: reads at the desk and counts, writes nothing.
    /// - Throws: `TicketSystemError` or an error of the database; what was deleted by then was rightly deleted, and the
    ///   run can be repeated.
    public func callAsFunction(
        on connection: PostgresConnectionHandle, isDryRun: Bool = false
    ) async throws -> ExpiryCount {
        let expiry = Expiry(connection: connection)
        var count = ExpiryCount()
        var invisible: [TicketWithLinks] = []
        var last = ""
        try await withThrowingTaskGroup(of: PageOutcome.self) { group in
            var isAtEnd = false
            var looking = 0
            while true {
                while !isAtEnd, looking < Self.width {
                    let tickets = try await expiry.tickets(after: last, limit: Self.page)
                    guard let end = tickets.last else {
                        isAtEnd = true
                        break
                    }
                    last = end.number.text
                    let now = try await expiry.now()
                    group.addTask {
                        try await DeskCaller.$current.withValue(DeskCaller(.background)) {
                            try await look(at: tickets, now: now)
                        }
                    }
                    looking += 1
                }
                guard let outcome = try await group.next() else { break }
                looking -= 1
                count.tickets += outcome.tickets
                invisible += outcome.invisible
                if !isDryRun { try await expiry.store(outcome.readings, askedAt: outcome.now) }
                try await delete(outcome.deletions, expiry, isDryRun: isDryRun, &count)
            }
        }
        try await deleteUnseen(invisible, expiry, isDryRun: isDryRun, &count)
        if !isDryRun {
            count.deletedSessions = try await expiry.deleteEndedSessions(lifetime: settings.sessionLifetime)
        }
        return count
    }

    // MARK: -

    private struct PageOutcome {
        /// How many were looked at, and when.
        var tickets: Int
        var now: Date
        var readings: [(number: TicketNumber, ticket: Ticket?)] = []
        var deletions: [(number: TicketNumber, reason: String)] = []
        var invisible: [TicketWithLinks] = []
    }

    /// Narrows by search, and reads close times only where they decide.
    private func look(at tickets: [TicketWithLinks], now: Date) async throws -> PageOutcome {
        let rules = ExpiryRules(accessDays: settings.accessDaysAfterClose)
        let ids = tickets.compactMap(\.ticketID)
        async let allVisible = desk.search(ids: ids, stateTypes: [])
        let ended = try await desk.search(ids: ids, stateTypes: [.closed, .merged, .removed])
        let visible = try await allVisible
        var outcome = PageOutcome(tickets: tickets.count, now: now)
        var unread: [TicketWithLinks] = []
        for ticket in tickets {
            guard let id = ticket.ticketID else {
                unread.append(ticket)
                continue
            }
            if !visible.contains(id) {
                outcome.invisible.append(ticket)
                outcome.readings.append((ticket.number, nil))
            } else if ended.contains(id) {
                if !isStillWithinDays(ticket, now) { unread.append(ticket) }
            } else if ticket.facts?.ticket.map({ $0.stateType.isEnded }) ?? true {
                // Reopened since it was read, or visible again.
                unread.append(ticket)
            }
        }
        for (ticket, chain) in zip(unread, try await ReadTicketChains(desk: desk)(unread)) {
            outcome.readings += chain
            guard chain.first?.ticket != nil else {
                outcome.invisible.append(ticket)
                continue
            }
            let facts = chain.map { TicketFacts(ticket: $0.ticket, readAt: now) }
            if case .delete(let reason) = rules.judge(chain: facts, at: now) {
                outcome.deletions.append((ticket.number, reason))
            }
        }
        return outcome
    }

    /// A later close than the one that is known only prolongs access.
    private func isStillWithinDays(_ ticket: TicketWithLinks, _ now: Date) -> Bool {
        guard let known = ticket.facts?.ticket, known.stateType == .closed, let closedAt = known.closedAt else {
            return false
        }
        return now < closedAt.addingTimeInterval(TimeInterval(settings.accessDaysAfterClose) * 86_400)
    }

    private func delete(
        _ tickets: [(number: TicketNumber, reason: String)], _ expiry: Expiry, isDryRun: Bool,
        _ count: inout ExpiryCount
    ) async throws {
        count.deletedTickets += tickets.count
        if !isDryRun { count.deletedLinks += try await expiry.deleteLinks(of: tickets) }
    }

    private func deleteUnseen(
        _ invisible: [TicketWithLinks], _ expiry: Expiry, isDryRun: Bool, _ count: inout ExpiryCount
    ) async throws {
        count.turnedInvisible = invisible.count { $0.unseenSince == nil }
        if ExpiryRules.isSuspicious(turnedInvisible: count.turnedInvisible, of: count.tickets) {
            count.isSuspicious = true
            logger.error(
                "Many tickets turned invisible at once; none of the invisible ones is deleted. Has our agent lost a permission?",
                metadata: ["turnedInvisible": "\(count.turnedInvisible)", "tickets": "\(count.tickets)"])
            return
        }
        let now = try await expiry.now()
        let rules = ExpiryRules(accessDays: settings.accessDaysAfterClose)
        let deletions = invisible.compactMap { ticket -> (number: TicketNumber, reason: String)? in
            guard let since = ticket.unseenSince, case .delete(let reason) = rules.judge(unseenSince: since, at: now)
            else { return nil }
            return (ticket.number, reason)
        }
        try await delete(deletions, expiry, isDryRun: isDryRun, &count)
    }
}

/// What a run of the job did.
public struct ExpiryCount: Sendable, Hashable, CustomStringConvertible {
    /// Tickets that have links.
    public var tickets = 0
    /// Tickets whose links were, or would be, deleted.
    public var deletedTickets = 0
    public var deletedLinks = 0
    public var deletedSessions = 0
    /// Tickets that the desk showed at the last look and does not show now.
    public var turnedInvisible = 0
    /// So many turned invisible that none of the invisible ones was deleted.
    public var isSuspicious = false

    public init() {}

    public var description: String {
        "\(tickets) tickets with links, \(deletedTickets) expired, \(deletedLinks) links and \(deletedSessions) sessions deleted"
            + (turnedInvisible > 0 ? ", \(turnedInvisible) turned invisible" : "")
            + (isSuspicious ? "; ALERT: too many at once, none of the invisible ones was deleted" : "")
    }
}

extension TicketStateType {
    /// A ticket in such a state may have links to delete.
    fileprivate var isEnded: Bool {
        switch self {
        case .closed, .merged, .removed: true
        case .new, .open, .pendingReminder, .pendingAuto, .other: false
        }
    }
}
