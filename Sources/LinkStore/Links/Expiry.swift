import Foundation
import OneTimeLinks
import PostgresClient

/// What the nightly job does in the database, over the connection that holds the job's lock: if the lock is lost, so is the
/// connection, and nothing more is written.
public struct Expiry: Sendable {
    /// Links deleted in one transaction, so that nobody waits for the job longer than that takes.
    public static let batch = 500

    private let connection: PostgresConnectionHandle

    /// - Parameter connection: holds the job's lock.
    public init(connection: PostgresConnectionHandle) {
        self.connection = connection
    }

    /// The database's clock.
    public func now() async throws -> Date {
        try await connection.query(TicketSQL.now).only().decode(at: 0, as: Date.self)
    }

    /// Tickets that have links, by number, a page at a time.
    public func tickets(after number: String, limit: Int) async throws -> PageOfTickets {
        var page = PageOfTickets()
        for row in try await connection.query(ExpirySQL.tickets, number, limit) {
            let number = try row.decode("number", as: String.self)
            page.end = number
            do {
                page.tickets.append(
                    TicketWithLinks(
                        number: try row.ticketNumber("number"), ticketID: try row.decode("ticket_ticket_id"),
                        facts: try Tickets.decode(row), unseenSince: try row.decode("unseen_since")))
            } catch {
                page.unreadable.append((number, "\(error)"))
            }
        }
        return page
    }

    /// Keeps what the desk said of tickets; see `Tickets.store(_:askedAt:)`.
    public func store(_ readings: [(number: TicketNumber, ticket: Ticket?)], askedAt: Date) async throws {
        guard !readings.isEmpty else { return }
        _ = try await connection.query(TicketSQL.store, parameters: TicketSQL.parameters(readings, askedAt: askedAt))
    }

    /// Deletes the links of tickets in batches, and then what is kept of the tickets, if nothing needs it any more.
    ///
    /// Replicas are not told: these links are dead by the rules already.
    ///
    /// - Parameter tickets: each with the reason, for the audit trail.
    /// - Returns: how many links were deleted.
    public func deleteLinks(of tickets: [(number: TicketNumber, reason: String)]) async throws -> Int {
        guard !tickets.isEmpty else { return 0 }
        let numbers = tickets.map(\.number.text)
        let reasons = tickets.map(\.reason)
        var total = 0
        while true {
            let count = try await connection.transaction("expiry.delete") { transaction in
                let rows = try await transaction.pipeline([
                    (ExpirySQL.quiet, []), (ExpirySQL.deleteLinks, [numbers, reasons, Self.batch]),
                    (ExpirySQL.forgetTickets, [numbers]),
                ])
                return try rows[1].only().decode(at: 0, as: Int.self)
            }
            total += count
            if count < Self.batch { break }
        }
        return total
    }

    /// Deletes sessions that have ended longer than a day ago.
    public func deleteEndedSessions(lifetime: TimeInterval) async throws -> Int {
        try await Sessions.deleteEnded(lifetime: lifetime, on: connection)
    }
}

/// Some of the tickets that have links.
public struct PageOfTickets: Sendable {
    public var tickets: [TicketWithLinks] = []
    /// Numbers of tickets whose rows hold what this version cannot read, and why.
    public var unreadable: [(number: String, reason: String)] = []
    /// Where the next page begins; nil: there are no more.
    public var end: String?
}

/// A ticket that has links, with what is known of it.
public struct TicketWithLinks: Sendable {
    public var number: TicketNumber
    /// The desk's id; nil if the ticket was never seen.
    public var ticketID: Int64?
    /// Nil: never read.
    public var facts: TicketFacts?
    /// Since when the desk does not show it.
    public var unseenSince: Date?
}

enum ExpirySQL {
    static let tickets = Statement(
        "expiry.tickets", repeatable: true,
        """
        WITH RECURSIVE numbered AS (
            -- A loose walk over the index: one step a ticket, however many links it has.
            (SELECT link.ticket_number AS number
               FROM otalink.link
              WHERE link.ticket_number > $1
              ORDER BY link.ticket_number
              LIMIT 1)
             UNION ALL
            (SELECT next.ticket_number
               FROM numbered
              CROSS JOIN LATERAL (
                    SELECT link.ticket_number
                      FROM otalink.link
                     WHERE link.ticket_number > numbered.number
                     ORDER BY link.ticket_number
                     LIMIT 1) AS next)
        )
        SELECT page.number, ticket.unseen_since, \(TicketSQL.columns)
          FROM (SELECT number FROM numbered LIMIT $2) AS page
          LEFT JOIN otalink.ticket ON ticket.ticket_number = page.number
         ORDER BY page.number
        """)

    static let quiet = Statement("expiry.quiet", "SET LOCAL otalink.quiet = 'on'")

    /// Deletes some of the links of the tickets and tells so of each ticket; a ticket with more of them is told of again.
    ///
    /// Locks the rows by id, as everything does that changes links.
    static let deleteLinks = Statement(
        "expiry.delete_links",
        """
        WITH expired AS MATERIALIZED (
            SELECT number, reason
              FROM unnest($1::text[], $2::text[]) AS e (number, reason)
        ), chosen AS MATERIALIZED (
            SELECT link.id
              FROM otalink.link
             WHERE link.ticket_number IN (SELECT number FROM expired)
             LIMIT $3
        ), batch AS MATERIALIZED (
            SELECT link.id
              FROM otalink.link
             WHERE link.id IN (SELECT id FROM chosen)
             ORDER BY link.id
               FOR UPDATE
        ), gone AS (
            DELETE FROM otalink.link
             WHERE id IN (SELECT id FROM batch)
            RETURNING ticket_number
        ), told AS (
            INSERT INTO otalink.audit_event (event, ticket_number, reason, actor)
            SELECT 'links.expired', number, reason, 'job'
              FROM expired
             WHERE number IN (SELECT ticket_number FROM gone)
        )
        SELECT count(*)
          FROM gone
        """)

    /// A link or a session of the ticket, or a ticket merged into this one, still needs the facts.
    static let forgetTickets = Statement(
        "expiry.forget_tickets",
        """
        DELETE FROM otalink.ticket
         WHERE ticket_number = ANY ($1::text[])
           AND NOT EXISTS (SELECT FROM otalink.link WHERE link.ticket_number = ticket.ticket_number)
           AND NOT EXISTS (SELECT FROM otalink.session WHERE session.ticket_number = ticket.ticket_number)
           AND NOT EXISTS (
               SELECT FROM otalink.session_grant AS held WHERE held.ticket_number = ticket.ticket_number)
           AND NOT EXISTS (SELECT FROM otalink.ticket AS other WHERE other.merged_into = ticket.ticket_number)
        """)
}
