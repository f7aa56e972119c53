-- What an operator asks of the OpenID Connect provider and of the calls of programs, and a role that may ask everything and read no
-- secret.

CREATE VIEW otalink.openid_clients AS
SELECT id, secret_hash IS NULL AS is_public, may_omit_pkce, may_use_id_token, redirect_uris, post_logout_redirect_uris,
       created_at
  FROM otalink.oidc_client;
COMMENT ON VIEW otalink.openid_clients IS 'Programs that customers sign in to by OpenID Connect, what each may do, and the addresses that it may name.';

CREATE VIEW otalink.openid_sign_ins AS
SELECT code.issued_at, code.client_id, session.customer_login, session.ticket_number, code.session_id, code.scopes,
       code.used_at,
       CASE WHEN code.revoked_at IS NOT NULL THEN 'revoked'
            WHEN session.id IS NULL OR session.revoked_at IS NOT NULL THEN 'session ended'
            WHEN code.used_at IS NULL THEN 'not exchanged'
            ELSE 'not ended' END AS state
  FROM otalink.oidc_code AS code
  LEFT JOIN otalink.session ON session.id = code.session_id;
COMMENT ON VIEW otalink.openid_sign_ins IS 'Who signed in at which program, and what became of it; gone with the session.';

CREATE VIEW otalink.openid_keys AS
SELECT kid, ring_key_id, published_at, first_use_at, retired_at
  FROM otalink.oidc_signing_key;
COMMENT ON VIEW otalink.openid_keys IS 'Keys that sign ID tokens, and the secret key that seals each; "otalink oidc key list" says which one signs now.';

CREATE VIEW otalink.api_calls AS
SELECT api_key, created_at, answered_at, outcome, ticket_number, link_id, request_id
  FROM otalink.api_request;
COMMENT ON VIEW otalink.api_calls IS 'Calls within the last day that asked for a link and may be repeated, and what came of them.';

-- A key that seals signing keys must stay in the ring too.
CREATE OR REPLACE VIEW otalink.keys_in_use AS
SELECT COALESCE(link.key_id, sealed.key_id) AS key_id, COALESCE(link.links, 0) AS links,
       COALESCE(link.open_links, 0) AS open_links, link.oldest_link, link.newest_link,
       COALESCE(sealed.signing_keys, 0) AS signing_keys
  FROM (SELECT key_id, count(*) AS links, count(*) FILTER (WHERE state IN ('offered', 'active')) AS open_links,
               min(created_at) AS oldest_link, max(created_at) AS newest_link
          FROM otalink.link
         WHERE key_id <> 'add-on'
         GROUP BY key_id) AS link
  FULL JOIN (SELECT ring_key_id AS key_id, count(*) AS signing_keys
               FROM otalink.oidc_signing_key
              GROUP BY ring_key_id) AS sealed ON sealed.key_id = link.key_id;
COMMENT ON VIEW otalink.keys_in_use IS
    'How many links each secret key signs, and how many signing keys it seals. A key may leave the ring when it is not listed here; "otalink keys list" compares with the ring.';

-- The roles as before, and one for whoever looks inside. What is not named here no role sees, so a new table is closed until
-- somebody thinks of it.
CREATE OR REPLACE FUNCTION otalink.grant_roles() RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    wanted record;
    missing text := '';
BEGIN
    FOR wanted IN
        SELECT *
          FROM (VALUES
            ('otalink_mail', 'The inbound mail filter: customer users and settings, but no links and no sessions.', ARRAY[
                'GRANT USAGE ON SCHEMA otalink TO otalink_mail',
                'GRANT SELECT ON otalink.setting, otalink.ticket, otalink.customer_preference, otalink.customer_backend TO otalink_mail',
                'GRANT SELECT, INSERT, UPDATE ON otalink.customer_user TO otalink_mail',
                'GRANT INSERT ON otalink.customer_preference, otalink.audit_event TO otalink_mail',
                'GRANT SELECT (event, at, customer_login) ON otalink.audit_event TO otalink_mail',
                'GRANT SELECT (id, ticket_number, created_at) ON otalink.mail_outbox TO otalink_mail']),
            ('otalink_desk', 'The desk: our own customer users as one of its backends.', ARRAY[
                'GRANT USAGE ON SCHEMA otalink TO otalink_desk',
                'GRANT SELECT, INSERT, UPDATE ON otalink.own_customer_user TO otalink_desk']),
            ('otalink_inspector', 'Operators who look inside: reads everything but secrets, changes nothing.', ARRAY[
                'GRANT USAGE ON SCHEMA otalink TO otalink_inspector',
                'GRANT SELECT ON otalink.open_links, otalink.open_sessions, otalink.ticket_history, otalink.recent_events, otalink.mail_queue, otalink.job_status, otalink.sign_ins, otalink.refusals, otalink.link_visits, otalink.customer_users, otalink.unseen_tickets, otalink.link_wishes, otalink.keys_in_use, otalink.api_keys, otalink.daily_figures, otalink.storage TO otalink_inspector',
                'GRANT SELECT ON otalink.openid_clients, otalink.openid_sign_ins, otalink.openid_keys, otalink.api_calls TO otalink_inspector',
                'GRANT SELECT ON otalink.setting, otalink.ticket, otalink.session, otalink.mail_outbox, otalink.job_run, otalink.audit_event, otalink.notification, otalink.notification_message, otalink.customer_backend, otalink.schema_migration, otalink.oidc_subject, otalink.api_use TO otalink_inspector',
                -- No hash of a form cookie, no password, no hash of a key or token.
                'GRANT SELECT (id, sequence, ticket_number, customer_login, recipient, key_id, state, origin, created_at, activated_at, used_at, ended_at, end_reason) ON otalink.link TO otalink_inspector',
                'GRANT SELECT (id, login, email, customer_id, title, first_name, last_name, phone, fax, mobile, street, zip, city, country, comments, valid_id, create_time, create_by, change_time, change_by, backend) ON otalink.customer_user TO otalink_inspector',
                'GRANT SELECT (id, name, scopes, created_at, revoked_at, last_used_at) ON otalink.api_key TO otalink_inspector',
                'GRANT SELECT (link_id, created_at, accepted_at) ON otalink.outbound_link TO otalink_inspector',
                'GRANT SELECT (link_id, imported_at) ON otalink.add_on_token TO otalink_inspector'])
          ) AS role (name, purpose, grants)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted.name);
                EXECUTE format('COMMENT ON ROLE %I IS %L', wanted.name, wanted.purpose);
            EXCEPTION
                WHEN insufficient_privilege THEN
                    missing := missing || format(E'CREATE ROLE %I NOLOGIN;\n', wanted.name)
                            || array_to_string(wanted.grants, E';\n') || E';\n';
                    CONTINUE;
                -- Another database of the cluster migrates at this moment.
                WHEN duplicate_object OR unique_violation THEN NULL;
            END;
        END IF;
        FOR i IN 1..cardinality(wanted.grants) LOOP
            EXECUTE wanted.grants[i];
        END LOOP;
    END LOOP;
    RETURN missing;
END
$$;
COMMENT ON FUNCTION otalink.grant_roles() IS
    'Makes the roles otalink_mail, otalink_desk and otalink_inspector and gives them their rights. Returns what a superuser has to run instead where we may not; empty: nothing.';

SELECT otalink.grant_roles();
