import OneTimeLinks
import PostgresClient

extension Links {
    /// Makes a link and the refresh mail that carries it for a person who asked without an old link in hand, unless one is on
    /// its way or the limits are reached.
    ///
    /// - Returns: false: nothing was queued.
    public func offer(
        requested link: NewLink, mail: NewMail, perMinute: Int, perHour: Int, context: RequestContextFacts
    ) async throws -> Bool {
        try await client.transaction("link.offer_requested") { transaction in
            _ = try await transaction.query(LinkSQL.lockPair, link.ticketNumber.text, link.customerLogin)
            let (minute, hour, isOnTheWay) = try await transaction.query(
                MailSQL.recentRefreshes, link.ticketNumber.text, link.customerLogin
            ).only().decode(Int.self, Int.self, Bool.self)
            guard !isOnTheWay, minute < perMinute, hour < perHour else { return false }
            _ = try await transaction.pipeline(
                link.issuing(.offered, context: context) + [(MailSQL.insert, mail.parameters(link: link))])
            return true
        }
    }
}

extension MailSQL {
    static let recentRefreshes = Statement(
        "mail.recent_refreshes",
        """
        SELECT count(*) FILTER (WHERE created_at > now() - interval '1 minute'), count(*),
               COALESCE(bool_or(state = 'queued'), false)
          FROM otalink.mail_outbox
         WHERE ticket_number = $1
           AND customer_login = $2
           AND kind = 'refresh'
           AND created_at > now() - interval '1 hour'
        """)
}
