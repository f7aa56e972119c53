import Foundation
import OneTimeLinks
import PostgresClient

/// The table `ticket`: what the desk said, and when.
public struct Tickets: Sendable {
    let client: PostgresClient

    /// The facts about a ticket and those that it was merged into, in order; empty when it was never read. A chain that
    /// leads to a ticket never read, or in a circle, ends before it.
    public func chain(from number: TicketNumber) async throws -> [TicketFacts] {
        try await client.query(TicketSQL.chain, number.text).compactMap(Self.decode)
    }

    /// The database's clock, for facts that are judged without a statement of their own.
    public func now() async throws -> Date {
        guard let row = try await client.query(TicketSQL.now).first else { throw StoredValueError(column: "now") }
        return try row.decode(Date.self)
    }

    /// Keeps what the desk said; facts read earlier never replace facts read later.
    ///
    /// - Parameters:
    ///   - readings: what was asked for, and the answer; nil: invisible.
    ///   - askedAt: the database's clock when the desk was asked.
    public func store(_ readings: [(number: TicketNumber, ticket: Ticket?)], askedAt: Date) async throws {
        guard !readings.isEmpty else { return }
        _ = try await client.query(TicketSQL.store, parameters: TicketSQL.parameters(readings, askedAt: askedAt))
    }

    /// Keeps that the desk does not show a ticket any more, under whichever numbers it is known.
    public func markUnseen(ticketID: Int64) async throws {
        _ = try await client.query(TicketSQL.markUnseen, ticketID)
    }

    /// From the columns of `TicketSQL.columns`; nil where an outer join found none.
    static func decode(_ row: PostgresRow) throws -> TicketFacts? {
        guard let readAt = try row.decode("ticket_read_at", as: Date?.self) else { return nil }
        let reportedAt = try row.decode("ticket_reported_at", as: Date?.self)
        guard try row.decode("ticket_is_visible", as: Bool.self) else {
            return TicketFacts(ticket: nil, readAt: readAt, reportedAt: reportedAt)
        }
        let ticket = Ticket(
            number: try row.ticketNumber("ticket_own_number"), ticketID: try row.decode("ticket_ticket_id"),
            title: try row.decode("ticket_title"), state: try row.decode("ticket_state"),
            stateType: TicketStateType(try row.decode("ticket_state_type", as: String.self)),
            customerLogin: try row.decode("ticket_customer_login"), customerID: try row.decode("ticket_customer_id"),
            closedAt: try row.decode("ticket_closed_at"),
            mergedInto: try row.decode("ticket_merged_into", as: String?.self).flatMap { TicketNumber($0) },
            queue: try row.decode("ticket_queue"))
        return TicketFacts(ticket: ticket, readAt: readAt, reportedAt: reportedAt)
    }
}

enum TicketSQL {
    static let columns = """
        ticket.ticket_number AS ticket_own_number, ticket.ticket_id AS ticket_ticket_id, ticket.title AS ticket_title,
        ticket.state AS ticket_state, ticket.state_type AS ticket_state_type, ticket.queue AS ticket_queue,
        ticket.customer_login AS ticket_customer_login, ticket.customer_id AS ticket_customer_id,
        ticket.closed_at AS ticket_closed_at, ticket.merged_into AS ticket_merged_into,
        ticket.is_visible AS ticket_is_visible, ticket.read_at AS ticket_read_at,
        ticket.reported_at AS ticket_reported_at
        """

    /// Parameters of `store`, in one order for all writers, so that two that read the same tickets cannot lock each
    /// other out.
    static func parameters(
        _ readings: [(number: TicketNumber, ticket: Ticket?)], askedAt: Date
    ) -> [any PostgresEncodable] {
        // Chains of merges meet: a ticket that was read twice is stored once.
        let latest = Dictionary(readings.map { ($0.number, $0) }, uniquingKeysWith: { _, last in last })
        let readings = latest.values.sorted { $0.number < $1.number }
        let tickets = readings.map(\.ticket)
        return [
            readings.map(\.number.text), tickets.map { $0?.ticketID }, tickets.map { $0?.title },
            tickets.map { $0?.state }, tickets.map { $0?.stateType.text }, tickets.map { $0?.queue },
            tickets.map { $0?.customerLogin }, tickets.map { $0?.customerID }, tickets.map { $0?.closedAt },
            tickets.map { $0?.mergedInto?.text }, askedAt,
        ]
    }

    /// In the order of the keys, as all writers of tickets.
    static let markUnseen = Statement(
        "ticket.mark_unseen", repeatable: true,
        """
        WITH locked AS MATERIALIZED (
            SELECT ticket_number
              FROM otalink.ticket
             WHERE ticket_id = $1
             ORDER BY ticket_number
               FOR UPDATE
        )
        UPDATE otalink.ticket
           SET is_visible = false, unseen_since = COALESCE(unseen_since, clock_timestamp()),
               read_at = clock_timestamp()
         WHERE ticket_number IN (SELECT ticket_number FROM locked)
        """)

    static let now = Statement("ticket.now", repeatable: true, "SELECT clock_timestamp()")

    static let chain = Statement(
        "ticket.chain", repeatable: true,
        """
        WITH RECURSIVE chain AS (
            SELECT ticket.ticket_number, 0 AS step
              FROM otalink.ticket
             WHERE ticket.ticket_number = $1
             UNION ALL
            SELECT ticket.merged_into, chain.step + 1
              FROM chain
              JOIN otalink.ticket USING (ticket_number)
             WHERE ticket.merged_into IS NOT NULL
               AND ticket.is_visible
               AND chain.step < 16
        ) CYCLE ticket_number SET is_circle USING path
        SELECT \(columns)
          FROM chain
          JOIN otalink.ticket USING (ticket_number)
         WHERE NOT chain.is_circle
         ORDER BY chain.step
        """)

    /// A ticket that was not known when the desk reported something of it is not fresh either, if it was read before.
    static let store = Statement(
        "ticket.store", repeatable: true,
        """
        INSERT INTO otalink.ticket AS ticket
               (ticket_number, ticket_id, title, state, state_type, queue, customer_login, customer_id, closed_at,
                merged_into, is_visible, unseen_since, read_at, reported_at)
        SELECT reading.ticket_number, reading.ticket_id, COALESCE(reading.title, ''), COALESCE(reading.state, ''),
               COALESCE(reading.state_type, ''), COALESCE(reading.queue, ''), reading.customer_login,
               COALESCE(reading.customer_id, ''), reading.closed_at, reading.merged_into,
               reading.ticket_id IS NOT NULL, CASE WHEN reading.ticket_id IS NULL THEN $11::timestamptz END,
               $11::timestamptz,
               (SELECT max(event.reported_at)
                  FROM otalink.desk_event AS event
                 WHERE event.ticket_id = reading.ticket_id)
          FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                      $8::text[], $9::timestamptz[], $10::text[])
               AS reading (ticket_number, ticket_id, title, state, state_type, queue, customer_login, customer_id,
                           closed_at, merged_into)
        ON CONFLICT (ticket_number) DO UPDATE
           SET ticket_id = COALESCE(excluded.ticket_id, ticket.ticket_id),
               title = CASE WHEN excluded.is_visible THEN excluded.title ELSE ticket.title END,
               state = CASE WHEN excluded.is_visible THEN excluded.state ELSE ticket.state END,
               state_type = CASE WHEN excluded.is_visible THEN excluded.state_type ELSE ticket.state_type END,
               queue = CASE WHEN excluded.is_visible THEN excluded.queue ELSE ticket.queue END,
               customer_login = CASE WHEN excluded.is_visible THEN excluded.customer_login
                                     ELSE ticket.customer_login END,
               customer_id = CASE WHEN excluded.is_visible THEN excluded.customer_id ELSE ticket.customer_id END,
               closed_at = CASE WHEN excluded.is_visible THEN excluded.closed_at ELSE ticket.closed_at END,
               merged_into = CASE WHEN excluded.is_visible THEN excluded.merged_into ELSE ticket.merged_into END,
               is_visible = excluded.is_visible,
               unseen_since = CASE WHEN excluded.is_visible THEN NULL
                                   ELSE COALESCE(ticket.unseen_since, excluded.unseen_since) END,
               read_at = excluded.read_at
         WHERE ticket.read_at <= excluded.read_at
        """)
}
