import PostgresClient

/// Spending links, in batches. The two statements are sent as one transaction, in a single round trip.
extension LinkSQL {
    /// The clicks of one browser take turns, over all replicas: each sees the session that the one before it opened, even if
    /// its cookie is still on the way. The keys come in ascending order.
    package static let lockBrowsers = Statement(
        "link.lock_browsers",
        "SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key")

    /// Spends links and opens their sessions. All links of the persons and tickets concerned that could change are
    /// locked first, in the order of their ids, as every other writer does; then the sessions that give way, likewise.
    ///
    /// Of several attempts on one link in the same batch the join picks one; the answer names the sessions opened. No two clicks
    /// of one browser are in a batch.
    ///
    /// The browser's session of the same person is the one that its cookie names, or the one that took its place, or one that a
    /// click with one of the same form cookies has opened within the last minute. Its grants move to the new session, unless it
    /// has ended meanwhile: then the lock finds no row. An older grant for the same ticket ends.
    package static let spend = Statement(
        "link.spend",
        """
        WITH clock AS (SELECT COALESCE($8::timestamptz, clock_timestamp()) AS now),
        asked AS (
            SELECT *
              FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::text[], $9::text[],
                          $10::uuid[])
                   AS asked (link_id, session_id, ticket_number, browser, client_address, user_agent, request_id, scope,
                             former_id)
        ),
        form AS (
            SELECT session_id, array_agg(hash) AS hashes
              FROM unnest($11::uuid[], $12::bytea[]) AS form (session_id, hash)
             GROUP BY session_id
        ),
        locked AS MATERIALIZED (
            SELECT link.id
              FROM otalink.link
             WHERE link.state IN ('offered', 'active')
               AND (link.ticket_number, link.customer_login) IN (
                   SELECT pair.ticket_number, pair.customer_login
                     FROM otalink.link AS pair
                    WHERE pair.id = ANY ($1::uuid[]))
             ORDER BY link.id
               FOR UPDATE
        ),
        spent AS (
            UPDATE otalink.link
               SET state = 'used', used_at = clock.now, used_by_browser = asked.browser,
                   activated_at = COALESCE(link.activated_at, clock.now)
              FROM asked, clock
             WHERE link.id = asked.link_id
               AND link.id IN (SELECT id FROM locked)
               AND link.state IN ('offered', 'active')
            RETURNING link.id, link.sequence, link.ticket_number AS own_ticket_number, link.customer_login,
                      asked.session_id, asked.ticket_number, asked.client_address, asked.user_agent, asked.request_id,
                      asked.scope, asked.former_id
        ),
        superseded AS (
            UPDATE otalink.link
               SET state = 'superseded', ended_at = clock.now
              FROM spent, clock
             WHERE link.ticket_number = spent.own_ticket_number
               AND link.customer_login = spent.customer_login
               AND link.sequence < spent.sequence
               AND link.state IN ('offered', 'active')
               AND link.id IN (SELECT id FROM locked)
               AND link.id <> ALL ($1::uuid[])
        ),
        giving_way AS MATERIALIZED (
            SELECT session.id, spent.session_id AS successor
              FROM spent
              JOIN otalink.session ON session.id = otalink.living_session(spent.former_id)
                                  AND session.customer_login = spent.customer_login
             UNION
            SELECT session.id, spent.session_id
              FROM spent
             CROSS JOIN clock
              JOIN form ON form.session_id = spent.session_id
              JOIN otalink.session ON session.customer_login = spent.customer_login
                                  AND session.created_at > clock.now - interval '1 minute'
                                  AND session.revoked_at IS NULL
                                  AND session.forms && form.hashes
        ),
        former AS MATERIALIZED (
            SELECT session.id, session.link_id, session.ticket_number, session.scope, session.created_at,
                   session.has_grants
              FROM otalink.session
             CROSS JOIN clock
             WHERE session.id IN (SELECT id FROM giving_way)
               AND session.revoked_at IS NULL
               AND session.last_seen_at > clock.now - make_interval(secs => $13)
             ORDER BY session.id
               FOR UPDATE OF session
        ),
        succession AS MATERIALIZED (
            SELECT former.*, giving_way.successor, spent.ticket_number AS new_ticket_number, spent.customer_login,
                   spent.client_address, spent.user_agent, spent.request_id
              FROM former
              JOIN giving_way USING (id)
              JOIN spent ON spent.session_id = giving_way.successor
        ),
        replaced AS (
            UPDATE otalink.session
               SET revoked_at = clock.now, revoke_reason = 'replaced by a new sign-in',
                   replaced_by = succession.successor, replaced_at = clock.now
              FROM succession, clock
             WHERE session.id = succession.id
        ),
        moved AS (
            UPDATE otalink.session_grant AS held
               SET session_id = succession.successor,
                   ended_at = CASE WHEN held.ticket_number = succession.new_ticket_number THEN clock.now END,
                   end_reason = CASE WHEN held.ticket_number = succession.new_ticket_number THEN 'newer link opened' END
              FROM succession, clock
             WHERE held.session_id = succession.id
               AND held.ended_at IS NULL
        ),
        opened AS (
            INSERT INTO otalink.session
                   (id, link_id, customer_login, ticket_number, created_at, last_seen_at, client_address, user_agent,
                    scope, has_grants, forms)
            SELECT spent.session_id, spent.id, spent.customer_login, spent.ticket_number, clock.now, clock.now,
                   spent.client_address, spent.user_agent, spent.scope, true, form.hashes
              FROM spent
             CROSS JOIN clock
              LEFT JOIN form ON form.session_id = spent.session_id
        ),
        granted AS (
            INSERT INTO otalink.session_grant (session_id, link_id, ticket_number, counts_at_desk, created_at)
            SELECT spent.session_id, spent.id, spent.ticket_number, spent.scope = 'account', clock.now
              FROM spent, clock
             UNION ALL
            SELECT succession.successor, succession.link_id, succession.ticket_number, succession.scope = 'account',
                   succession.created_at
              FROM succession
             WHERE NOT succession.has_grants
               AND succession.ticket_number <> succession.new_ticket_number
        ),
        audited AS (
            INSERT INTO otalink.audit_event
                   (at, event, link_id, session_id, ticket_number, customer_login, client_address, user_agent,
                    request_id, reason)
            SELECT clock.now, 'link.redeemed', spent.id, spent.session_id, spent.ticket_number, spent.customer_login,
                   spent.client_address, spent.user_agent, spent.request_id, NULL
              FROM spent, clock
             UNION ALL
            SELECT clock.now, 'session.revoked', succession.link_id, succession.id, succession.ticket_number,
                   succession.customer_login, succession.client_address, succession.user_agent, succession.request_id,
                   'replaced by a new sign-in'
              FROM succession, clock
        )
        SELECT session_id FROM spent
        """)
}
