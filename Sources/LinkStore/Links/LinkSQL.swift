import PostgresClient

/// The statements of the table `link`.
package enum LinkSQL {
    /// Facts for redeeming, for many links at once. A link's mail is on the way while it, or another that carries
    /// the link, is queued, or, where another program mails, for ten minutes.
    package static let facts = Statement(
        "link.facts", repeatable: true,
        """
        WITH clock AS (SELECT COALESCE($2::timestamptz, clock_timestamp()) AS now)
        SELECT clock.now, link.id, link.sequence, link.ticket_number, link.customer_login, link.recipient, link.state,
               link.created_at, link.used_at, link.used_by_browser,
               \(CustomerUserSQL.columns), \(TicketSQL.columns),
               newer.active AS newer_active, newer.offered AS newer_offered,
               mails.minute AS mails_minute, mails.hour AS mails_hour, mails.oldest AS oldest_mail,
               mails.is_refused AS mail_refused, opened.id AS open_session
          FROM unnest($1::uuid[]) AS asked (id)
          JOIN otalink.link ON link.id = asked.id
         CROSS JOIN clock
          LEFT JOIN otalink.customer_user ON customer_user.login = link.customer_login
          LEFT JOIN otalink.customer_preference AS language
                 ON language.user_id = link.customer_login AND language.preferences_key = 'UserLanguage'
          LEFT JOIN otalink.ticket ON ticket.ticket_number = link.ticket_number
          LEFT JOIN LATERAL (
               SELECT session.id
                 FROM otalink.session_grant AS held
                 JOIN otalink.session ON session.id = held.session_id
                WHERE link.state = 'used' AND held.link_id = link.id AND held.ended_at IS NULL
                  AND session.revoked_at IS NULL
                UNION ALL
               SELECT session.id
                 FROM otalink.session
                WHERE link.state = 'used' AND session.link_id = link.id AND session.revoked_at IS NULL
                  AND NOT session.has_grants
                LIMIT 1) AS opened ON true
         CROSS JOIN LATERAL (
               SELECT COALESCE(bool_or(newer.state = 'active' AND \(isWithinLifetime(days: 3))), false) AS active,
                      COALESCE(bool_or(newer.state = 'offered' AND \(isOnTheWay)), false) AS offered
                 FROM otalink.link AS newer
                WHERE newer.ticket_number = link.ticket_number
                  AND newer.customer_login = link.customer_login
                  AND newer.sequence > link.sequence
                  AND newer.state IN ('active', 'offered')) AS newer
         CROSS JOIN LATERAL (
               SELECT \(mailCounts)
                 FROM otalink.mail_outbox AS mail
                WHERE mail.ticket_number = link.ticket_number
                  AND mail.customer_login = link.customer_login
                  AND mail.kind = 'refresh'
                  AND mail.created_at > clock.now - interval '1 hour') AS mails
        """)

    /// Of refresh mails within the last hour. The newest one was refused if it is a dead letter to the address that is stored now.
    private static let mailCounts = """
        count(*) FILTER (WHERE mail.created_at > clock.now - interval '1 minute') AS minute,
        count(*) AS hour, min(mail.created_at) AS oldest,
        COALESCE((array_agg(mail.state = 'dead' AND mail.recipient = customer_user.email
                            ORDER BY mail.created_at DESC, mail.id DESC))[1], false) AS is_refused
        """

    /// The same about refresh mails, over all tickets of a chain of merges: they carry links to the last of them.
    static let mailsAmong = Statement(
        "link.mails_among", repeatable: true,
        """
        WITH clock AS (SELECT $3::timestamptz AS now)
        SELECT \(mailCounts)
          FROM otalink.mail_outbox AS mail
         CROSS JOIN clock
          LEFT JOIN otalink.customer_user ON customer_user.login = mail.customer_login
         WHERE mail.ticket_number = ANY ($1::text[])
           AND mail.customer_login = $2
           AND mail.kind = 'refresh'
           AND mail.created_at > clock.now - interval '1 hour'
        """)

    /// The same about newer links, over all tickets of a chain of merges.
    static let newerAmong = Statement(
        "link.newer_among", repeatable: true,
        """
        WITH clock AS (SELECT $4::timestamptz AS now)
        SELECT COALESCE(bool_or(newer.state = 'active' AND \(isWithinLifetime(days: 5))), false),
               COALESCE(bool_or(newer.state = 'offered' AND \(isOnTheWay)), false)
          FROM otalink.link AS newer
         CROSS JOIN clock
         WHERE newer.ticket_number = ANY ($1::text[])
           AND newer.customer_login = $2
           AND newer.sequence > $3
           AND newer.state IN ('active', 'offered')
        """)

    /// One writer at a time for a person and ticket, until the end of the transaction.
    static let lockPair = Statement(
        "link.lock_pair",
        "SELECT pg_advisory_xact_lock(hashtextextended('otalink ' || $1 || ' ' || $2, 0))")

    static let insert = Statement(
        "link.insert",
        """
        INSERT INTO otalink.link (id, ticket_number, customer_login, recipient, key_id, state, origin, activated_at)
        SELECT $1, $2, $3, $4, $5, $6::text, $7, CASE WHEN $6::text = 'active' THEN now() END
        ON CONFLICT (id) DO NOTHING
        """)

    /// Under the lock of the pair: the person's links for the ticket, except the one that takes their place.
    static let supersedeOlder = Statement(
        "link.supersede_older",
        """
        WITH locked AS MATERIALIZED (
            SELECT link.id
              FROM otalink.link
             WHERE link.ticket_number = $1
               AND link.customer_login = $2
               AND link.id <> $3
               AND link.state IN ('offered', 'active')
             ORDER BY link.id
               FOR UPDATE
        )
        UPDATE otalink.link
           SET state = 'superseded', ended_at = now()
         WHERE link.id IN (SELECT id FROM locked)
        """)

    /// Under the lock of the pair: what is older than the given link gives way to it.
    static let supersedeOlderThan = Statement(
        "link.supersede_older_than",
        """
        WITH locked AS MATERIALIZED (
            SELECT older.id
              FROM otalink.link AS older
              JOIN otalink.link AS newer ON newer.id = $1
             WHERE older.ticket_number = newer.ticket_number
               AND older.customer_login = newer.customer_login
               AND older.sequence < newer.sequence
               AND older.state IN ('offered', 'active')
             ORDER BY older.id
               FOR UPDATE OF older
        )
        UPDATE otalink.link
           SET state = 'superseded', ended_at = now()
         WHERE link.id IN (SELECT id FROM locked)
        """)

    /// Under the lock of the pair: an offered link becomes the active one, unless a newer one was accepted before it.
    static let activate = Statement(
        "link.activate",
        """
        UPDATE otalink.link
           SET state = CASE WHEN newer.taken THEN 'superseded' ELSE 'active' END,
               activated_at = CASE WHEN newer.taken THEN NULL ELSE now() END,
               ended_at = CASE WHEN newer.taken THEN now() END
          FROM (SELECT EXISTS (
                    SELECT
                      FROM otalink.link AS newer
                      JOIN otalink.link AS this ON this.id = $1
                     WHERE newer.ticket_number = this.ticket_number
                       AND newer.customer_login = this.customer_login
                       AND newer.sequence > this.sequence
                       AND newer.state IN ('active', 'used')) AS taken) AS newer
         WHERE link.id = $1
           AND link.state = 'offered'
        """)

    static let revoke = Statement(
        "link.revoke",
        """
        WITH revoked AS (
            UPDATE otalink.link
               SET state = 'revoked', ended_at = now(), end_reason = $2
             WHERE id = $1
               AND state <> 'revoked'
            RETURNING id, ticket_number, customer_login
        )
        \(auditRevoked(firstParameter: 2))
        """)

    static let revokeAll = Statement(
        "link.revoke_all",
        """
        WITH locked AS MATERIALIZED (
            SELECT id
              FROM otalink.link
             WHERE ($1::text IS NULL OR ticket_number = $1)
               AND ($2::text IS NULL OR customer_login = $2)
               AND ($1::text IS NOT NULL OR $2::text IS NOT NULL)
               AND state <> 'revoked'
             ORDER BY id
               FOR UPDATE
        ),
        revoked AS (
            UPDATE otalink.link
               SET state = 'revoked', ended_at = now(), end_reason = $3
             WHERE id IN (SELECT id FROM locked)
            RETURNING id, ticket_number, customer_login
        )
        \(auditRevoked(firstParameter: 3))
        """)

    static let list = Statement(
        "link.list", repeatable: true,
        """
        SELECT \(summaryColumns)
          FROM otalink.link
         WHERE ($1::text IS NULL OR ticket_number = $1)
           AND ($2::text IS NULL OR customer_login = $2)
         ORDER BY sequence DESC
         LIMIT $3
        """)

    static let find = Statement(
        "link.find", repeatable: true, "SELECT \(summaryColumns) FROM otalink.link WHERE id = $1")

    private static let summaryColumns =
        "id, ticket_number, customer_login, recipient, state, origin, created_at, used_at"

    static let countByKey = Statement(
        "link.count_by_key", repeatable: true, "SELECT key_id, count(*) FROM otalink.link GROUP BY key_id")

    private static func isWithinLifetime(days parameter: Int) -> String {
        "($\(parameter)::bigint = 0 OR newer.created_at > clock.now - make_interval(days => $\(parameter)::integer))"
    }

    private static let isOnTheWay = """
        CASE WHEN newer.origin = 'api' THEN false
             ELSE COALESCE(
                  (SELECT bool_or(mail.state = 'queued')
                     FROM otalink.mail_outbox AS mail
                    WHERE mail.link_id = newer.id),
                  newer.created_at > clock.now - interval '10 minutes') END
        """

    /// Parameters from the first on: reason, actor, client address, user agent, request id.
    private static func auditRevoked(firstParameter first: Int) -> String {
        let parameters = (first..<first + 5).map { "$\($0)" }.joined(separator: ", ")
        return """
            INSERT INTO otalink.audit_event
                   (event, link_id, ticket_number, customer_login, reason, actor, client_address, user_agent,
                    request_id)
            SELECT 'link.revoked', id, ticket_number, customer_login, \(parameters)
              FROM revoked
            RETURNING link_id
            """
    }
}
