import Foundation
import LinkStore
import Logging
import OneTimeLinks
import TicketSystem

/// Keeps what we know of tickets good enough to decide by: asks the desk where it is not.
public struct TicketKeeper: Sendable {
    private let tickets: Tickets
    private let desk: any TicketSystem
    private let patience: Duration
    private let logger: Logger
    private let renewCopy: CopyRenewal?

    /// - Parameters:
    ///   - patience: how long a customer waits for the desk, for all requests together.
    ///   - renewCopy: our copy of the ticket's customer user is renewed with the ticket; nil: there is no table to renew it from.
    public init(
        tickets: Tickets, desk: any TicketSystem, patience: Duration, logger: Logger, renewCopy: CopyRenewal? = nil
    ) {
        self.renewCopy = renewCopy
        self.tickets = tickets
        self.desk = desk
        self.patience = patience
        self.logger = logger
    }

    /// Facts to decide by, from the ticket itself to the one that it was finally merged into.
    ///
    /// Fresh facts are used as they are. Otherwise the desk is asked; if it does not answer in time, facts that are
    /// not stale still count.
    ///
    /// - Parameters:
    ///   - known: the facts as they are stored, in order; empty: never read.
    ///   - now: the database's clock.
    /// - Throws: `DeskUnavailable` when the desk does not answer and the facts are stale.
    public func chain(from number: TicketNumber, known: [TicketFacts], at now: Date) async throws -> [TicketFacts] {
        let worth = isComplete(known) ? known.map { $0.freshness(at: now) } : [.stale]
        if worth.allSatisfy({ $0 == .fresh }) { return known }
        do {
            return try await within(patience) { try await read(from: number, at: now) }
        } catch let error where error is TicketSystemError || error is OutOfPatience {
            guard !worth.contains(.stale) else { throw DeskUnavailable(cause: error as? TicketSystemError) }
            logger.warning("The desk could not be asked; older facts are used", metadata: ["error": "\(error)"])
            return known
        }
    }

    /// Facts to decide by about a ticket of which nothing was read yet, and the moment that they are judged at, by the database's
    /// clock.
    ///
    /// - Throws: `DeskUnavailable`, or an error of the database.
    package func chain(from number: TicketNumber) async throws -> (now: Date, tickets: [TicketFacts]) {
        let now = try await tickets.now()
        return (now, try await chain(from: number, known: try await tickets.chain(from: number), at: now))
    }

    /// Reads a ticket and those that it was merged into, and keeps what the desk says.
    ///
    /// - Parameter now: the database's clock before the desk is asked.
    public func read(from number: TicketNumber, at now: Date) async throws -> [TicketFacts] {
        var chain: [TicketFacts] = []
        var readings: [(number: TicketNumber, ticket: Ticket?)] = []
        var next: TicketNumber? = number
        while let current = next, readings.count < 16, !readings.contains(where: { $0.number == current }) {
            let ticket = try await desk.ticket(number: current).ticket
            readings.append((current, ticket))
            chain.append(TicketFacts(ticket: ticket, readAt: now))
            next = ticket?.mergedInto
        }
        try await tickets.store(readings, askedAt: now)
        if let login = chain.last?.ticket?.customerLogin { await renewCopy?(login: login) }
        return chain
    }

    /// The customer user of that login, who may stand in the desk's table and not yet be copied.
    ///
    /// - Throws: `CustomerTableUnreadable` if otalink has no copy of the customer user and cannot read the desk's table, or an error of the database.
    public func customer(login: String, in store: LinkStore) async throws -> CustomerUser? {
        if let known = try await store.customerUsers.find(login: login) { return known }
        guard let renewCopy else { return nil }
        try await renewCopy.renew(login: login)
        return try await store.customerUsers.find(login: login)
    }

    /// The public number of a ticket of which only the desk's id is known; nil: the desk does not show it to us.
    public func number(ofTicket id: Int64) async throws -> TicketNumber? {
        try await desk.ticket(id: id).ticket?.number
    }

    /// The articles of a ticket that its customer may read, oldest first; none where the desk does not show the ticket.
    package func articles(ofTicket id: Int64) async throws -> [TicketArticle] {
        do {
            return try await desk.articles(ofTicket: id)
        } catch let error as TicketSystemError where error.kind == .invisible {
            return []
        }
    }

    /// False when the chain leads to a ticket that was never read.
    private func isComplete(_ chain: [TicketFacts]) -> Bool {
        guard let last = chain.last else { return false }
        return last.ticket?.mergedInto == nil
    }
}

/// The desk could not be asked, and what is known is too old to decide by. Nothing was spent; try again later.
public struct DeskUnavailable: Error, CustomStringConvertible {
    /// What it was; nil: it did not answer in time, or was found so a moment ago.
    public let cause: TicketSystemError?

    public init(cause: TicketSystemError? = nil) { self.cause = cause }

    /// False if the desk answers, and refuses: then an administrator has something to put right.
    public var isTransient: Bool { cause?.isTransient ?? true }

    public var description: String {
        let told =
            cause.map { "The ticket system could not be asked: \($0) What" }
            ?? "The ticket system does not answer, and what"
        return "\(told) is known of the ticket is too old. Nothing was changed" + (isTransient ? "; try again." : ".")
    }
}
