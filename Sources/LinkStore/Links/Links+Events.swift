import OneTimeLinks
import PostgresClient

extension Links {
    /// Makes a link together with the mails that tell of an event at the desk, in one transaction, unless the event was
    /// told of before.
    ///
    /// All mails carry the one link. Safe to repeat after a lost connection, and at the same instant on several
    /// replicas.
    ///
    /// - Parameters:
    ///   - eventKey: names the event; nil: it can be told from no other, so that only `isFirst` keeps repeats apart.
    ///   - isFirst: the person must not have had a link for the ticket before.
    ///   - firstLinksPerHour: as many first links are mailed to one address within an hour, over all replicas; looked at if the
    ///     mails carry a first link.
    public func offer(
        _ link: NewLink, in mails: [NewMail], eventKey: String?, isFirst: Bool, firstLinksPerHour: Int,
        context: RequestContextFacts
    ) async throws -> EventMail {
        guard let first = mails.first else { return .told }
        return try await client.transaction("link.offer_for_event") { transaction in
            let isLimited = first.firstLink != nil
            if isLimited {
                // The address before the pair, as everybody who takes both.
                let address = AddressIdentity.canonical(link.recipient)
                _ = try await transaction.query(EventSQL.lockAddress, address)
                _ = try await transaction.query(LinkSQL.lockPair, link.ticketNumber.text, link.customerLogin)
                let count = try await transaction.query(
                    EventSQL.firstLinks, address, eventKey, isFirst, link.ticketNumber.text, link.customerLogin
                ).only().decode(Int.self)
                guard count < firstLinksPerHour else { return .limited }
            } else {
                _ = try await transaction.query(LinkSQL.lockPair, link.ticketNumber.text, link.customerLogin)
            }
            let queued = try await transaction.query(
                EventSQL.insertMail, parameters: first.parameters(link: link) + [eventKey, isFirst])
            guard queued.affectedRows > 0 else { return .told }
            _ = try await transaction.pipeline(
                mails.dropFirst().map { (MailSQL.insert, $0.parameters(link: link)) }
                    + link.issuing(.offered, context: context))
            return .queued(QueuedMail(mailID: first.id, linkID: link.id))
        }
    }
}

/// What became of the mails of an event.
public enum EventMail: Sendable, Hashable {
    /// The link and its first mail.
    case queued(QueuedMail)
    /// The event was told of before, or the person has had a link.
    case told
    /// As many first links as an hour allows were mailed to the address.
    case limited
}

enum EventSQL {
    /// One writer at a time for an address, until the end of the transaction.
    static let lockAddress = Statement(
        "event.lock_address", "SELECT pg_advisory_xact_lock(hashtextextended('otalink first link ' || $1, 0))")

    /// Under the lock of the address: its first links of the last hour; none where there is nothing left to tell.
    static let firstLinks = Statement(
        "event.first_links",
        """
        SELECT count(DISTINCT link_id)
          FROM otalink.mail_outbox
         WHERE first_link_to = $1
           AND created_at > now() - interval '1 hour'
           AND state <> 'dropped'
           AND NOT EXISTS (SELECT FROM otalink.mail_outbox AS told WHERE told.event_key = $2)
           AND NOT ($3::boolean AND EXISTS (
                   SELECT
                     FROM otalink.link
                    WHERE link.ticket_number = $4
                      AND link.customer_login = $5))
        """)

    /// Under the lock of the pair. Of two that tell of one event at the same instant, the unique index lets the second
    /// wait for the end of the first, and then do nothing.
    static let insertMail = Statement(
        "event.insert_mail",
        """
        INSERT INTO otalink.mail_outbox
               (id, kind, notification_id, link_id, ticket_number, customer_login, recipient, language, first_link_to,
                verdict_key, is_judged, event_key)
        SELECT $1::uuid, $2::text, $3::bigint, $4::uuid, $5::text, $6::text, $7::text, $8::text, $9::text, $10::text,
               $11::boolean, $12::text
         WHERE NOT ($13::boolean AND EXISTS (
                   SELECT
                     FROM otalink.link
                    WHERE link.ticket_number = $5
                      AND link.customer_login = $6))
        ON CONFLICT DO NOTHING
        """)
}
