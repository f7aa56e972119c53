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
    /// - Returns: the link and its first mail; nil when nothing was queued.
    public func offer(
        _ link: NewLink, in mails: [NewMail], eventKey: String?, isFirst: Bool, context: RequestContextFacts
    ) async throws -> QueuedMail? {
        guard let first = mails.first else { return nil }
        return try await client.transaction("link.offer_for_event") { transaction in
            _ = try await transaction.query(LinkSQL.lockPair, link.ticketNumber.text, link.customerLogin)
            let queued = try await transaction.query(
                EventSQL.insertMail, parameters: first.parameters(link: link) + [eventKey, isFirst])
            guard queued.affectedRows > 0 else { return nil }
            _ = try await transaction.pipeline(
                mails.dropFirst().map { (MailSQL.insert, $0.parameters(link: link)) }
                    + link.issuing(.offered, context: context))
            return QueuedMail(mailID: first.id, linkID: link.id)
        }
    }
}

enum EventSQL {
    /// Under the lock of the pair. Of two that tell of one event at the same instant, the unique index lets the second
    /// wait for the end of the first, and then do nothing.
    static let insertMail = Statement(
        "event.insert_mail",
        """
        INSERT INTO otalink.mail_outbox
               (id, kind, notification_id, link_id, ticket_number, customer_login, recipient, language, event_key)
        SELECT $1::uuid, $2::text, $3::bigint, $4::uuid, $5::text, $6::text, $7::text, $8::text, $9::text
         WHERE NOT ($10::boolean AND EXISTS (
                   SELECT
                     FROM otalink.link
                    WHERE link.ticket_number = $5
                      AND link.customer_login = $6))
        ON CONFLICT DO NOTHING
        """)
}
