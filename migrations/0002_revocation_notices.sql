-- Whatever takes access away is told to every replica, whoever did it: the service, a job, or an UPDATE in psql.
-- Replicas cache sessions. A notice names what to forget: "session <id>", "customer <login>", "ticket <number>",
-- or "all" where one statement touched many rows.

CREATE FUNCTION otalink.notify_access(kind text, keys text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(keys) IS NULL OR cardinality(keys) = 0 THEN
        RETURN;
    END IF;
    -- A notice is limited to 8000 bytes and the queue to 8 GB: many rows are one notice.
    IF cardinality(keys) > 50 THEN
        PERFORM pg_notify('otalink_access', 'all');
    ELSE
        PERFORM pg_notify('otalink_access', kind || ' ' || key) FROM unnest(keys) AS key;
    END IF;
END
$$;
COMMENT ON FUNCTION otalink.notify_access(text, text[]) IS 'Tells all replicas to forget what they remember of these sessions, customer users or tickets.';

-- Sessions: revoked, deleted, or given to somebody else. Writing last_seen_at takes nothing away.
CREATE FUNCTION otalink.session_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('otalink.quiet', true) IS DISTINCT FROM 'on' THEN
            PERFORM otalink.notify_access('session', (SELECT array_agg(id::text) FROM before));
        END IF;
    ELSE
        PERFORM otalink.notify_access('session', (
            SELECT array_agg(before.id::text)
              FROM before LEFT JOIN after USING (id)
             WHERE after.id IS NULL
                OR (before.revoked_at, before.customer_login, before.ticket_number, before.scope, before.created_at)
                   IS DISTINCT FROM
                   (after.revoked_at, after.customer_login, after.ticket_number, after.scope, after.created_at)));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER session_updated AFTER UPDATE ON otalink.session
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.session_changed();
CREATE TRIGGER session_deleted AFTER DELETE ON otalink.session
    REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.session_changed();

-- Links: revoking or deleting one revokes the session that it opened. The nightly deletion sets otalink.quiet:
-- what it deletes is dead by the rules already.
CREATE FUNCTION otalink.link_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('otalink.quiet', true) IS DISTINCT FROM 'on' THEN
            UPDATE otalink.session
               SET revoked_at = now(), revoke_reason = 'link deleted'
             WHERE link_id IN (SELECT id FROM before WHERE state = 'used') AND revoked_at IS NULL;
        END IF;
    ELSIF EXISTS (SELECT FROM after WHERE state = 'revoked') THEN
        UPDATE otalink.session
           SET revoked_at = now(), revoke_reason = 'link revoked'
         WHERE link_id IN (SELECT id FROM after WHERE state = 'revoked') AND revoked_at IS NULL;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER link_updated AFTER UPDATE ON otalink.link
    REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.link_changed();
CREATE TRIGGER link_deleted AFTER DELETE ON otalink.link
    REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.link_changed();

-- Tickets: anything but the time of reading and the title may take access away.
CREATE FUNCTION otalink.ticket_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('otalink.quiet', true) IS DISTINCT FROM 'on' THEN
            PERFORM otalink.notify_access('ticket', (SELECT array_agg(ticket_number) FROM before));
        END IF;
    ELSE
        PERFORM otalink.notify_access('ticket', (
            SELECT array_agg(before.ticket_number)
              FROM before LEFT JOIN after USING (ticket_number)
             WHERE after.ticket_number IS NULL
                OR (before.state_type, before.customer_login, before.closed_at, before.merged_into, before.is_visible)
                   IS DISTINCT FROM
                   (after.state_type, after.customer_login, after.closed_at, after.merged_into, after.is_visible)));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER ticket_updated AFTER UPDATE ON otalink.ticket
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.ticket_changed();
CREATE TRIGGER ticket_deleted AFTER DELETE ON otalink.ticket
    REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.ticket_changed();

-- Customer users: switched off, renamed, given another address or a password.
CREATE FUNCTION otalink.customer_user_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM otalink.notify_access('customer', (SELECT array_agg(login) FROM before));
    ELSE
        PERFORM otalink.notify_access('customer', (
            SELECT array_agg(before.login)
              FROM before LEFT JOIN after USING (id)
             WHERE (before.login, before.valid_id, before.email, before.pw)
                   IS DISTINCT FROM (after.login, after.valid_id, after.email, after.pw)));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER customer_user_updated AFTER UPDATE ON otalink.customer_user
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.customer_user_changed();
CREATE TRIGGER customer_user_deleted AFTER DELETE ON otalink.customer_user
    REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.customer_user_changed();

-- TRUNCATE has no rows to name.
CREATE FUNCTION otalink.access_truncated() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('otalink_access', 'all');
    RETURN NULL;
END
$$;
CREATE TRIGGER session_truncated AFTER TRUNCATE ON otalink.session
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.access_truncated();
CREATE TRIGGER link_truncated AFTER TRUNCATE ON otalink.link
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.access_truncated();
CREATE TRIGGER ticket_truncated AFTER TRUNCATE ON otalink.ticket
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.access_truncated();
CREATE TRIGGER customer_user_truncated AFTER TRUNCATE ON otalink.customer_user
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.access_truncated();

-- Settings, API keys: seldom changed, read again whole.
CREATE FUNCTION otalink.setting_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('otalink_setting', TG_TABLE_NAME);
    RETURN NULL;
END
$$;
CREATE TRIGGER setting_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON otalink.setting
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.setting_changed();

-- A mail that is due wakes a sender.
CREATE FUNCTION otalink.mail_queued() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('otalink_mail', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER mail_queued AFTER INSERT ON otalink.mail_outbox
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.mail_queued();
