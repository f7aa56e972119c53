import Foundation
import OneTimeLinks
import PostgresClient

/// The table `outbound_link`: links in mails that another program sends.
public struct OutboundLinks: Sendable {
    let client: PostgresClient

    /// Makes a link that a mail will carry; it is offered until the mail server has taken the mail.
    ///
    /// A mail that is handed over again gets the link that it had, unless that was revoked or is for another address by now.
    ///
    /// - Parameters:
    ///   - mailKey: stands for the mail and its recipient.
    ///   - allowance: what is counted for a link that is made; nil: nothing is.
    /// - Returns: the link's id and the key that signs its token.
    /// - Throws: ``TokenAllowanceUsedUp``; then no link was made.
    public func offer(
        _ new: NewLink, mailKey: [UInt8], allowance: TokenAllowance? = nil, actor: String, context: RequestContextFacts
    ) async throws -> (id: UUID, keyID: String) {
        try await client.transaction("outbound_link.offer") { transaction in
            _ = try await transaction.query(LinkSQL.lockPair, new.ticketNumber.text, new.customerLogin)
            if let known = try await transaction.query(OutboundLinkSQL.find, mailKey, new.recipient).first {
                return try known.decode(UUID.self, String.self)
            }
            try await allowance?.take(in: transaction)
            let kept: (Statement, [any PostgresEncodable]) = (OutboundLinkSQL.insert, [mailKey, new.id])
            _ = try await transaction.pipeline(new.issuing(.offered, actor: actor, context: context) + [kept])
            return (new.id, new.keyID)
        }
    }

    /// The mail server has taken the mail that carries the link: it becomes the person's active one, unless a newer one was
    /// accepted before it. Safe to repeat.
    ///
    /// - Returns: false when there is no such link in a mail.
    public func markAccepted(link: UUID, actor: String, context: RequestContextFacts) async throws -> Bool {
        try await client.transaction("outbound_link.accepted") { transaction in
            guard let row = try await transaction.query(OutboundLinkSQL.pair, link).first else { return false }
            let (ticket, login, isAccepted) = try row.decode(String.self, String.self, Bool.self)
            if isAccepted { return true }
            _ = try await transaction.pipeline([
                (LinkSQL.lockPair, [ticket, login]),
                (
                    OutboundLinkSQL.accept,
                    [link, actor, context.clientAddress, context.userAgent, context.requestID]
                ),
                (LinkSQL.supersedeOlderThan, [link]),
                (LinkSQL.activate, [link]),
            ])
            return true
        }
    }
}

enum OutboundLinkSQL {
    static let find = Statement(
        "outbound_link.find",
        """
        SELECT link.id, link.key_id
          FROM otalink.outbound_link
          JOIN otalink.link ON link.id = outbound_link.link_id
         WHERE outbound_link.mail_key = $1
           AND link.recipient = $2
           AND link.state <> 'revoked'
        """)

    static let insert = Statement(
        "outbound_link.insert",
        """
        INSERT INTO otalink.outbound_link (mail_key, link_id)
        VALUES ($1, $2)
        ON CONFLICT (mail_key) DO UPDATE
           SET link_id = excluded.link_id, created_at = now(), accepted_at = NULL
        """)

    static let pair = Statement(
        "outbound_link.pair",
        """
        SELECT link.ticket_number, link.customer_login, outbound_link.accepted_at IS NOT NULL
          FROM otalink.outbound_link
          JOIN otalink.link ON link.id = outbound_link.link_id
         WHERE outbound_link.link_id = $1
        """)

    static let accept = Statement(
        "outbound_link.accept",
        """
        WITH accepted AS (
            UPDATE otalink.outbound_link
               SET accepted_at = now()
             WHERE link_id = $1
               AND accepted_at IS NULL
            RETURNING link_id
        )
        INSERT INTO otalink.audit_event
               (event, link_id, ticket_number, customer_login, reason, actor, client_address, user_agent, request_id)
        SELECT 'mail.sent', link.id, link.ticket_number, link.customer_login, 'by the desk', $2, $3, $4, $5
          FROM accepted
          JOIN otalink.link ON link.id = accepted.link_id
        """)
}
