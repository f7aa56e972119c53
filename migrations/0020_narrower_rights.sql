-- Roles get what their programs do, by columns, and lose what is not in role_right.

-- This function runs with our rights. Whoever could call it could put it on a table of their own and have it rename customers.
REVOKE ALL ON FUNCTION otalink.oidc_subject_follows() FROM PUBLIC;

CREATE OR REPLACE FUNCTION otalink.oidc_subject_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_RELID <> 'otalink.customer_user'::regclass OR TG_OP <> 'UPDATE' OR TG_LEVEL <> 'ROW' THEN
        RAISE EXCEPTION 'this function serves the table otalink.customer_user only' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE otalink.oidc_subject
       SET customer_login = NEW.login
     WHERE customer_login = OLD.login
       AND NOT EXISTS (SELECT FROM otalink.oidc_subject AS taken WHERE taken.customer_login = NEW.login);
    RETURN NULL;
END
$$;

-- The mail filter makes accounts and, in releases before this one, renews copies of the desk's. It changes no account of ours, since an
-- address is all that a customer needs to sign in, and it gives no account a password.
CREATE FUNCTION otalink.customer_user_guarded() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Who may write through the desk's view, as our own user and the desk's role, is not the filter.
    IF has_table_privilege(current_user, 'otalink.own_customer_user', 'UPDATE')
       OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'otalink_mail' AND pg_has_role(oid, 'USAGE'))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the role otalink_mail changes no customer user of our own and sets no password'
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER customer_user_guarded_insert BEFORE INSERT ON otalink.customer_user
    FOR EACH ROW WHEN (COALESCE(NEW.pw, '') NOT IN ('', '*') OR (NEW.backend = '' AND COALESCE(NEW.pw, '') <> ''))
    EXECUTE FUNCTION otalink.customer_user_guarded();
CREATE TRIGGER customer_user_guarded_update BEFORE UPDATE ON otalink.customer_user
    FOR EACH ROW WHEN (OLD.backend = '' OR NEW.backend = '' OR COALESCE(NEW.pw, '') NOT IN ('', '*'))
    EXECUTE FUNCTION otalink.customer_user_guarded();
COMMENT ON FUNCTION otalink.customer_user_guarded() IS 'Keeps the mail filter''s role from our own customer users and from passwords.';

DELETE FROM otalink.role_right
 WHERE role = 'otalink_mail'
   AND privilege IN ('SELECT ON otalink.setting, otalink.ticket, otalink.customer_preference, otalink.customer_backend',
                     'SELECT, INSERT, UPDATE ON otalink.customer_user',
                     'INSERT ON otalink.customer_preference, otalink.audit_event');
INSERT INTO otalink.role_right (role, privilege) VALUES
    ('otalink_mail', 'SELECT (name, value) ON otalink.setting'),
    ('otalink_mail', 'SELECT (ticket_number, ticket_id, title, state, state_type, queue, customer_login, customer_id, closed_at, merged_into, is_visible, read_at) ON otalink.ticket'),
    ('otalink_mail', 'SELECT (user_id, preferences_key, preferences_value), INSERT (user_id, preferences_key, preferences_value) ON otalink.customer_preference'),
    ('otalink_mail', 'SELECT (name, synced_at, customer_users, skipped) ON otalink.customer_backend'),
    ('otalink_mail', 'INSERT (event, link_id, session_id, ticket_number, customer_login, reason, actor, client_address, user_agent, request_id) ON otalink.audit_event'),
    -- Of these, pw and UPDATE end with the next release: migrations/next.
    ('otalink_mail', 'SELECT (login, email, customer_id, first_name, last_name, valid_id, pw, backend) ON otalink.customer_user'),
    ('otalink_mail', 'INSERT (login, email, customer_id, first_name, last_name, valid_id, pw, backend) ON otalink.customer_user'),
    ('otalink_mail', 'UPDATE (email, customer_id, first_name, last_name, valid_id, pw, change_time) ON otalink.customer_user');

-- Keys that count from some networks only, and how many tokens were made with a key.
ALTER TABLE otalink.api_key ADD COLUMN networks text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN otalink.api_key.networks IS 'Addresses and networks from which it counts; empty: from anywhere.';

CREATE TABLE otalink.api_token_use (
    api_key text        PRIMARY KEY,
    hour    timestamptz NOT NULL,
    tokens  integer     NOT NULL
);
REVOKE ALL ON otalink.api_token_use FROM PUBLIC;
COMMENT ON TABLE otalink.api_token_use IS 'How many tokens were made with an API key within an hour; see the setting LinksPerAPIKeyAndHour.';
COMMENT ON COLUMN otalink.api_token_use.api_key IS 'Name of the API key.';
COMMENT ON COLUMN otalink.api_token_use.hour IS 'The hour that is counted.';
COMMENT ON COLUMN otalink.api_token_use.tokens IS 'Tokens made in it.';
INSERT INTO otalink.role_right (role, privilege) VALUES
    ('otalink_inspector', 'SELECT (networks) ON otalink.api_key'),
    ('otalink_inspector', 'SELECT ON otalink.api_token_use');

-- What a role had before and no row names is taken back in the same transaction.
CREATE OR REPLACE FUNCTION otalink.grant_roles() RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    wanted record;
    given text;
    missing text := '';
    -- Ours; an operator may have put views of their own beside them.
    tables text := (SELECT string_agg(oid::regclass::text, ', ')
                      FROM pg_class
                     WHERE relnamespace = 'otalink'::regnamespace
                       AND relkind IN ('r', 'p', 'v', 'm')
                       AND pg_has_role(relowner, 'USAGE'));
BEGIN
    FOR wanted IN
        SELECT role.name, role.purpose,
               ARRAY(SELECT format('GRANT %s TO %I', role_right.privilege, role.name)
                       FROM otalink.role_right
                      WHERE role_right.role = role.name
                      -- The schema before what is in it.
                      ORDER BY privilege !~ ' ON SCHEMA ', privilege) AS grants
          FROM (VALUES
            ('otalink_mail', 'The inbound mail filter: customer users and settings, but no links and no sessions.'),
            ('otalink_desk', 'The desk: our own customer users as one of its backends.'),
            ('otalink_inspector', 'Operators who look inside: reads everything but secrets, changes nothing.')
          ) AS role (name, purpose)
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
        EXECUTE format('REVOKE ALL ON %s FROM %I', tables, wanted.name);
        FOREACH given IN ARRAY wanted.grants LOOP
            EXECUTE given;
        END LOOP;
    END LOOP;
    RETURN missing;
END
$$;

SELECT otalink.grant_roles();
