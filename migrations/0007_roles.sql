-- Roles for programs that are not to see links and sessions. They cannot log in; grant them to users who can:
--   CREATE USER mailhost PASSWORD '...' IN ROLE otalink_mail;
-- Who runs the migration and may not create roles is told what a superuser has to run.

CREATE FUNCTION otalink.grant_roles() RETURNS text
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
                'GRANT SELECT, INSERT, UPDATE ON otalink.own_customer_user TO otalink_desk'])
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
    'Makes the roles otalink_mail and otalink_desk and gives them their rights. Returns what a superuser has to run instead where we may not; empty: nothing.';

SELECT otalink.grant_roles();
