-- A session belongs to one person and holds grants, one for each ticket whose link its browser opened. Each click makes a new
-- session, to which the grants of the browser's session of the same person move; the old one ends and names the new one.
-- The first release knows nothing of grants: its sessions have has_grants false, and each of those is one grant. What it reads
-- (link_id, ticket_number, scope, created_at) names the newest grant that has not ended.

ALTER TABLE otalink.session
    ADD COLUMN has_grants  boolean NOT NULL DEFAULT false,
    ADD COLUMN replaced_by uuid,
    ADD COLUMN replaced_at timestamptz,
    ADD COLUMN forms       bytea[];
COMMENT ON COLUMN otalink.session.link_id IS 'The link of its newest grant that has not ended; the row may have been deleted since.';
COMMENT ON COLUMN otalink.session.ticket_number IS 'The ticket of that grant. All of them: see session_grant.';
COMMENT ON COLUMN otalink.session.scope IS 'account: that grant counts for the desk and for other programs. ticket: it does not.';
COMMENT ON COLUMN otalink.session.created_at IS 'When that grant began; SessionLifetime counts from here.';
COMMENT ON COLUMN otalink.session.has_grants IS 'False: the first release wrote it, and the columns of this row are its one grant.';
COMMENT ON COLUMN otalink.session.replaced_by IS 'The session of a later click of the same browser, to which the grants have moved. It may have been replaced too.';
COMMENT ON COLUMN otalink.session.replaced_at IS 'When; for a minute a request with the old cookie is led to the new session.';
COMMENT ON COLUMN otalink.session.forms IS 'Hashes of the form cookies that came with the click; they tell which browser it was.';

CREATE TABLE otalink.session_grant (
    id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id     uuid        NOT NULL REFERENCES otalink.session ON DELETE CASCADE,
    link_id        uuid,
    ticket_number  text,
    counts_at_desk boolean     NOT NULL DEFAULT false,
    created_at     timestamptz NOT NULL DEFAULT now(),
    ended_at       timestamptz,
    end_reason     text
);
CREATE INDEX session_grant_of_session ON otalink.session_grant (session_id);
CREATE INDEX session_grant_of_link ON otalink.session_grant (link_id) WHERE link_id IS NOT NULL;
REVOKE ALL ON otalink.session_grant FROM PUBLIC;
COMMENT ON TABLE otalink.session_grant IS 'What sessions give access to. Set ended_at to end one; every replica obeys within a second, and a session without any is over.';
COMMENT ON COLUMN otalink.session_grant.id IS 'Number of the grant; it stays when the grant moves to the session of the next click.';
COMMENT ON COLUMN otalink.session_grant.session_id IS 'The session that holds it.';
COMMENT ON COLUMN otalink.session_grant.link_id IS 'The link behind it, which ends it when it is revoked; null: there is none.';
COMMENT ON COLUMN otalink.session_grant.ticket_number IS 'The ticket that it shows; null: all tickets of the person, on our pages.';
COMMENT ON COLUMN otalink.session_grant.counts_at_desk IS 'The person is signed in at the desk and at other programs by it, as Landing said at the click.';
COMMENT ON COLUMN otalink.session_grant.created_at IS 'When it began; it ends SessionLifetime later.';
COMMENT ON COLUMN otalink.session_grant.ended_at IS 'When it was ended before its time.';
COMMENT ON COLUMN otalink.session_grant.end_reason IS 'Why.';

CREATE FUNCTION otalink.living_session(first uuid) RETURNS uuid
LANGUAGE sql STABLE STRICT AS $$
    WITH RECURSIVE chain AS (
        SELECT session.id, session.replaced_by, session.revoked_at, 0 AS step
          FROM otalink.session
         WHERE session.id = first
         UNION ALL
        SELECT next.id, next.replaced_by, next.revoked_at, chain.step + 1
          FROM chain
          JOIN otalink.session AS next ON next.id = chain.replaced_by
         WHERE chain.step < 1000
    )
    SELECT id
      FROM chain
     WHERE replaced_by IS NULL
       AND revoked_at IS NULL
$$;
COMMENT ON FUNCTION otalink.living_session(uuid) IS
    'The session that holds the grants by now: itself, or the one that replaced it; null: it has ended. Idle time and lifetimes are not looked at.';

-- Grants: ended, deleted or changed. One that only moves to the session of the next click takes nothing away.
CREATE FUNCTION otalink.session_grant_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    touched uuid[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        touched := ARRAY(SELECT DISTINCT session_id FROM before WHERE ended_at IS NULL);
    ELSE
        touched := ARRAY(
            SELECT DISTINCT before.session_id
              FROM before LEFT JOIN after USING (id)
             WHERE after.id IS NULL
                OR (before.ended_at, before.link_id, before.ticket_number, before.counts_at_desk, before.created_at)
                   IS DISTINCT FROM
                   (after.ended_at, after.link_id, after.ticket_number, after.counts_at_desk, after.created_at)
             UNION
            SELECT after.session_id
              FROM before JOIN after USING (id)
             WHERE before.ended_at IS NULL AND after.ended_at IS NOT NULL);
    END IF;
    IF cardinality(touched) = 0 THEN
        RETURN NULL;
    END IF;
    -- What the first release reads names a grant that has not ended.
    UPDATE otalink.session
       SET link_id = held.link_id, ticket_number = held.ticket_number, scope = held.scope, created_at = held.created_at
      FROM (SELECT DISTINCT ON (session_id) session_id, link_id, ticket_number, created_at,
                   CASE WHEN counts_at_desk THEN 'account' ELSE 'ticket' END AS scope
              FROM otalink.session_grant
             WHERE session_id = ANY (touched)
               AND ended_at IS NULL
               AND link_id IS NOT NULL
               AND ticket_number IS NOT NULL
             ORDER BY session_id, created_at DESC, id DESC) AS held
     WHERE session.id = held.session_id
       AND session.has_grants
       AND session.revoked_at IS NULL
       AND (session.link_id, session.ticket_number, session.scope, session.created_at)
           IS DISTINCT FROM (held.link_id, held.ticket_number, held.scope, held.created_at);
    UPDATE otalink.session
       SET revoked_at = now(),
           revoke_reason = COALESCE(
               (SELECT ended.end_reason
                  FROM otalink.session_grant AS ended
                 WHERE ended.session_id = session.id
                 ORDER BY ended.ended_at DESC NULLS LAST
                 LIMIT 1), 'no grant left')
     WHERE session.id = ANY (touched)
       AND session.has_grants
       AND session.revoked_at IS NULL
       AND NOT EXISTS (
           SELECT FROM otalink.session_grant AS held WHERE held.session_id = session.id AND held.ended_at IS NULL);
    PERFORM otalink.notify_access('session', (
        SELECT array_agg(session.id::text)
          FROM otalink.session
         WHERE session.id = ANY (touched) AND session.revoked_at IS NULL));
    RETURN NULL;
END
$$;
CREATE TRIGGER session_grant_updated AFTER UPDATE ON otalink.session_grant
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.session_grant_changed();
CREATE TRIGGER session_grant_deleted AFTER DELETE ON otalink.session_grant
    REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.session_grant_changed();
CREATE TRIGGER session_grant_truncated AFTER TRUNCATE ON otalink.session_grant
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.access_truncated();

-- Revoking or deleting a link ends its grants; a mail that was to carry it is dropped, as before. Sessions are locked before their grants, by id, as a click does.
CREATE OR REPLACE FUNCTION otalink.link_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    gone uuid[];
    why text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE otalink.mail_outbox
           SET state = 'dropped', finished_at = now(), claimed_by = NULL, claimed_until = NULL,
               last_error = 'its link was deleted'
         WHERE state = 'queued' AND link_id IN (SELECT id FROM before);
        IF current_setting('otalink.quiet', true) IS NOT DISTINCT FROM 'on' THEN
            RETURN NULL;
        END IF;
        gone := ARRAY(SELECT id FROM before WHERE state = 'used');
        why := 'link deleted';
    ELSE
        gone := ARRAY(SELECT id FROM after WHERE state = 'revoked');
        why := 'link revoked';
    END IF;
    IF cardinality(gone) = 0 THEN
        RETURN NULL;
    END IF;
    PERFORM
       FROM otalink.session
      WHERE session.id IN (
            SELECT held.session_id
              FROM otalink.session_grant AS held
             WHERE held.link_id = ANY (gone) AND held.ended_at IS NULL)
      ORDER BY session.id
        FOR UPDATE;
    UPDATE otalink.session_grant
       SET ended_at = now(), end_reason = why
     WHERE link_id = ANY (gone) AND ended_at IS NULL;
    UPDATE otalink.session
       SET revoked_at = now(), revoke_reason = why
     WHERE link_id = ANY (gone) AND revoked_at IS NULL AND NOT has_grants;
    RETURN NULL;
END
$$;

CREATE VIEW otalink.open_grants AS
SELECT session.id AS session_id, session.customer_login, held.ticket_number, held.counts_at_desk, held.created_at,
       session.last_seen_at, session.client_address, held.link_id, held.id AS grant_id
  FROM otalink.session
  JOIN LATERAL (
       SELECT session_grant.id, session_grant.link_id, session_grant.ticket_number, session_grant.counts_at_desk,
              session_grant.created_at
         FROM otalink.session_grant
        WHERE session_grant.session_id = session.id AND session_grant.ended_at IS NULL
        UNION ALL
       SELECT NULL, session.link_id, session.ticket_number, session.scope = 'account', session.created_at
        WHERE NOT session.has_grants) AS held ON true
 WHERE session.revoked_at IS NULL;
COMMENT ON VIEW otalink.open_grants IS
    'Which ticket is open in which session; ticket_number null: all of the person. The lifetimes in the settings may have ended some of them.';

-- A sign-in at a client lasts as long as the session that its own was replaced by.
CREATE OR REPLACE VIEW otalink.openid_sign_ins AS
SELECT code.issued_at, code.client_id, session.customer_login, session.ticket_number, code.session_id, code.scopes,
       code.used_at,
       CASE WHEN code.revoked_at IS NOT NULL THEN 'revoked'
            WHEN otalink.living_session(code.session_id) IS NULL THEN 'session ended'
            WHEN code.used_at IS NULL THEN 'not exchanged'
            ELSE 'not ended' END AS state
  FROM otalink.oidc_code AS code
  LEFT JOIN otalink.session ON session.id = code.session_id;

-- The inspector reads no hash of a form cookie.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'otalink_inspector') THEN
        REVOKE SELECT ON otalink.session FROM otalink_inspector;
    END IF;
END
$$;
UPDATE otalink.role_right
   SET privilege = replace(privilege, 'otalink.ticket, otalink.session, ', 'otalink.ticket, ')
 WHERE role = 'otalink_inspector';
INSERT INTO otalink.role_right (role, privilege) VALUES
    ('otalink_inspector', 'SELECT (id, link_id, customer_login, ticket_number, scope, created_at, last_seen_at, revoked_at, revoke_reason, client_address, user_agent, has_grants, replaced_by, replaced_at) ON otalink.session'),
    ('otalink_inspector', 'SELECT ON otalink.session_grant, otalink.open_grants');
SELECT otalink.grant_roles();
