import PostgresClient

/// The statements of the tables `session` and `session_grant`.
enum SessionSQL {
    /// The one grant of a session that the first release wrote stands in its own columns.
    private static let grants = """
        (SELECT session_grant.id, session_grant.link_id, session_grant.ticket_number, session_grant.counts_at_desk,
                session_grant.created_at
           FROM otalink.session_grant
          WHERE session_grant.session_id = session.id AND session_grant.ended_at IS NULL
          UNION ALL
         SELECT NULL, session.link_id, session.ticket_number, session.scope = 'account', session.created_at
          WHERE NOT session.has_grants)
        """

    /// A row a grant; a session without any has one too.
    static let facts = Statement(
        "session.facts", repeatable: true,
        """
        SELECT clock_timestamp() AS now, session.id, session.customer_login, session.last_seen_at, session.revoked_at,
               session.replaced_by, held.id AS grant_id, held.link_id, held.ticket_number, held.counts_at_desk,
               held.created_at, \(CustomerUserSQL.columns), \(TicketSQL.columns)
          FROM otalink.session
          LEFT JOIN LATERAL \(grants) AS held ON true
          LEFT JOIN otalink.customer_user ON customer_user.login = session.customer_login
          LEFT JOIN otalink.customer_preference AS language
                 ON language.user_id = session.customer_login AND language.preferences_key = 'UserLanguage'
          LEFT JOIN otalink.ticket ON ticket.ticket_number = held.ticket_number
         WHERE session.id = ANY ($1::uuid[])
        """)

    /// The end of the chain of sessions that replaced each other. For a browser ($2 is set) the first step must be recent, and of a
    /// click with one of its form cookies; what comes after it is of the same browser.
    static let successor = Statement(
        "session.successor", repeatable: true,
        """
        WITH RECURSIVE chain AS (
            SELECT next.id, next.replaced_by, 1 AS step
              FROM otalink.session
              JOIN otalink.session AS next ON next.id = session.replaced_by
             WHERE session.id = $1
               AND ($2::bytea[] IS NULL
                    OR session.replaced_at > clock_timestamp() - make_interval(secs => $3) AND next.forms && $2)
             UNION ALL
            SELECT next.id, next.replaced_by, chain.step + 1
              FROM chain
              JOIN otalink.session AS next ON next.id = chain.replaced_by
             WHERE chain.step < 1000
        )
        SELECT id
          FROM chain
         WHERE replaced_by IS NULL
        """)

    static let touch = Statement(
        "session.touch", repeatable: true,
        """
        UPDATE otalink.session
           SET last_seen_at = clock_timestamp()
         WHERE id = $1
           AND revoked_at IS NULL
           AND last_seen_at < clock_timestamp() - make_interval(secs => $2)
        """)

    /// Ends a session, or the one in its place, or all of a person. A row whose `is_ended` is false was changed by somebody else
    /// since the statement began: its grants may have moved.
    static let revoke = Statement(
        "session.revoke",
        """
        WITH wanted AS MATERIALIZED (
            SELECT id
              FROM otalink.session
             WHERE id = otalink.living_session($1)
             UNION
            SELECT id
              FROM otalink.session
             WHERE customer_login = $2
               AND revoked_at IS NULL
        ),
        locked AS MATERIALIZED (
            SELECT id
              FROM otalink.session
             WHERE id IN (SELECT id FROM wanted)
               AND revoked_at IS NULL
             ORDER BY id
               FOR UPDATE
        ),
        revoked AS (
            UPDATE otalink.session
               SET revoked_at = now(), revoke_reason = $3
             WHERE id IN (SELECT id FROM locked)
            RETURNING id, link_id, customer_login, ticket_number
        ),
        audited AS (
            INSERT INTO otalink.audit_event
                   (event, session_id, link_id, customer_login, ticket_number, reason, actor, client_address,
                    user_agent, request_id)
            SELECT 'session.revoked', id, link_id, customer_login, ticket_number, $3, $4, $5, $6, $7
              FROM revoked
        )
        SELECT wanted.id, revoked.id IS NOT NULL AS is_ended
          FROM wanted
          LEFT JOIN revoked USING (id)
        """)

    /// Ends a grant, wherever it has moved to. The trigger ends the session that has no other.
    static let endGrant = Statement(
        "session.end_grant",
        """
        WITH ended AS (
            UPDATE otalink.session_grant
               SET ended_at = now(), end_reason = $3
              FROM otalink.session
             WHERE session_grant.id = $1
               AND session_grant.ended_at IS NULL
               AND session.id = session_grant.session_id
               AND session.customer_login = $2
            RETURNING session_grant.session_id, session_grant.link_id, session_grant.ticket_number
        )
        INSERT INTO otalink.audit_event
               (event, session_id, link_id, customer_login, ticket_number, reason, actor, client_address, user_agent,
                request_id)
        SELECT 'grant.ended', session_id, link_id, $2, ticket_number, $3, $4, $5, $6, $7
          FROM ended
        RETURNING session_id
        """)

    static let list = Statement(
        "session.list", repeatable: true,
        """
        SELECT \(summaryColumns)
          FROM otalink.session
         WHERE revoked_at IS NULL
           AND ($1::text IS NULL OR customer_login = $1)
         ORDER BY created_at DESC
         LIMIT $2
        """)

    static let open = Statement(
        "session.open", repeatable: true,
        """
        SELECT \(summaryColumns)
          FROM otalink.session
         WHERE revoked_at IS NULL
           AND customer_login = $1
           AND created_at > now() - make_interval(secs => $2)
           AND last_seen_at > now() - make_interval(secs => $3)
         ORDER BY created_at DESC
         LIMIT 100
        """)

    private static let summaryColumns =
        "id, customer_login, ticket_number, created_at, last_seen_at, client_address, user_agent"

    static let grantsOf = Statement(
        "session.grants_of", repeatable: true,
        """
        SELECT session.id AS session_id, held.id, held.ticket_number, held.counts_at_desk, held.created_at, ticket.title
          FROM otalink.session
          JOIN LATERAL \(grants) AS held ON true
          LEFT JOIN otalink.ticket ON ticket.ticket_number = held.ticket_number
         WHERE session.id = ANY ($1::uuid[])
         ORDER BY held.created_at DESC, held.id DESC
        """)

    static let deleteEnded = Statement(
        "session.delete_ended",
        """
        DELETE FROM otalink.session
         WHERE created_at < now() - make_interval(secs => $1) - interval '1 day'
            OR revoked_at < now() - interval '1 day'
        """)
}
