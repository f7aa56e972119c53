-- What each role may do, a row a right, so that a migration adds or takes away its own rights and repeats no others.
-- A role sees what stands here and no more: a new table is closed until a migration opens it.

CREATE TABLE otalink.role_right (
    role      text NOT NULL CONSTRAINT role_right_role CHECK (role ~ '^otalink_[a-z]+$'),
    privilege text NOT NULL,
    PRIMARY KEY (role, privilege)
);
COMMENT ON TABLE otalink.role_right IS 'The rights of the roles that otalink.grant_roles() makes.';
COMMENT ON COLUMN otalink.role_right.role IS 'The role.';
COMMENT ON COLUMN otalink.role_right.privilege IS 'What stands between GRANT and TO in the statement that gives the right.';

INSERT INTO otalink.role_right (role, privilege) VALUES
    ('otalink_mail', 'USAGE ON SCHEMA otalink'),
    ('otalink_mail', 'SELECT ON otalink.setting, otalink.ticket, otalink.customer_preference, otalink.customer_backend'),
    ('otalink_mail', 'SELECT, INSERT, UPDATE ON otalink.customer_user'),
    ('otalink_mail', 'INSERT ON otalink.customer_preference, otalink.audit_event'),
    ('otalink_mail', 'SELECT (event, at, customer_login) ON otalink.audit_event'),
    ('otalink_mail', 'SELECT (id, ticket_number, created_at) ON otalink.mail_outbox'),
    ('otalink_desk', 'USAGE ON SCHEMA otalink'),
    ('otalink_desk', 'SELECT, INSERT, UPDATE ON otalink.own_customer_user'),
    ('otalink_inspector', 'USAGE ON SCHEMA otalink'),
    ('otalink_inspector', 'SELECT ON otalink.open_links, otalink.open_sessions, otalink.ticket_history, otalink.recent_events, otalink.mail_queue, otalink.job_status, otalink.sign_ins, otalink.refusals, otalink.link_visits, otalink.customer_users, otalink.unseen_tickets, otalink.link_wishes, otalink.keys_in_use, otalink.api_keys, otalink.daily_figures, otalink.storage'),
    ('otalink_inspector', 'SELECT ON otalink.openid_clients, otalink.openid_sign_ins, otalink.openid_keys, otalink.api_calls'),
    ('otalink_inspector', 'SELECT ON otalink.setting, otalink.ticket, otalink.session, otalink.mail_outbox, otalink.job_run, otalink.audit_event, otalink.notification, otalink.notification_message, otalink.customer_backend, otalink.schema_migration, otalink.oidc_subject, otalink.api_use'),
    ('otalink_inspector', 'SELECT (id, sequence, ticket_number, customer_login, recipient, key_id, state, origin, created_at, activated_at, used_at, ended_at, end_reason) ON otalink.link'),
    ('otalink_inspector', 'SELECT (id, login, email, customer_id, title, first_name, last_name, phone, fax, mobile, street, zip, city, country, comments, valid_id, create_time, create_by, change_time, change_by, backend) ON otalink.customer_user'),
    ('otalink_inspector', 'SELECT (id, name, scopes, created_at, revoked_at, last_used_at) ON otalink.api_key'),
    ('otalink_inspector', 'SELECT (link_id, created_at, accepted_at) ON otalink.outbound_link'),
    ('otalink_inspector', 'SELECT (link_id, imported_at) ON otalink.add_on_token');

CREATE OR REPLACE FUNCTION otalink.grant_roles() RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    wanted record;
    given text;
    missing text := '';
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
        FOREACH given IN ARRAY wanted.grants LOOP
            EXECUTE given;
        END LOOP;
    END LOOP;
    RETURN missing;
END
$$;

SELECT otalink.grant_roles();
