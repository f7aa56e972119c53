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
    /// A ticket that cannot be handled is named, left as it is and counted; the others are handled all the same. While the desk does not
    /// answer for a page of tickets, the next pages are tried, a few of them.
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
        var each = EachAlone()
        // Before the desk is asked, which may be away for long.
        if !isDryRun {
            count.deletedSessions =
                await each.attempt { try await expiry.deleteEndedSessions(lifetime: settings.sessionLifetime) } ?? 0
        }
        var run = Run()
        try await withThrowingTaskGroup(of: PageOutcome.self) { group in
            var looking = 0
            while true {
                while !run.isAtEnd, looking < Self.width {
                    let page = try await expiry.tickets(after: run.last, limit: Self.page)
                    guard let end = page.end else {
                        run.isAtEnd = true
                        break
                    }
                    run.last = end
                    for row in page.unreadable { skip(row.number, row.reason, &count) }
                    let now = try await expiry.now()
                    group.addTask {
                        await DeskCaller.$current.withValue(DeskCaller(.background)) {
                            await lookAlone(at: page.tickets, now: now)
                        }
                    }
                    looking += 1
                }
                guard let outcome = try await group.next() else { break }
                looking -= 1
                run.note(outcome)
                try await write(outcome, expiry, isDryRun: isDryRun, &count)
            }
        }
        if let failure = run.failure { throw failure }
        try await deleteUnseen(run.invisible, expiry, isDryRun: isDryRun, &count)
        try each.end()
        return count
    }

    // MARK: -

    /// How far a run is.
    private struct Run {
        private static let patience = 3

        var last = ""
        var isAtEnd = false
        var invisible: [TicketWithLinks] = []
        /// Why a page was not looked at.
        private(set) var failure: (any Error)?
        private var failuresInARow = 0

        mutating func note(_ outcome: PageOutcome) {
            invisible += outcome.invisible
            failure = failure ?? outcome.failure
            failuresInARow = outcome.failure == nil ? 0 : failuresInARow + 1
            // The desk is away.
            if failuresInARow >= Self.patience { isAtEnd = true }
        }
    }

    fileprivate struct PageOutcome {
        /// How many were looked at, and when.
        var tickets: Int
        var now: Date
        /// Numbers of tickets that could not be handled, and why.
        var skipped: [(number: String, reason: String)] = []
        /// Why the page, or a part of it, was not looked at.
        var failure: (any Error)?
        var readings: [(number: TicketNumber, ticket: Ticket?)] = []
        var deletions: [(number: TicketNumber, reason: String)] = []
        var invisible: [TicketWithLinks] = []
    }

    /// Searches for the ticket that fails the others by halves, so that it fails alone.
    ///
    /// - Parameter attempts: failures that may still come; beyond them, it is not one ticket that fails.
    private func lookAlone(at tickets: [TicketWithLinks], now: Date, attempts: Int = 40) async -> PageOutcome {
        var outcome = PageOutcome(tickets: 0, now: now)
        var parts = tickets.isEmpty ? [] : [tickets[...]]
        var attempts = attempts
        while let part = parts.popLast() {
            do {
                outcome.add(try await look(at: Array(part), now: now))
            } catch {
                attempts -= 1
                guard let error = error as? TicketSystemError, error.isAboutTickets, attempts > 0 else {
                    outcome.failure = error
                    break
                }
                if part.count == 1, let ticket = part.first {
                    outcome.skipped.append((ticket.number.text, "\(error)"))
                } else {
                    let middle = part.startIndex + part.count / 2
                    parts += [part[middle...], part[..<middle]]
                }
            }
        }
        return outcome
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
            guard let chain else {
                outcome.skipped.append((ticket.number.text, "the desk's answer about it cannot be understood"))
                continue
            }
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

    private func skip(_ number: String, _ reason: String, _ count: inout ExpiryCount) {
        count.skippedTickets += 1
        logger.error(
            "A ticket could not be handled; its links stay", metadata: ["ticket": "\(number)", "error": "\(reason)"])
    }

    private func write(
        _ outcome: PageOutcome, _ expiry: Expiry, isDryRun: Bool, _ count: inout ExpiryCount
    ) async throws {
        count.tickets += outcome.tickets
        for ticket in outcome.skipped { skip(ticket.number, ticket.reason, &count) }
        if !isDryRun {
            try await eachAlone(outcome.readings, number: \.number, &count) {
                try await expiry.store($0, askedAt: outcome.now)
            }
        }
        try await delete(outcome.deletions, expiry, isDryRun: isDryRun, &count)
    }

    private func delete(
        _ tickets: [(number: TicketNumber, reason: String)], _ expiry: Expiry, isDryRun: Bool,
        _ count: inout ExpiryCount
    ) async throws {
        count.deletedTickets += tickets.count
        guard !isDryRun else { return }
        let skippedBefore = count.skippedTickets
        let deleted = try await eachAlone(tickets, number: \.number, &count) { try await expiry.deleteLinks(of: $0) }
        count.deletedTickets -= count.skippedTickets - skippedBefore
        count.deletedLinks += deleted.reduce(0, +)
    }

    /// Writes all at once; if the database refuses that, one ticket after the other, so that one fails alone.
    ///
    /// - Throws: if the database is away.
    @discardableResult
    private func eachAlone<Row, Result>(
        _ rows: [Row], number: KeyPath<Row, TicketNumber>, _ count: inout ExpiryCount,
        _ write: ([Row]) async throws -> Result
    ) async throws -> [Result] {
        do {
            return [try await write(rows)]
        } catch let error as PostgresError where error.isRefusal {
            var results: [Result] = []
            for row in rows {
                do {
                    results.append(try await write([row]))
                } catch let error as PostgresError where error.isRefusal {
                    skip(row[keyPath: number].text, "\(error)", &count)
                }
            }
            return results
        }
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
    /// Tickets that could not be handled; the log names them.
    public var skippedTickets = 0
    /// Tickets that the desk showed at the last look and does not show now.
    public var turnedInvisible = 0
    /// So many turned invisible that none of the invisible ones was deleted.
    public var isSuspicious = false

    public init() {}

    public var description: String {
        "\(tickets.counted("ticket")) with links, \(deletedTickets) expired, \(deletedLinks.counted("link")) and \(deletedSessions.counted("session")) deleted"
            + (skippedTickets > 0 ? ", \(skippedTickets) could not be handled; the log names them" : "")
            + (turnedInvisible > 0 ? ", \(turnedInvisible) turned invisible" : "")
            + (isSuspicious ? "; ALERT: too many at once, none of the invisible ones was deleted" : "")
    }
}

extension ExpireLinks.PageOutcome {
    /// Takes in what was found of a part of the page.
    fileprivate mutating func add(_ part: ExpireLinks.PageOutcome) {
        tickets += part.tickets
        readings += part.readings
        deletions += part.deletions
        invisible += part.invisible
        skipped += part.skipped
    }
}

extension TicketSystemError {
    /// True where other tickets may well be answered: one of them may be the reason.
    fileprivate var isAboutTickets: Bool {
        switch kind {
        case .refused, .invisible, .badAnswer: true
        case .unreachable, .untrusted, .plainPort, .misconfigured, .timedOut, .gateway, .circuitOpen, .loginRefused,
            .serviceMissing,
            .operationMissing:
            false
        }
    }
}

extension PostgresError {
    /// True where the server answered and did not take the values, so that it may take others.
    fileprivate var isRefusal: Bool {
        guard case .server = kind else { return false }
        return sqlState.map { !["08", "53", "57P", "58"].contains(where: $0.hasPrefix) && $0 != "25006" } ?? false
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
