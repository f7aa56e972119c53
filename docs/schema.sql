-- The schema as the newest migration leaves it, to be read: `otalink migrate up` runs the numbered files in migrations/ and not this
-- one. `make schema` writes it, on PostgreSQL 15, and a test compares it with a migrated database.

SET check_function_bodies = off;

CREATE SCHEMA otalink;

CREATE OR REPLACE FUNCTION otalink.access_truncated()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM pg_notify('otalink_access', 'all');
    RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION otalink.add_audit_partition(name text, bounds text, purpose text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    -- An operator may have set storage parameters of the latest partition, such as autovacuum_vacuum_scale_factor.
    storage text := (SELECT array_to_string(known.reloptions, ', ')
                       FROM otalink.audit_partitions()
                       JOIN pg_class AS known ON known.oid = partition
                      WHERE NOT is_default
                      ORDER BY until DESC
                      LIMIT 1);
BEGIN
    EXECUTE format('CREATE TABLE otalink.%I (LIKE otalink.audit_event INCLUDING ALL)', name);
    EXECUTE format('COMMENT ON TABLE otalink.%I IS %L', name, purpose);
    IF storage <> '' THEN
        EXECUTE format('ALTER TABLE otalink.%I SET (%s)', name, storage);
    END IF;
    -- Unlike CREATE TABLE PARTITION OF, this does not block statements that read or write the other months.
    EXECUTE format('ALTER TABLE otalink.audit_event ATTACH PARTITION otalink.%I %s', name, bounds);
END
$function$;

CREATE OR REPLACE FUNCTION otalink.audit_event_guarded()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'otalink_mail' AND pg_has_role(oid, 'USAGE')) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the role otalink_mail writes no such event' USING ERRCODE = 'insufficient_privilege';
END
$function$;

CREATE OR REPLACE FUNCTION otalink.audit_partitions()
 RETURNS TABLE(partition regclass, since timestamp with time zone, until timestamp with time zone, is_default boolean)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET "DateStyle" TO 'ISO'
AS $function$
    SELECT child.oid::regclass,
           substring(shown.bounds FROM 'FROM \(''([^'']+)''\)')::timestamptz,
           substring(shown.bounds FROM 'TO \(''([^'']+)''\)')::timestamptz,
           shown.bounds = 'DEFAULT'
      FROM pg_inherits
      JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid
     CROSS JOIN LATERAL (SELECT pg_get_expr(child.relpartbound, child.oid)) AS shown (bounds)
     WHERE pg_inherits.inhparent = 'otalink.audit_event'::regclass
$function$;

CREATE OR REPLACE FUNCTION otalink.client_network(address text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
DECLARE
    client inet;
BEGIN
    client := address::inet;
    IF family(client) = 4 THEN
        RETURN host(client);
    END IF;
    -- An IPv4 address that is written as an IPv6 one.
    IF client <<= inet '::ffff:0:0/96' THEN
        RETURN replace(host(client), '::ffff:', '');
    END IF;
    RETURN text(network(set_masklen(client, 64)));
EXCEPTION
    WHEN invalid_text_representation THEN
        RETURN address;
END
$function$;

CREATE OR REPLACE FUNCTION otalink.customer_user_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION otalink.customer_user_guarded()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    -- Who may write through the desk's view, as our own user and the desk's role, is not the filter.
    IF has_any_column_privilege(current_user, 'otalink.own_customer_user', 'UPDATE')
       OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'otalink_mail' AND pg_has_role(oid, 'USAGE'))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the role otalink_mail makes valid customer users whose login and customer id are their address, changes none of our own and sets no password'
        USING ERRCODE = 'insufficient_privilege';
END
$function$;

CREATE OR REPLACE FUNCTION otalink.drop_audit_month(before timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '300ms'
AS $function$
DECLARE
    oldest regclass := (SELECT partition FROM otalink.audit_partitions() WHERE until <= before ORDER BY until LIMIT 1);
    events bigint;
BEGIN
    IF oldest IS NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT count(*) FROM %s', oldest) INTO events;
    -- Statements on all months wait for this lock, so it comes after the count, which takes long.
    EXECUTE format('DROP TABLE %s', oldest);
    RETURN events;
END
$function$;

CREATE OR REPLACE FUNCTION otalink.grant_roles()
 RETURNS text
 LANGUAGE plpgsql
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION otalink.link_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION otalink.living_session(first uuid)
 RETURNS uuid
 LANGUAGE sql
 STABLE STRICT
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION otalink.mail_queued()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM pg_notify('otalink_mail', '');
    RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION otalink.make_audit_month(ahead integer)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET lock_timeout TO '300ms'
AS $function$
DECLARE
    first_day timestamptz := date_trunc('month', now()) + make_interval(months => ahead);
    next_month timestamptz := first_day + interval '1 month';
BEGIN
    IF EXISTS (SELECT FROM otalink.audit_partitions()
                WHERE NOT is_default AND COALESCE(since < next_month, true) AND until > first_day)
       -- A month that has begun in the default partition ends there.
       OR EXISTS (SELECT FROM otalink.audit_event_default WHERE at >= first_day AND at < next_month)
    THEN
        RETURN false;
    END IF;
    PERFORM otalink.add_audit_partition(
        'audit_event_' || to_char(first_day, 'YYYY_MM'), format('FOR VALUES FROM (%L) TO (%L)', first_day, next_month),
        'Events of the audit trail in ' || to_char(first_day, 'YYYY-MM') || ', by UTC.');
    RETURN true;
END
$function$;

CREATE OR REPLACE FUNCTION otalink.mark_first_link()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.kind = 'notification' AND NEW.first_link_to IS NULL
       AND (NEW.event_key LIKE 'TicketCreate %' OR (NEW.event_key IS NULL AND NEW.notification_id IS NULL))
    THEN
        NEW.first_link_to := lower(NEW.recipient COLLATE "C");
    END IF;
    RETURN NEW;
END
$function$;

CREATE OR REPLACE FUNCTION otalink.notify_access(kind text, keys text[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION otalink.oidc_subject_follows()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION otalink.oidc_subject_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'the subject of a customer user never changes: clients know the person by it';
END
$function$;

CREATE OR REPLACE FUNCTION otalink.session_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION otalink.session_grant_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION otalink.setting_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM pg_notify('otalink_setting', TG_TABLE_NAME);
    RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION otalink.ticket_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
                OR (before.state_type, before.customer_login, before.closed_at, before.merged_into, before.is_visible,
                    before.reported_at)
                   IS DISTINCT FROM
                   (after.state_type, after.customer_login, after.closed_at, after.merged_into, after.is_visible,
                    after.reported_at)));
    END IF;
    RETURN NULL;
END
$function$;

CREATE SEQUENCE otalink.audit_event_id_seq AS bigint;

CREATE TABLE otalink.add_on_token (
    token_hash bytea NOT NULL,
    link_id uuid NOT NULL,
    imported_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT add_on_token_pkey PRIMARY KEY (token_hash)
);

CREATE TABLE otalink.api_key (
    id uuid NOT NULL,
    name text NOT NULL,
    key_hash bytea NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    networks text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT api_key_pkey PRIMARY KEY (id),
    CONSTRAINT api_key_key_hash_key UNIQUE (key_hash),
    CONSTRAINT api_key_name_key UNIQUE (name)
);

CREATE TABLE otalink.api_request (
    api_key text NOT NULL,
    idempotency_key text NOT NULL,
    body_hash bytea NOT NULL,
    link_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    claimed_until timestamp with time zone NOT NULL,
    request_id text,
    answered_at timestamp with time zone,
    outcome text,
    ticket_number text,
    key_id text,
    CONSTRAINT api_request_pkey PRIMARY KEY (api_key, idempotency_key)
);

CREATE TABLE otalink.api_token_use (
    api_key text NOT NULL,
    hour timestamp with time zone NOT NULL,
    tokens integer NOT NULL,
    CONSTRAINT api_token_use_pkey PRIMARY KEY (api_key)
);

CREATE TABLE otalink.api_use (
    api_key text NOT NULL,
    minute timestamp with time zone NOT NULL,
    calls integer NOT NULL,
    CONSTRAINT api_use_pkey PRIMARY KEY (api_key)
);

CREATE TABLE otalink.audit_event (
    id bigint DEFAULT nextval('otalink.audit_event_id_seq'::regclass) NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    event text NOT NULL,
    link_id uuid,
    session_id uuid,
    ticket_number text,
    customer_login text,
    reason text,
    actor text,
    client_address text,
    user_agent text,
    request_id text,
    CONSTRAINT audit_event_pkey PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);

CREATE TABLE otalink.audit_event_default PARTITION OF otalink.audit_event DEFAULT;

CREATE TABLE otalink.customer_backend (
    name character varying(100) NOT NULL,
    synced_at timestamp with time zone DEFAULT now() NOT NULL,
    customer_users bigint NOT NULL,
    skipped bigint DEFAULT 0 NOT NULL,
    CONSTRAINT customer_backend_pkey PRIMARY KEY (name)
);

CREATE TABLE otalink.customer_preference (
    user_id character varying(250) NOT NULL,
    preferences_key character varying(150) NOT NULL,
    preferences_value character varying(250),
    CONSTRAINT customer_preference_pkey PRIMARY KEY (user_id, preferences_key)
);

CREATE TABLE otalink.customer_user (
    id bigint GENERATED BY DEFAULT AS IDENTITY,
    login character varying(200) NOT NULL,
    email character varying(254) NOT NULL,
    customer_id character varying(254) NOT NULL,
    pw character varying(128),
    title character varying(50),
    first_name character varying(100) NOT NULL,
    last_name character varying(100) NOT NULL,
    phone character varying(150),
    fax character varying(150),
    mobile character varying(150),
    street character varying(150),
    zip character varying(200),
    city character varying(200),
    country character varying(200),
    comments character varying(250),
    valid_id smallint DEFAULT 1 NOT NULL,
    create_time timestamp with time zone DEFAULT now() NOT NULL,
    create_by integer DEFAULT 1 NOT NULL,
    change_time timestamp with time zone DEFAULT now() NOT NULL,
    change_by integer DEFAULT 1 NOT NULL,
    backend character varying(100) DEFAULT ''::character varying NOT NULL,
    CONSTRAINT customer_user_pkey PRIMARY KEY (id),
    CONSTRAINT customer_user_login_key UNIQUE (login)
);

CREATE TABLE otalink.desk_event (
    id uuid NOT NULL,
    sequence bigint GENERATED BY DEFAULT AS IDENTITY,
    ticket_id bigint NOT NULL,
    event text NOT NULL,
    article_id bigint DEFAULT 0 NOT NULL,
    state text DEFAULT 'queued'::text NOT NULL,
    reports integer DEFAULT 1 NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    reported_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    next_attempt_at timestamp with time zone DEFAULT now() NOT NULL,
    claimed_until timestamp with time zone,
    claimed_by text,
    finished_at timestamp with time zone,
    last_error text,
    client_address text,
    user_agent text,
    request_id text,
    CONSTRAINT desk_event_pkey PRIMARY KEY (id),
    CONSTRAINT desk_event_state CHECK ((state = ANY (ARRAY['queued'::text, 'done'::text, 'dead'::text])))
);

CREATE TABLE otalink.foreign_host (
    host text NOT NULL,
    peer text NOT NULL,
    is_ours_elsewhere boolean NOT NULL,
    requests bigint NOT NULL,
    first_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT foreign_host_pkey PRIMARY KEY (host, peer)
);

CREATE TABLE otalink.job_run (
    job text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    runner text NOT NULL,
    attempts integer DEFAULT 1 NOT NULL,
    outcome text,
    detail text DEFAULT ''::text NOT NULL,
    CONSTRAINT job_run_pkey PRIMARY KEY (job, due_at),
    CONSTRAINT job_outcome CHECK ((outcome = ANY (ARRAY['done'::text, 'failed'::text])))
);

CREATE TABLE otalink.link (
    id uuid NOT NULL,
    sequence bigint GENERATED ALWAYS AS IDENTITY,
    ticket_number text NOT NULL,
    customer_login text NOT NULL,
    recipient text NOT NULL,
    key_id text NOT NULL,
    state text NOT NULL,
    origin text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    activated_at timestamp with time zone,
    used_at timestamp with time zone,
    used_by_browser bytea,
    ended_at timestamp with time zone,
    end_reason text,
    CONSTRAINT link_pkey PRIMARY KEY (id),
    CONSTRAINT link_state CHECK ((state = ANY (ARRAY['offered'::text, 'active'::text, 'used'::text, 'superseded'::text, 'revoked'::text])))
);

CREATE TABLE otalink.link_request (
    id uuid NOT NULL,
    input_key bytea NOT NULL,
    ticket_number text,
    email text,
    language text NOT NULL,
    client_address text,
    user_agent text,
    request_id text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    next_attempt_at timestamp with time zone DEFAULT now() NOT NULL,
    claimed_until timestamp with time zone,
    finished_at timestamp with time zone,
    CONSTRAINT link_request_pkey PRIMARY KEY (id)
);

CREATE TABLE otalink.mail_outbox (
    id uuid NOT NULL,
    kind text NOT NULL,
    notification_id integer,
    link_id uuid,
    ticket_number text NOT NULL,
    customer_login text NOT NULL,
    recipient text NOT NULL,
    language text NOT NULL,
    state text DEFAULT 'queued'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    next_attempt_at timestamp with time zone DEFAULT now() NOT NULL,
    claimed_until timestamp with time zone,
    claimed_by text,
    finished_at timestamp with time zone,
    last_error text,
    event_key text,
    code text,
    first_link_to text,
    verdict_key text,
    is_judged boolean DEFAULT false NOT NULL,
    CONSTRAINT mail_outbox_pkey PRIMARY KEY (id),
    CONSTRAINT mail_kind CHECK ((kind = ANY (ARRAY['refresh'::text, 'notification'::text]))),
    CONSTRAINT mail_state CHECK ((state = ANY (ARRAY['queued'::text, 'sent'::text, 'dead'::text, 'dropped'::text])))
);

CREATE TABLE otalink.mail_verdict (
    mail_key bytea NOT NULL,
    verdict text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT mail_verdict_pkey PRIMARY KEY (mail_key, verdict),
    CONSTRAINT mail_verdict_key CHECK ((octet_length(mail_key) = 32)),
    CONSTRAINT mail_verdict_known CHECK ((verdict = ANY (ARRAY['person'::text, 'quiet'::text, 'limited'::text, 'unauthenticated'::text, 'no-sender'::text, 'robot'::text])))
);

CREATE TABLE otalink.notification (
    id integer GENERATED BY DEFAULT AS IDENTITY,
    name text NOT NULL,
    event text,
    is_valid boolean DEFAULT true NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    comment text DEFAULT ''::text NOT NULL,
    CONSTRAINT notification_pkey PRIMARY KEY (id),
    CONSTRAINT notification_name_key UNIQUE (name),
    CONSTRAINT notification_event CHECK ((event = ANY (ARRAY['TicketCreate'::text, 'ArticleCreate'::text, 'TicketClose'::text])))
);

CREATE TABLE otalink.notification_message (
    notification_id integer NOT NULL,
    language text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    content_type text DEFAULT 'text/plain'::text NOT NULL,
    CONSTRAINT notification_message_pkey PRIMARY KEY (notification_id, language),
    CONSTRAINT notification_content_type CHECK ((content_type = ANY (ARRAY['text/plain'::text, 'text/html'::text])))
);

CREATE TABLE otalink.oidc_client (
    id text NOT NULL,
    secret_hash bytea,
    redirect_uris text[] NOT NULL,
    post_logout_redirect_uris text[] DEFAULT '{}'::text[] NOT NULL,
    may_omit_pkce boolean DEFAULT false NOT NULL,
    may_use_id_token boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT oidc_client_pkey PRIMARY KEY (id),
    CONSTRAINT oidc_client_id CHECK (((id COLLATE "C") ~ '^[A-Za-z0-9._-]{1,100}$'::text)),
    CONSTRAINT oidc_client_public CHECK (((secret_hash IS NOT NULL) OR (NOT may_omit_pkce))),
    CONSTRAINT oidc_client_redirect_uris CHECK ((cardinality(redirect_uris) > 0))
);

CREATE TABLE otalink.oidc_code (
    id uuid NOT NULL,
    client_id text NOT NULL,
    session_id uuid NOT NULL,
    redirect_uri text NOT NULL,
    nonce text,
    code_challenge text,
    scopes text[] NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    exchange_id uuid,
    revoked_at timestamp with time zone,
    CONSTRAINT oidc_code_pkey PRIMARY KEY (id)
);

CREATE TABLE otalink.oidc_signing_key (
    kid text NOT NULL,
    ring_key_id text NOT NULL,
    sealed_key bytea NOT NULL,
    published_at timestamp with time zone DEFAULT now() NOT NULL,
    first_use_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    CONSTRAINT oidc_signing_key_pkey PRIMARY KEY (kid)
);

CREATE TABLE otalink.oidc_subject (
    customer_login text NOT NULL,
    subject text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT oidc_subject_pkey PRIMARY KEY (customer_login),
    CONSTRAINT oidc_subject_subject_key UNIQUE (subject)
);

CREATE TABLE otalink.outbound_link (
    mail_key bytea NOT NULL,
    link_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    accepted_at timestamp with time zone,
    CONSTRAINT outbound_link_pkey PRIMARY KEY (mail_key)
);

CREATE TABLE otalink.own_address (
    address text NOT NULL,
    published_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT own_address_pkey PRIMARY KEY (address)
);

CREATE TABLE otalink.role_right (
    role text NOT NULL,
    privilege text NOT NULL,
    CONSTRAINT role_right_pkey PRIMARY KEY (role, privilege),
    CONSTRAINT role_right_role CHECK ((role ~ '^otalink_[a-z]+$'::text))
);

CREATE TABLE otalink.schema_migration (
    version integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    duration_ms integer NOT NULL,
    applied_by text DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT schema_migration_pkey PRIMARY KEY (version)
);

CREATE TABLE otalink.session (
    id uuid NOT NULL,
    link_id uuid NOT NULL,
    customer_login text NOT NULL,
    ticket_number text NOT NULL,
    scope text DEFAULT 'ticket'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    revoke_reason text,
    client_address text,
    user_agent text,
    has_grants boolean DEFAULT false NOT NULL,
    replaced_by uuid,
    replaced_at timestamp with time zone,
    forms bytea[],
    CONSTRAINT session_pkey PRIMARY KEY (id),
    CONSTRAINT session_scope CHECK ((scope = ANY (ARRAY['ticket'::text, 'account'::text])))
);

CREATE TABLE otalink.session_grant (
    id bigint GENERATED ALWAYS AS IDENTITY,
    session_id uuid NOT NULL,
    link_id uuid,
    ticket_number text,
    counts_at_desk boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    end_reason text,
    CONSTRAINT session_grant_pkey PRIMARY KEY (id)
);

CREATE TABLE otalink.setting (
    name text NOT NULL,
    value text NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    changed_by text DEFAULT CURRENT_USER NOT NULL,
    CONSTRAINT setting_pkey PRIMARY KEY (name)
);

CREATE TABLE otalink.ticket (
    ticket_number text NOT NULL,
    ticket_id bigint,
    title text DEFAULT ''::text NOT NULL,
    state text DEFAULT ''::text NOT NULL,
    state_type text DEFAULT ''::text NOT NULL,
    queue text DEFAULT ''::text NOT NULL,
    customer_login text,
    customer_id text DEFAULT ''::text NOT NULL,
    closed_at timestamp with time zone,
    merged_into text,
    is_visible boolean NOT NULL,
    unseen_since timestamp with time zone,
    read_at timestamp with time zone NOT NULL,
    reported_at timestamp with time zone,
    CONSTRAINT ticket_pkey PRIMARY KEY (ticket_number)
);

ALTER TABLE otalink.add_on_token ADD CONSTRAINT add_on_token_link_id_fkey FOREIGN KEY (link_id) REFERENCES otalink.link(id) ON DELETE CASCADE;
ALTER SEQUENCE otalink.audit_event_id_seq OWNED BY otalink.audit_event.id;
ALTER TABLE otalink.link ADD CONSTRAINT link_origin CHECK ((origin = ANY (ARRAY['api'::text, 'notification'::text, 'refresh'::text, 'add-on'::text]))) NOT VALID;
ALTER TABLE otalink.notification_message ADD CONSTRAINT notification_message_notification_id_fkey FOREIGN KEY (notification_id) REFERENCES otalink.notification(id) ON DELETE CASCADE;
ALTER TABLE otalink.oidc_code ADD CONSTRAINT oidc_code_client_id_fkey FOREIGN KEY (client_id) REFERENCES otalink.oidc_client(id) ON DELETE CASCADE;
ALTER TABLE otalink.outbound_link ADD CONSTRAINT outbound_link_link_id_fkey FOREIGN KEY (link_id) REFERENCES otalink.link(id) ON DELETE CASCADE;
ALTER TABLE otalink.session_grant ADD CONSTRAINT session_grant_session_id_fkey FOREIGN KEY (session_id) REFERENCES otalink.session(id) ON DELETE CASCADE;
CREATE INDEX add_on_token_of_link ON otalink.add_on_token USING btree (link_id);
CREATE INDEX api_request_by_age ON otalink.api_request USING btree (created_at);
CREATE INDEX audit_event_by_time ON otalink.audit_event USING btree (at);
CREATE INDEX audit_event_customer_created ON otalink.audit_event USING btree (at) WHERE (event = 'customer.created'::text);
CREATE INDEX audit_event_of_customer ON otalink.audit_event USING btree (customer_login, at) WHERE (customer_login IS NOT NULL);
CREATE INDEX audit_event_of_link ON otalink.audit_event USING btree (link_id) WHERE (link_id IS NOT NULL);
CREATE INDEX audit_event_of_refreshes ON otalink.audit_event USING btree (client_address, at) WHERE ((event = 'link.issued'::text) AND (reason = 'refresh'::text));
CREATE INDEX audit_event_of_request ON otalink.audit_event USING btree (request_id) WHERE (request_id IS NOT NULL);
CREATE INDEX audit_event_of_ticket ON otalink.audit_event USING btree (ticket_number, at) WHERE (ticket_number IS NOT NULL);
CREATE INDEX audit_event_refreshes_by_network ON otalink.audit_event USING btree (otalink.client_network(client_address), at) WHERE ((event = 'link.issued'::text) AND (reason = 'refresh'::text));
CREATE INDEX customer_user_email ON otalink.customer_user USING btree (lower(((email)::text COLLATE "C")));
CREATE INDEX customer_user_of_backend ON otalink.customer_user USING btree (backend) WHERE ((backend)::text <> ''::text);
CREATE INDEX desk_event_by_report ON otalink.desk_event USING btree (reported_at);
CREATE INDEX desk_event_due ON otalink.desk_event USING btree (next_attempt_at) WHERE (state = 'queued'::text);
CREATE INDEX desk_event_finished ON otalink.desk_event USING btree (finished_at) WHERE (state <> 'queued'::text);
CREATE UNIQUE INDEX desk_event_once ON otalink.desk_event USING btree (ticket_id, event, article_id);
CREATE UNIQUE INDEX desk_event_one_claim ON otalink.desk_event USING btree (ticket_id) WHERE (claimed_by IS NOT NULL);
CREATE INDEX link_of_customer ON otalink.link USING btree (customer_login);
CREATE INDEX link_of_person ON otalink.link USING btree (ticket_number, customer_login, sequence);
CREATE UNIQUE INDEX link_one_active ON otalink.link USING btree (ticket_number, customer_login) WHERE (state = 'active'::text);
CREATE INDEX link_request_by_age ON otalink.link_request USING btree (created_at);
CREATE INDEX link_request_by_client ON otalink.link_request USING btree (client_address, created_at);
CREATE INDEX link_request_by_input ON otalink.link_request USING btree (input_key, created_at);
CREATE INDEX link_request_by_network ON otalink.link_request USING btree (otalink.client_network(client_address), created_at);
CREATE INDEX link_request_due ON otalink.link_request USING btree (next_attempt_at) WHERE (finished_at IS NULL);
CREATE INDEX mail_outbox_dead ON otalink.mail_outbox USING btree (created_at) WHERE (state = 'dead'::text);
CREATE INDEX mail_outbox_due ON otalink.mail_outbox USING btree (next_attempt_at) WHERE (state = 'queued'::text);
CREATE UNIQUE INDEX mail_outbox_event ON otalink.mail_outbox USING btree (event_key) WHERE (event_key IS NOT NULL);
CREATE INDEX mail_outbox_first_links ON otalink.mail_outbox USING btree (first_link_to, created_at) WHERE (first_link_to IS NOT NULL);
CREATE INDEX mail_outbox_of_link ON otalink.mail_outbox USING btree (link_id);
CREATE INDEX mail_outbox_of_person ON otalink.mail_outbox USING btree (ticket_number, customer_login, created_at);
CREATE UNIQUE INDEX mail_outbox_one_claim ON otalink.mail_outbox USING btree (customer_login) WHERE (claimed_by IS NOT NULL);
CREATE INDEX mail_verdict_age ON otalink.mail_verdict USING btree (at);
CREATE INDEX oidc_code_of_client ON otalink.oidc_code USING btree (client_id);
CREATE INDEX oidc_code_of_session ON otalink.oidc_code USING btree (session_id, client_id, issued_at);
CREATE INDEX outbound_link_of_link ON otalink.outbound_link USING btree (link_id);
CREATE INDEX session_by_age ON otalink.session USING btree (created_at);
CREATE INDEX session_of_customer ON otalink.session USING btree (customer_login);
CREATE INDEX session_of_link ON otalink.session USING btree (link_id);
CREATE INDEX session_grant_of_link ON otalink.session_grant USING btree (link_id) WHERE (link_id IS NOT NULL);
CREATE INDEX session_grant_of_session ON otalink.session_grant USING btree (session_id);
CREATE INDEX ticket_by_id ON otalink.ticket USING btree (ticket_id);
CREATE INDEX ticket_merged_into ON otalink.ticket USING btree (merged_into) WHERE (merged_into IS NOT NULL);
CREATE VIEW otalink.open_links AS
 SELECT link.id,
    link.ticket_number,
    link.customer_login,
    link.recipient,
    link.state,
    link.origin,
    link.created_at,
    ticket.state AS ticket_state,
    ticket.closed_at,
    ticket.read_at AS ticket_read_at
   FROM otalink.link
     LEFT JOIN otalink.ticket USING (ticket_number)
  WHERE link.state = ANY (ARRAY['offered'::text, 'active'::text]);

CREATE VIEW otalink.ticket_history AS
 SELECT audit_event.ticket_number,
    audit_event.at,
    audit_event.event,
    audit_event.reason,
    audit_event.customer_login,
    audit_event.actor,
    audit_event.link_id,
    audit_event.session_id,
    audit_event.client_address,
    audit_event.user_agent,
    audit_event.request_id
   FROM otalink.audit_event
  WHERE audit_event.ticket_number IS NOT NULL;

CREATE VIEW otalink.open_sessions AS
 SELECT session.id,
    session.customer_login,
    session.ticket_number,
    session.scope,
    session.created_at,
    session.last_seen_at,
    session.client_address,
    session.user_agent,
    session.link_id
   FROM otalink.session
  WHERE session.revoked_at IS NULL;

CREATE VIEW otalink.mail_queue AS
 SELECT mail.id,
    mail.kind,
    mail.state,
    mail.recipient,
    mail.ticket_number,
    mail.attempts,
    mail.created_at,
    mail.next_attempt_at,
    now() - mail.created_at AS age,
    mail.claimed_by,
    mail.last_error,
    mail.customer_login,
    mail.link_id
   FROM otalink.mail_outbox mail
  WHERE mail.state = ANY (ARRAY['queued'::text, 'dead'::text]);

CREATE VIEW otalink.job_status AS
 SELECT DISTINCT ON (job_run.job) job_run.job,
    job_run.due_at,
    job_run.started_at,
    job_run.finished_at,
    job_run.runner,
    job_run.attempts,
    COALESCE(job_run.outcome, 'running or abandoned'::text) AS outcome,
    job_run.detail
   FROM otalink.job_run
  ORDER BY job_run.job, job_run.due_at DESC;

CREATE VIEW otalink.recent_events AS
 SELECT audit_event.at,
    audit_event.event,
    audit_event.reason,
    audit_event.ticket_number,
    audit_event.customer_login,
    audit_event.actor,
    audit_event.link_id,
    audit_event.session_id,
    audit_event.client_address,
    audit_event.request_id,
    audit_event.user_agent
   FROM otalink.audit_event
  WHERE audit_event.at > (now() - '1 day'::interval)
  ORDER BY audit_event.at DESC;

CREATE VIEW otalink.own_customer_user WITH (check_option=cascaded, security_barrier=true) AS
 SELECT customer_user.id,
    customer_user.login,
    customer_user.email,
    customer_user.customer_id,
    customer_user.pw,
    customer_user.title,
    customer_user.first_name,
    customer_user.last_name,
    customer_user.phone,
    customer_user.fax,
    customer_user.mobile,
    customer_user.street,
    customer_user.zip,
    customer_user.city,
    customer_user.country,
    customer_user.comments,
    customer_user.valid_id,
    customer_user.create_time,
    customer_user.create_by,
    customer_user.change_time,
    customer_user.change_by
   FROM otalink.customer_user
  WHERE customer_user.backend::text = ''::text;

CREATE VIEW otalink.sign_ins AS
 SELECT event.at,
    event.customer_login,
    event.ticket_number,
    event.link_id,
    event.session_id,
    event.client_address,
    event.user_agent,
    event.request_id,
        CASE
            WHEN session.id IS NULL THEN 'deleted'::text
            WHEN session.revoked_at IS NULL THEN 'not ended'::text
            ELSE COALESCE(session.revoke_reason, 'revoked'::text)
        END AS session_state
   FROM otalink.audit_event event
     LEFT JOIN otalink.session ON session.id = event.session_id
  WHERE event.event = 'link.redeemed'::text;

CREATE VIEW otalink.refusals AS
 SELECT audit_event.at,
    audit_event.reason,
    audit_event.ticket_number,
    audit_event.customer_login,
    audit_event.link_id,
    audit_event.client_address,
    audit_event.user_agent,
    audit_event.request_id,
        CASE audit_event.reason
            WHEN 'unknown'::text THEN 'The link was deleted: its ticket has been closed for long, or was removed.'::text
            WHEN 'revoked'::text THEN 'The link was taken back.'::text
            WHEN 'newer-link-active'::text THEN 'The person was mailed a newer link, which still works.'::text
            WHEN 'new-link-on-its-way'::text THEN 'The link was used or too old; a new one is being mailed, or was often enough lately.'::text
            WHEN 'limited'::text THEN 'The link was used or too old, and no new one was mailed: that was done often enough lately.'::text
            WHEN 'mail-refused'::text THEN 'The link was used or too old, and no new one was mailed: the last one could not be delivered; see otalink mail list.'::text
            WHEN 'refresh-failed'::text THEN 'The link was used or too old, and no new one could be mailed; see the log.'::text
            WHEN 'has-password'::text THEN 'The person has a password by now and was sent to the desk''s login.'::text
            WHEN 'customer-gone'::text THEN 'There is no such customer user any more.'::text
            WHEN 'customer-invalid'::text THEN 'The customer user is switched off.'::text
            ELSE 'The ticket stands in the way: '::text || COALESCE(audit_event.reason, ''::text)
        END AS meaning
   FROM otalink.audit_event
  WHERE audit_event.event = 'link.refused'::text;

CREATE VIEW otalink.link_visits AS
 SELECT audit_event.at,
        CASE audit_event.event
            WHEN 'link.scanned'::text THEN 'scanner'::text
            ELSE 'person'::text
        END AS visitor,
    audit_event.reason,
    audit_event.link_id,
    audit_event.ticket_number,
    audit_event.customer_login,
    audit_event.client_address,
    audit_event.user_agent,
    audit_event.request_id
   FROM otalink.audit_event
  WHERE audit_event.event = ANY (ARRAY['link.opened'::text, 'link.scanned'::text]);

CREATE VIEW otalink.customer_users AS
 SELECT customer.login,
    customer.email,
    customer.first_name,
    customer.last_name,
    customer.customer_id,
    customer.valid_id = 1 AS is_valid,
    COALESCE(customer.pw, ''::character varying)::text <> ''::text AS has_password,
        CASE customer.backend
            WHEN ''::text THEN 'otalink'::character varying
            ELSE customer.backend
        END AS backend,
    language.preferences_value AS language,
    customer.create_time,
    customer.change_time,
    ( SELECT count(*) AS count
           FROM otalink.link
          WHERE link.customer_login = customer.login::text AND (link.state = ANY (ARRAY['offered'::text, 'active'::text]))) AS open_links,
    ( SELECT count(*) AS count
           FROM otalink.session
          WHERE session.customer_login = customer.login::text AND session.revoked_at IS NULL) AS open_sessions
   FROM otalink.customer_user customer
     LEFT JOIN otalink.customer_preference language ON language.user_id::text = customer.login::text AND language.preferences_key::text = 'UserLanguage'::text;

CREATE VIEW otalink.unseen_tickets AS
 SELECT ticket.ticket_number,
    ticket.customer_login,
    ticket.unseen_since,
    now() - ticket.unseen_since AS unseen_for,
    ticket.read_at,
    ( SELECT count(*) AS count
           FROM otalink.link
          WHERE link.ticket_number = ticket.ticket_number) AS links
   FROM otalink.ticket
  WHERE NOT ticket.is_visible;

CREATE VIEW otalink.link_wishes AS
 SELECT link_request.id,
    link_request.created_at,
    link_request.finished_at,
    link_request.next_attempt_at,
    link_request.ticket_number,
    link_request.email,
    link_request.language,
    link_request.client_address,
    link_request.user_agent,
    link_request.request_id,
    now() - link_request.created_at AS age
   FROM otalink.link_request;

CREATE VIEW otalink.keys_in_use AS
 SELECT COALESCE(link.key_id, sealed.key_id) AS key_id,
    COALESCE(link.links, 0::bigint) AS links,
    COALESCE(link.open_links, 0::bigint) AS open_links,
    link.oldest_link,
    link.newest_link,
    COALESCE(sealed.signing_keys, 0::bigint) AS signing_keys
   FROM ( SELECT link_1.key_id,
            count(*) AS links,
            count(*) FILTER (WHERE link_1.state = ANY (ARRAY['offered'::text, 'active'::text])) AS open_links,
            min(link_1.created_at) AS oldest_link,
            max(link_1.created_at) AS newest_link
           FROM otalink.link link_1
          WHERE link_1.key_id <> 'add-on'::text
          GROUP BY link_1.key_id) link
     FULL JOIN ( SELECT oidc_signing_key.ring_key_id AS key_id,
            count(*) AS signing_keys
           FROM otalink.oidc_signing_key
          GROUP BY oidc_signing_key.ring_key_id) sealed ON sealed.key_id = link.key_id;

CREATE VIEW otalink.api_keys AS
 SELECT api_key.name,
    api_key.scopes,
    api_key.created_at,
    api_key.last_used_at,
    api_key.revoked_at,
    api_key.revoked_at IS NULL AS is_valid
   FROM otalink.api_key;

CREATE VIEW otalink.daily_figures AS
 SELECT date_trunc('day'::text, audit_event.at) AS day,
    count(*) FILTER (WHERE audit_event.event = 'link.issued'::text) AS issued,
    count(*) FILTER (WHERE audit_event.event = 'mail.sent'::text) AS mailed,
    count(*) FILTER (WHERE audit_event.event = 'mail.dead'::text) AS mails_given_up,
    count(*) FILTER (WHERE audit_event.event = 'link.opened'::text) AS opened,
    count(*) FILTER (WHERE audit_event.event = 'link.scanned'::text) AS scanned,
    count(*) FILTER (WHERE audit_event.event = 'link.redeemed'::text) AS signed_in,
    count(*) FILTER (WHERE audit_event.event = 'link.refused'::text) AS refused,
    count(*) FILTER (WHERE audit_event.event = 'link.revoked'::text) AS revoked,
    count(*) FILTER (WHERE audit_event.event = 'customer.created'::text) AS customer_users_created
   FROM otalink.audit_event
  WHERE audit_event.at > (date_trunc('day'::text, now()) - '30 days'::interval)
  GROUP BY (date_trunc('day'::text, audit_event.at));

CREATE VIEW otalink.storage AS
 SELECT whole.relname AS "table",
    sum(pg_total_relation_size(part.oid::regclass))::bigint AS bytes,
    pg_size_pretty(sum(pg_total_relation_size(part.oid::regclass))::bigint) AS size,
    sum(GREATEST(part.reltuples, 0::real)::bigint)::bigint AS estimated_rows
   FROM pg_class part
     JOIN pg_class whole ON whole.oid = COALESCE(pg_partition_root(part.oid::regclass), part.oid::regclass)::oid
  WHERE part.relnamespace = 'otalink'::regnamespace::oid AND part.relkind = 'r'::"char"
  GROUP BY whole.oid, whole.relname;

CREATE VIEW otalink.openid_clients AS
 SELECT oidc_client.id,
    oidc_client.secret_hash IS NULL AS is_public,
    oidc_client.may_omit_pkce,
    oidc_client.may_use_id_token,
    oidc_client.redirect_uris,
    oidc_client.post_logout_redirect_uris,
    oidc_client.created_at
   FROM otalink.oidc_client;

CREATE VIEW otalink.openid_sign_ins AS
 SELECT code.issued_at,
    code.client_id,
    session.customer_login,
    session.ticket_number,
    code.session_id,
    code.scopes,
    code.used_at,
        CASE
            WHEN code.revoked_at IS NOT NULL THEN 'revoked'::text
            WHEN otalink.living_session(code.session_id) IS NULL THEN 'session ended'::text
            WHEN code.used_at IS NULL THEN 'not exchanged'::text
            ELSE 'not ended'::text
        END AS state
   FROM otalink.oidc_code code
     LEFT JOIN otalink.session ON session.id = code.session_id;

CREATE VIEW otalink.openid_keys AS
 SELECT oidc_signing_key.kid,
    oidc_signing_key.ring_key_id,
    oidc_signing_key.published_at,
    oidc_signing_key.first_use_at,
    oidc_signing_key.retired_at
   FROM otalink.oidc_signing_key;

CREATE VIEW otalink.api_calls AS
 SELECT api_request.api_key,
    api_request.created_at,
    api_request.answered_at,
    api_request.outcome,
    api_request.ticket_number,
    api_request.link_id,
    api_request.request_id
   FROM otalink.api_request;

CREATE VIEW otalink.open_grants AS
 SELECT session.id AS session_id,
    session.customer_login,
    held.ticket_number,
    held.counts_at_desk,
    held.created_at,
    session.last_seen_at,
    session.client_address,
    held.link_id,
    held.id AS grant_id
   FROM otalink.session
     JOIN LATERAL ( SELECT session_grant.id,
            session_grant.link_id,
            session_grant.ticket_number,
            session_grant.counts_at_desk,
            session_grant.created_at
           FROM otalink.session_grant
          WHERE session_grant.session_id = session.id AND session_grant.ended_at IS NULL
        UNION ALL
         SELECT NULL::bigint,
            session.link_id,
            session.ticket_number,
            session.scope = 'account'::text,
            session.created_at
          WHERE NOT session.has_grants) held ON true
  WHERE session.revoked_at IS NULL;

CREATE TRIGGER add_on_token_imported AFTER INSERT ON otalink.add_on_token FOR EACH STATEMENT EXECUTE FUNCTION otalink.setting_changed();
CREATE TRIGGER audit_event_guarded BEFORE INSERT ON otalink.audit_event FOR EACH ROW WHEN (((new.event <> ALL (ARRAY['customer.created'::text, 'customer.backend_read_only'::text, 'mail.fields_removed'::text, 'mail.passed'::text])) AND (NOT has_table_privilege(('otalink.audit_event'::regclass)::oid, 'UPDATE'::text)))) EXECUTE FUNCTION otalink.audit_event_guarded();
CREATE TRIGGER customer_user_deleted AFTER DELETE ON otalink.customer_user REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION otalink.customer_user_changed();
CREATE TRIGGER customer_user_guarded_insert BEFORE INSERT ON otalink.customer_user FOR EACH ROW WHEN ((((COALESCE(new.pw, ''::character varying))::text <> ALL ((ARRAY[''::character varying, '*'::character varying])::text[])) OR (((new.backend)::text = ''::text) AND ((COALESCE(new.pw, ''::character varying))::text <> ''::text)))) EXECUTE FUNCTION otalink.customer_user_guarded();
CREATE TRIGGER customer_user_guarded_newcomer BEFORE INSERT ON otalink.customer_user FOR EACH ROW WHEN ((((new.backend)::text = ''::text) AND ((lower(((new.login)::text COLLATE "C")) <> lower(("left"((new.email)::text, 200) COLLATE "C"))) OR (lower(((new.customer_id)::text COLLATE "C")) <> lower(((new.email)::text COLLATE "C"))) OR (new.valid_id <> 1)))) EXECUTE FUNCTION otalink.customer_user_guarded();
CREATE TRIGGER customer_user_guarded_update BEFORE UPDATE ON otalink.customer_user FOR EACH ROW WHEN ((((old.backend)::text = ''::text) OR ((new.backend)::text = ''::text) OR ((COALESCE(new.pw, ''::character varying))::text <> ALL ((ARRAY[''::character varying, '*'::character varying])::text[])))) EXECUTE FUNCTION otalink.customer_user_guarded();
CREATE TRIGGER customer_user_truncated AFTER TRUNCATE ON otalink.customer_user FOR EACH STATEMENT EXECUTE FUNCTION otalink.access_truncated();
CREATE TRIGGER customer_user_updated AFTER UPDATE ON otalink.customer_user REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION otalink.customer_user_changed();
CREATE TRIGGER oidc_subject_follows AFTER UPDATE OF login ON otalink.customer_user FOR EACH ROW WHEN (((old.login)::text IS DISTINCT FROM (new.login)::text)) EXECUTE FUNCTION otalink.oidc_subject_follows();
CREATE TRIGGER desk_event_queued AFTER INSERT ON otalink.desk_event FOR EACH STATEMENT EXECUTE FUNCTION otalink.mail_queued();
CREATE TRIGGER link_deleted AFTER DELETE ON otalink.link REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION otalink.link_changed();
CREATE TRIGGER link_truncated AFTER TRUNCATE ON otalink.link FOR EACH STATEMENT EXECUTE FUNCTION otalink.access_truncated();
CREATE TRIGGER link_updated AFTER UPDATE ON otalink.link REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION otalink.link_changed();
CREATE TRIGGER link_requested AFTER INSERT ON otalink.link_request FOR EACH STATEMENT EXECUTE FUNCTION otalink.mail_queued();
CREATE TRIGGER mail_queued AFTER INSERT ON otalink.mail_outbox FOR EACH STATEMENT EXECUTE FUNCTION otalink.mail_queued();
CREATE TRIGGER mark_first_link BEFORE INSERT ON otalink.mail_outbox FOR EACH ROW EXECUTE FUNCTION otalink.mark_first_link();
CREATE TRIGGER oidc_subject_kept BEFORE UPDATE OF subject ON otalink.oidc_subject FOR EACH ROW WHEN ((old.subject IS DISTINCT FROM new.subject)) EXECUTE FUNCTION otalink.oidc_subject_kept();
CREATE TRIGGER session_deleted AFTER DELETE ON otalink.session REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION otalink.session_changed();
CREATE TRIGGER session_truncated AFTER TRUNCATE ON otalink.session FOR EACH STATEMENT EXECUTE FUNCTION otalink.access_truncated();
CREATE TRIGGER session_updated AFTER UPDATE ON otalink.session REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION otalink.session_changed();
CREATE TRIGGER session_grant_deleted AFTER DELETE ON otalink.session_grant REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION otalink.session_grant_changed();
CREATE TRIGGER session_grant_truncated AFTER TRUNCATE ON otalink.session_grant FOR EACH STATEMENT EXECUTE FUNCTION otalink.access_truncated();
CREATE TRIGGER session_grant_updated AFTER UPDATE ON otalink.session_grant REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION otalink.session_grant_changed();
CREATE TRIGGER setting_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON otalink.setting FOR EACH STATEMENT EXECUTE FUNCTION otalink.setting_changed();
CREATE TRIGGER ticket_deleted AFTER DELETE ON otalink.ticket REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION otalink.ticket_changed();
CREATE TRIGGER ticket_truncated AFTER TRUNCATE ON otalink.ticket FOR EACH STATEMENT EXECUTE FUNCTION otalink.access_truncated();
CREATE TRIGGER ticket_updated AFTER UPDATE ON otalink.ticket REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION otalink.ticket_changed();
COMMENT ON SCHEMA otalink IS 'One-time links into the ticket system. Look at the views first; each table and column carries a comment.';
COMMENT ON FUNCTION otalink.add_audit_partition(name text, bounds text, purpose text) IS 'Makes a partition of the audit trail.';
COMMENT ON TABLE otalink.add_on_token IS 'Tokens of imported links of the add-on; gone with the link. Only the service reads it.';
COMMENT ON COLUMN otalink.add_on_token.token_hash IS 'SHA-256 of the token''s text.';
COMMENT ON COLUMN otalink.add_on_token.link_id IS 'The link.';
COMMENT ON COLUMN otalink.add_on_token.imported_at IS 'When it was imported.';
COMMENT ON VIEW otalink.api_calls IS 'Calls within the last day that asked for a link and may be repeated, and what came of them.';
COMMENT ON TABLE otalink.api_key IS 'Keys of the desk and of programs that call the API; only their hashes are kept.';
COMMENT ON COLUMN otalink.api_key.id IS 'Number of the key.';
COMMENT ON COLUMN otalink.api_key.name IS 'Name, for people and for the audit trail.';
COMMENT ON COLUMN otalink.api_key.key_hash IS 'SHA-256 of the key.';
COMMENT ON COLUMN otalink.api_key.scopes IS 'What its holder may do.';
COMMENT ON COLUMN otalink.api_key.created_at IS 'When it was made.';
COMMENT ON COLUMN otalink.api_key.revoked_at IS 'When it was taken back.';
COMMENT ON COLUMN otalink.api_key.last_used_at IS 'The last call, to the minute.';
COMMENT ON COLUMN otalink.api_key.networks IS 'Addresses and networks from which it counts; empty: from anywhere.';
COMMENT ON VIEW otalink.api_keys IS 'The keys of the desk and of programs, what each may do, and when it was used last.';
COMMENT ON TABLE otalink.api_request IS 'Calls that asked for a link with an Idempotency-Key, kept for a day: the same call again gets the same answer.';
COMMENT ON COLUMN otalink.api_request.api_key IS 'Name of the API key that called.';
COMMENT ON COLUMN otalink.api_request.idempotency_key IS 'What the caller named the call.';
COMMENT ON COLUMN otalink.api_request.body_hash IS 'SHA-256 of the body; with another body the name is refused.';
COMMENT ON COLUMN otalink.api_request.link_id IS 'Id of the link, made before the link is; the row of the link is written together with the answer.';
COMMENT ON COLUMN otalink.api_request.created_at IS 'When it was called first.';
COMMENT ON COLUMN otalink.api_request.claimed_until IS 'A replica works on it; after this time, and without an answer, another may.';
COMMENT ON COLUMN otalink.api_request.request_id IS 'The request that was answered, as the logs name it.';
COMMENT ON COLUMN otalink.api_request.answered_at IS 'When the answer was decided; null: not yet.';
COMMENT ON COLUMN otalink.api_request.outcome IS 'issued, plain-url, or why no link was made.';
COMMENT ON COLUMN otalink.api_request.ticket_number IS 'The ticket that the answer names.';
COMMENT ON COLUMN otalink.api_request.key_id IS 'The secret key that signs the token, from which the answer is written again.';
COMMENT ON TABLE otalink.api_token_use IS 'How many tokens were made with an API key within an hour; see the setting LinksPerAPIKeyAndHour.';
COMMENT ON COLUMN otalink.api_token_use.api_key IS 'Name of the API key.';
COMMENT ON COLUMN otalink.api_token_use.hour IS 'The hour that is counted.';
COMMENT ON COLUMN otalink.api_token_use.tokens IS 'Tokens made in it.';
COMMENT ON TABLE otalink.api_use IS 'How many calls replicas have set aside for an API key within a minute; each takes some at a time.';
COMMENT ON COLUMN otalink.api_use.api_key IS 'Name of the API key.';
COMMENT ON COLUMN otalink.api_use.minute IS 'The minute that is counted.';
COMMENT ON COLUMN otalink.api_use.calls IS 'Calls set aside in it.';
COMMENT ON TABLE otalink.audit_event IS 'Who was issued, mailed, refused, signed in and revoked. Never a token, never a cookie.';
COMMENT ON COLUMN otalink.audit_event.id IS 'Number of the event.';
COMMENT ON COLUMN otalink.audit_event.at IS 'When.';
COMMENT ON COLUMN otalink.audit_event.event IS 'What, such as link.issued, link.redeemed, link.refused, session.revoked.';
COMMENT ON COLUMN otalink.audit_event.link_id IS 'The link.';
COMMENT ON COLUMN otalink.audit_event.session_id IS 'The session.';
COMMENT ON COLUMN otalink.audit_event.ticket_number IS 'The ticket.';
COMMENT ON COLUMN otalink.audit_event.customer_login IS 'The customer user.';
COMMENT ON COLUMN otalink.audit_event.reason IS 'Why.';
COMMENT ON COLUMN otalink.audit_event.actor IS 'Who did it, when it was not the customer: an API key, an operator, a job.';
COMMENT ON COLUMN otalink.audit_event.client_address IS 'Address of the client.';
COMMENT ON COLUMN otalink.audit_event.user_agent IS 'What the client called itself.';
COMMENT ON COLUMN otalink.audit_event.request_id IS 'The request, as the logs name it.';
COMMENT ON TABLE otalink.audit_event_default IS 'Events of months that have no partition. Usually empty; "otalink doctor" reports its events.';
COMMENT ON COLUMN otalink.audit_event_default.id IS 'Number of the event.';
COMMENT ON COLUMN otalink.audit_event_default.at IS 'When.';
COMMENT ON COLUMN otalink.audit_event_default.event IS 'What, such as link.issued, link.redeemed, link.refused, session.revoked.';
COMMENT ON COLUMN otalink.audit_event_default.link_id IS 'The link.';
COMMENT ON COLUMN otalink.audit_event_default.session_id IS 'The session.';
COMMENT ON COLUMN otalink.audit_event_default.ticket_number IS 'The ticket.';
COMMENT ON COLUMN otalink.audit_event_default.customer_login IS 'The customer user.';
COMMENT ON COLUMN otalink.audit_event_default.reason IS 'Why.';
COMMENT ON COLUMN otalink.audit_event_default.actor IS 'Who did it, when it was not the customer: an API key, an operator, a job.';
COMMENT ON COLUMN otalink.audit_event_default.client_address IS 'Address of the client.';
COMMENT ON COLUMN otalink.audit_event_default.user_agent IS 'What the client called itself.';
COMMENT ON COLUMN otalink.audit_event_default.request_id IS 'The request, as the logs name it.';
COMMENT ON FUNCTION otalink.audit_event_guarded() IS 'Keeps the mail filter''s role to the events that the filter writes.';
COMMENT ON FUNCTION otalink.audit_partitions() IS 'The partitions of the audit trail. A partition holds events from since to before until; if since is null, all earlier ones too.';
COMMENT ON FUNCTION otalink.client_network(address text) IS 'What counts as one client: an IPv4 address, or the /64 network of an IPv6 address. Text that is no address stands for itself.';
COMMENT ON TABLE otalink.customer_backend IS 'The desk''s customer backends whose customer users were copied; see "otalink customer sync".';
COMMENT ON COLUMN otalink.customer_backend.name IS 'The name, as in the desk''s Kernel/Config.pm.';
COMMENT ON COLUMN otalink.customer_backend.synced_at IS 'When the copies were renewed last.';
COMMENT ON COLUMN otalink.customer_backend.customer_users IS 'How many customer users it had then.';
COMMENT ON COLUMN otalink.customer_backend.skipped IS 'How many of them were left out: no usable address, or a login that another backend has.';
COMMENT ON TABLE otalink.customer_preference IS 'Preferences of customer users, in the form of the ticket system''s own table.';
COMMENT ON COLUMN otalink.customer_preference.user_id IS 'Login of the customer user.';
COMMENT ON COLUMN otalink.customer_preference.preferences_key IS 'Name, such as UserLanguage.';
COMMENT ON COLUMN otalink.customer_preference.preferences_value IS 'Value, such as de.';
COMMENT ON TABLE otalink.customer_user IS 'Customer users made from incoming mail. The columns are those of the ticket system''s own table, so that it can read this one as a customer backend.';
COMMENT ON COLUMN otalink.customer_user.id IS 'Number of the row.';
COMMENT ON COLUMN otalink.customer_user.login IS 'The name the ticket system knows the person by; the mail address, if we made the account.';
COMMENT ON COLUMN otalink.customer_user.email IS 'Links for this person are mailed to this address and to no other.';
COMMENT ON COLUMN otalink.customer_user.customer_id IS 'The company or group; the mail address, if we made the account.';
COMMENT ON COLUMN otalink.customer_user.pw IS 'Password hash in the ticket system''s format; empty or null for people without a password.';
COMMENT ON COLUMN otalink.customer_user.title IS 'Title.';
COMMENT ON COLUMN otalink.customer_user.first_name IS 'First name.';
COMMENT ON COLUMN otalink.customer_user.last_name IS 'Last name.';
COMMENT ON COLUMN otalink.customer_user.phone IS 'Telephone number.';
COMMENT ON COLUMN otalink.customer_user.fax IS 'Fax number.';
COMMENT ON COLUMN otalink.customer_user.mobile IS 'Mobile telephone number.';
COMMENT ON COLUMN otalink.customer_user.street IS 'Street and number.';
COMMENT ON COLUMN otalink.customer_user.zip IS 'Postal code.';
COMMENT ON COLUMN otalink.customer_user.city IS 'Town.';
COMMENT ON COLUMN otalink.customer_user.country IS 'Country.';
COMMENT ON COLUMN otalink.customer_user.comments IS 'Remarks.';
COMMENT ON COLUMN otalink.customer_user.valid_id IS '1: valid. Anything else: the account is switched off, its links and sessions are dead.';
COMMENT ON COLUMN otalink.customer_user.create_time IS 'When the account was made.';
COMMENT ON COLUMN otalink.customer_user.create_by IS 'Who made it, as the ticket system counts its agents; 1 for us.';
COMMENT ON COLUMN otalink.customer_user.change_time IS 'When the account was changed last.';
COMMENT ON COLUMN otalink.customer_user.change_by IS 'Who changed it last.';
COMMENT ON COLUMN otalink.customer_user.backend IS 'Empty: an account of this table. Else a copy from the desk''s customer backend of that name, renewed by "otalink customer sync"; its pw is * where there is a password.';
COMMENT ON FUNCTION otalink.customer_user_guarded() IS 'Keeps the mail filter''s role from our own customer users and from passwords.';
COMMENT ON VIEW otalink.customer_users IS 'Customer users of all backends that we know, with what they have open. Ask for one login or address; all of them take a while.';
COMMENT ON VIEW otalink.daily_figures IS 'What happened on each of the last thirty days, in the time zone of the asking session.';
COMMENT ON TABLE otalink.desk_event IS 'What the ticket system has reported, one row for ticket, event and article; each is worked off by whichever replica is free, in order for a ticket. Done ones are deleted after seven days, given up ones after thirty.';
COMMENT ON COLUMN otalink.desk_event.id IS 'Number of the event; logs name it.';
COMMENT ON COLUMN otalink.desk_event.sequence IS 'The order in which the events of a ticket are worked off.';
COMMENT ON COLUMN otalink.desk_event.ticket_id IS 'The ticket, by the ticket system''s own id.';
COMMENT ON COLUMN otalink.desk_event.event IS 'TicketCreate, ArticleCreate, TicketClose (reported as TicketStateUpdate), TicketDelete; other: any other.';
COMMENT ON COLUMN otalink.desk_event.article_id IS 'The article of an ArticleCreate, by the ticket system''s own id; 0: none, or it was not said.';
COMMENT ON COLUMN otalink.desk_event.state IS 'queued: it waits, or is being worked on. done. dead: given up after three days; it can be tried again.';
COMMENT ON COLUMN otalink.desk_event.reports IS 'How often it was reported. A report during the work has the work done again.';
COMMENT ON COLUMN otalink.desk_event.attempts IS 'How often it was begun, since it was reported last while none waited.';
COMMENT ON COLUMN otalink.desk_event.created_at IS 'Since when it waits; the three days count from here.';
COMMENT ON COLUMN otalink.desk_event.reported_at IS 'When it was reported last.';
COMMENT ON COLUMN otalink.desk_event.next_attempt_at IS 'When it is due.';
COMMENT ON COLUMN otalink.desk_event.claimed_until IS 'A replica works on it; after this time another may.';
COMMENT ON COLUMN otalink.desk_event.claimed_by IS 'The replica.';
COMMENT ON COLUMN otalink.desk_event.finished_at IS 'When it was done or given up.';
COMMENT ON COLUMN otalink.desk_event.last_error IS 'Why the last attempt failed.';
COMMENT ON COLUMN otalink.desk_event.client_address IS 'Where the report came from.';
COMMENT ON COLUMN otalink.desk_event.user_agent IS 'What the reporting program called itself.';
COMMENT ON COLUMN otalink.desk_event.request_id IS 'The request of the report, as the logs name it.';
COMMENT ON FUNCTION otalink.drop_audit_month(before timestamp with time zone) IS 'Drops the oldest partition of the audit trail if all its events are from before that time, and says how many they were. Null: there is none.';
COMMENT ON TABLE otalink.foreign_host IS 'Hosts that are not ours under which customers'' pages were asked for; the twenty with the most requests lately.';
COMMENT ON COLUMN otalink.foreign_host.host IS 'The name, in lower case and without a port.';
COMMENT ON COLUMN otalink.foreign_host.peer IS 'Address of the proxy or client that the request came from.';
COMMENT ON COLUMN otalink.foreign_host.is_ours_elsewhere IS 'Whether the peer, which OTALINK_TRUSTED_PROXIES does not name, sent an X-Forwarded-Host that is ours.';
COMMENT ON COLUMN otalink.foreign_host.requests IS 'How many requests there were.';
COMMENT ON COLUMN otalink.foreign_host.first_seen_at IS 'When the first came.';
COMMENT ON COLUMN otalink.foreign_host.last_seen_at IS 'When a replica wrote the last one down.';
COMMENT ON FUNCTION otalink.grant_roles() IS 'Makes the roles otalink_mail, otalink_desk and otalink_inspector and gives them their rights. Returns what a superuser has to run instead where we may not; empty: nothing.';
COMMENT ON TABLE otalink.job_run IS 'One row for each time a job was due; no job runs twice for one time.';
COMMENT ON COLUMN otalink.job_run.job IS 'Name of the job.';
COMMENT ON COLUMN otalink.job_run.due_at IS 'The time it was scheduled for.';
COMMENT ON COLUMN otalink.job_run.started_at IS 'When the (last) attempt began.';
COMMENT ON COLUMN otalink.job_run.finished_at IS 'When it ended; null while it runs, or if its runner died and no other has taken over yet.';
COMMENT ON COLUMN otalink.job_run.runner IS 'The replica that ran it.';
COMMENT ON COLUMN otalink.job_run.attempts IS 'How often it was begun.';
COMMENT ON COLUMN otalink.job_run.outcome IS 'done or failed.';
COMMENT ON COLUMN otalink.job_run.detail IS 'What it did, or why it failed.';
COMMENT ON VIEW otalink.job_status IS 'The last run of each job.';
COMMENT ON VIEW otalink.keys_in_use IS 'How many links each secret key signs, and how many signing keys it seals. A key may leave the ring when it is not listed here; "otalink keys list" compares with the ring.';
COMMENT ON TABLE otalink.link IS 'One row is one chance for one customer user on one ticket to sign in. The token in the URL is computed from the id and the secret key and stored nowhere; of links of the add-on, add_on_token has a hash.';
COMMENT ON COLUMN otalink.link.id IS 'Logs name links by it. Without the secret key it opens nothing.';
COMMENT ON COLUMN otalink.link.sequence IS 'Decides which of two links is newer. Those of the add-on are negative: older than all of ours.';
COMMENT ON COLUMN otalink.link.ticket_number IS 'The ticket it leads to.';
COMMENT ON COLUMN otalink.link.customer_login IS 'The customer user whom it signs in.';
COMMENT ON COLUMN otalink.link.recipient IS 'The address it was made for; if the stored address differs by now, the link counts as superseded.';
COMMENT ON COLUMN otalink.link.key_id IS 'The secret key that signs its token; see "otalink keys list". add-on: none does.';
COMMENT ON COLUMN otalink.link.state IS 'offered: made, its mail not accepted yet. active: the one to click. used: somebody signed in. superseded: a newer one took its place. revoked: taken back.';
COMMENT ON COLUMN otalink.link.origin IS 'api: asked for by a program or an operator. notification: sent with one. refresh: mailed because an old link was tried. add-on: imported from the predecessor.';
COMMENT ON COLUMN otalink.link.created_at IS 'When it was made; LinkLifetime counts from here.';
COMMENT ON COLUMN otalink.link.activated_at IS 'When it became the active one.';
COMMENT ON COLUMN otalink.link.used_at IS 'When somebody signed in with it.';
COMMENT ON COLUMN otalink.link.used_by_browser IS 'Hash of the form cookie of the browser that did; tells a double click from a replay.';
COMMENT ON COLUMN otalink.link.ended_at IS 'When it was superseded or revoked.';
COMMENT ON COLUMN otalink.link.end_reason IS 'Why it was revoked.';
COMMENT ON TABLE otalink.link_request IS 'Wishes for a new link, from the page "send me a new link"; each is looked up once and deleted after an hour.';
COMMENT ON COLUMN otalink.link_request.id IS 'Number of the wish.';
COMMENT ON COLUMN otalink.link_request.input_key IS 'Stands for what was typed: an authentication code under the secret keys, so that wishes for pairs that do not exist count too.';
COMMENT ON COLUMN otalink.link_request.ticket_number IS 'As typed; null once it was looked up.';
COMMENT ON COLUMN otalink.link_request.email IS 'As typed; null once it was looked up.';
COMMENT ON COLUMN otalink.link_request.language IS 'Language of the page.';
COMMENT ON COLUMN otalink.link_request.client_address IS 'Address of the client, for its limit.';
COMMENT ON COLUMN otalink.link_request.user_agent IS 'What the client called itself.';
COMMENT ON COLUMN otalink.link_request.request_id IS 'The request, as the logs name it.';
COMMENT ON COLUMN otalink.link_request.created_at IS 'When it was made.';
COMMENT ON COLUMN otalink.link_request.next_attempt_at IS 'When it is looked up, or looked up again because the ticket system did not answer.';
COMMENT ON COLUMN otalink.link_request.claimed_until IS 'A replica is looking it up; after this time another may.';
COMMENT ON COLUMN otalink.link_request.finished_at IS 'When it was looked up; the audit trail says what came of it.';
COMMENT ON VIEW otalink.link_visits IS 'Who opened the page of a link without pressing its button: a person, or a program such as a scanner of mails; reason says what told them apart.';
COMMENT ON VIEW otalink.link_wishes IS 'Wishes from the page "send me a new link" within the last hour. What was typed is gone once it was looked up; the event link.wished says what came of it.';
COMMENT ON FUNCTION otalink.living_session(first uuid) IS 'The session that holds the grants by now: itself, or the one that replaced it; null: it has ended. Idle time and lifetimes are not looked at.';
COMMENT ON TABLE otalink.mail_outbox IS 'Our own mails. Written together with what decided them, sent by whichever replica is free.';
COMMENT ON COLUMN otalink.mail_outbox.id IS 'Its Message-ID is made from it, so a repeat carries the same.';
COMMENT ON COLUMN otalink.mail_outbox.kind IS 'refresh: an old link was tried. notification: something happened to the ticket.';
COMMENT ON COLUMN otalink.mail_outbox.notification_id IS 'The notification whose text it has; null: the built-in text.';
COMMENT ON COLUMN otalink.mail_outbox.link_id IS 'The link that it carries.';
COMMENT ON COLUMN otalink.mail_outbox.ticket_number IS 'The ticket.';
COMMENT ON COLUMN otalink.mail_outbox.customer_login IS 'The customer user.';
COMMENT ON COLUMN otalink.mail_outbox.recipient IS 'The stored address of the customer user when the mail was queued.';
COMMENT ON COLUMN otalink.mail_outbox.language IS 'Language of the text.';
COMMENT ON COLUMN otalink.mail_outbox.state IS 'queued: to be sent at next_attempt_at. sent. dead: refused for good, see last_error. dropped: no longer wanted.';
COMMENT ON COLUMN otalink.mail_outbox.attempts IS 'How often sending was tried.';
COMMENT ON COLUMN otalink.mail_outbox.created_at IS 'When it was queued.';
COMMENT ON COLUMN otalink.mail_outbox.next_attempt_at IS 'When it is tried next.';
COMMENT ON COLUMN otalink.mail_outbox.claimed_until IS 'A replica is sending it; after this time another may.';
COMMENT ON COLUMN otalink.mail_outbox.claimed_by IS 'Which replica.';
COMMENT ON COLUMN otalink.mail_outbox.finished_at IS 'When it was sent, given up or dropped.';
COMMENT ON COLUMN otalink.mail_outbox.last_error IS 'What the mail server said last.';
COMMENT ON COLUMN otalink.mail_outbox.event_key IS 'The desk''s event that it tells of, such as "ArticleCreate 18 42" (ticket and article by the desk''s ids). While the row is there, a repeat of the event mails nothing. Null: no event, or the second mail of one.';
COMMENT ON COLUMN otalink.mail_outbox.code IS 'Random; stands in its Message-ID, so that a mail of ours that comes back is known. Null: never tried, or tried first by a program that made none.';
COMMENT ON COLUMN otalink.mail_outbox.first_link_to IS 'The recipient in lower case, of a mail with a link that nobody asked for; such mails to one address are limited. Null: of any other mail.';
COMMENT ON COLUMN otalink.mail_outbox.verdict_key IS 'Hexadecimal: the mail_key of the mail that began the ticket, in mail_verdict; null: there is none.';
COMMENT ON COLUMN otalink.mail_outbox.is_judged IS 'Whether the beginning of the ticket was judged before the mail was queued.';
COMMENT ON VIEW otalink.mail_queue IS 'Mails that wait to be sent, and those that were given up.';
COMMENT ON TABLE otalink.mail_verdict IS 'What the mail filter thought of a mail; deleted after seven days.';
COMMENT ON COLUMN otalink.mail_verdict.mail_key IS 'SHA-256 of its Message-ID and its sender.';
COMMENT ON COLUMN otalink.mail_verdict.verdict IS 'person: its sender may become a customer user and be mailed a link. quiet: may become one, but wants no automatic answer. All others: neither.';
COMMENT ON COLUMN otalink.mail_verdict.reason IS 'Why, in a word, as the log says it.';
COMMENT ON COLUMN otalink.mail_verdict.at IS 'When the filter saw the mail first.';
COMMENT ON FUNCTION otalink.make_audit_month(ahead integer) IS 'Makes the partition for the month that is so many months ahead. False: it is there, or its events lie in the default partition.';
COMMENT ON TABLE otalink.notification IS 'Texts that are mailed with a link; one row a notification, its texts in notification_message.';
COMMENT ON COLUMN otalink.notification.id IS 'The number that OneTimeAuth::TokenRefreshNotificationID names.';
COMMENT ON COLUMN otalink.notification.name IS 'Name, for people.';
COMMENT ON COLUMN otalink.notification.event IS 'What sends it: TicketCreate, ArticleCreate, TicketClose; null: only what names it.';
COMMENT ON COLUMN otalink.notification.is_valid IS 'False: it is not sent.';
COMMENT ON COLUMN otalink.notification.changed_at IS 'Time of the last change.';
COMMENT ON COLUMN otalink.notification.comment IS 'Remarks, for people.';
COMMENT ON TABLE otalink.notification_message IS 'The text of a notification in one language.';
COMMENT ON COLUMN otalink.notification_message.notification_id IS 'The notification.';
COMMENT ON COLUMN otalink.notification_message.language IS 'Language tag, such as de.';
COMMENT ON COLUMN otalink.notification_message.subject IS 'Subject, with tags.';
COMMENT ON COLUMN otalink.notification_message.body IS 'Text, with tags; <OTOBO_OTACustomerTicketLink> is where the link goes.';
COMMENT ON COLUMN otalink.notification_message.content_type IS 'text/plain or text/html.';
COMMENT ON FUNCTION otalink.notify_access(kind text, keys text[]) IS 'Tells all replicas to forget what they remember of these sessions, customer users or tickets.';
COMMENT ON TABLE otalink.oidc_client IS 'Programs that customers may sign in to by OpenID Connect; see "otalink oidc client". Deleting one ends its tokens at once.';
COMMENT ON COLUMN otalink.oidc_client.id IS 'What the program calls itself: its client_id.';
COMMENT ON COLUMN otalink.oidc_client.secret_hash IS 'SHA-256 of its secret; null for a public client, which has none and always needs PKCE.';
COMMENT ON COLUMN otalink.oidc_client.redirect_uris IS 'Where answers may go; compared byte for byte.';
COMMENT ON COLUMN otalink.oidc_client.post_logout_redirect_uris IS 'Where browsers may go after signing out; compared byte for byte.';
COMMENT ON COLUMN otalink.oidc_client.may_omit_pkce IS 'It may sign in without PKCE, because it cannot do it: OTOBO.';
COMMENT ON COLUMN otalink.oidc_client.may_use_id_token IS 'It may have its ID token posted through the browser (response_type=id_token, response_mode=form_post).';
COMMENT ON COLUMN otalink.oidc_client.created_at IS 'When it was added.';
COMMENT ON TABLE otalink.oidc_code IS 'Sign-ins at clients: a code, and after its exchange the access token that it gave. Both end with the session. Set revoked_at to end one alone.';
COMMENT ON COLUMN otalink.oidc_code.id IS 'Code and access token are computed from it and the secret key; they are stored nowhere.';
COMMENT ON COLUMN otalink.oidc_code.client_id IS 'The client it was made for.';
COMMENT ON COLUMN otalink.oidc_code.session_id IS 'The session that it tells of; the row may have been deleted since.';
COMMENT ON COLUMN otalink.oidc_code.redirect_uri IS 'Where it was sent; the exchange must name the same.';
COMMENT ON COLUMN otalink.oidc_code.nonce IS 'Goes into the ID token as it came.';
COMMENT ON COLUMN otalink.oidc_code.code_challenge IS 'Challenge of PKCE, S256; null where the client was let off it.';
COMMENT ON COLUMN otalink.oidc_code.scopes IS 'What the client asked for, and so what it may be told.';
COMMENT ON COLUMN otalink.oidc_code.issued_at IS 'When it was made; it can be exchanged for a minute.';
COMMENT ON COLUMN otalink.oidc_code.used_at IS 'When it was exchanged; the access token counts from here.';
COMMENT ON COLUMN otalink.oidc_code.exchange_id IS 'The exchange that spent it, so that one whose connection was lost can tell whether it was its own.';
COMMENT ON COLUMN otalink.oidc_code.revoked_at IS 'When code and token were taken back: the code was shown a second time, or somebody did it here.';
COMMENT ON TABLE otalink.oidc_signing_key IS 'Keys that sign ID tokens; see "otalink oidc key". The nightly job makes the next one, and deletes those whose time is over.';
COMMENT ON COLUMN otalink.oidc_signing_key.kid IS 'Thumbprint of the public key; names it in tokens and in the key set.';
COMMENT ON COLUMN otalink.oidc_signing_key.ring_key_id IS 'The secret key that seals it; see "otalink keys list".';
COMMENT ON COLUMN otalink.oidc_signing_key.sealed_key IS 'The private key, sealed: of no use without the secret key.';
COMMENT ON COLUMN otalink.oidc_signing_key.published_at IS 'Since when clients can read its public half.';
COMMENT ON COLUMN otalink.oidc_signing_key.first_use_at IS 'When it begins to sign, in place of the one before it.';
COMMENT ON COLUMN otalink.oidc_signing_key.retired_at IS 'When somebody took it out of use before its time; it stays published for a day.';
COMMENT ON TABLE otalink.oidc_subject IS 'What customer users are called towards clients: a random name for life, made at the first sign-in.';
COMMENT ON COLUMN otalink.oidc_subject.customer_login IS 'Login of the customer user.';
COMMENT ON COLUMN otalink.oidc_subject.subject IS 'The claim sub. Clients keep their accounts by it, so it never changes.';
COMMENT ON COLUMN otalink.oidc_subject.created_at IS 'When it was made.';
COMMENT ON VIEW otalink.open_grants IS 'Which ticket is open in which session; ticket_number null: all of the person. The lifetimes in the settings may have ended some of them.';
COMMENT ON VIEW otalink.open_links IS 'Links that may still be clicked, with what is known of their tickets.';
COMMENT ON VIEW otalink.open_sessions IS 'Sessions that nobody ended; the lifetimes in the settings may have ended some of them.';
COMMENT ON VIEW otalink.openid_clients IS 'Programs that customers sign in to by OpenID Connect, what each may do, and the addresses that it may name.';
COMMENT ON VIEW otalink.openid_keys IS 'Keys that sign ID tokens, and the secret key that seals each; "otalink oidc key list" says which one signs now.';
COMMENT ON VIEW otalink.openid_sign_ins IS 'Who signed in at which program, and what became of it; gone with the session.';
COMMENT ON TABLE otalink.outbound_link IS 'Which link a mail of the desk got; gone with the link.';
COMMENT ON COLUMN otalink.outbound_link.mail_key IS 'SHA-256 over the mail''s Message-ID, its recipient, the ticket and the customer user.';
COMMENT ON COLUMN otalink.outbound_link.link_id IS 'The link.';
COMMENT ON COLUMN otalink.outbound_link.created_at IS 'When the mail was first seen.';
COMMENT ON COLUMN otalink.outbound_link.accepted_at IS 'When the mail server behind the filter had taken the mail, and the link became the active one.';
COMMENT ON TABLE otalink.own_address IS 'Addresses that our own mails come from, as the replicas say every hour; mails from them create no customer user.';
COMMENT ON COLUMN otalink.own_address.address IS 'The address, in lower case.';
COMMENT ON COLUMN otalink.own_address.published_at IS 'When a replica said so last; after thirty days the row counts no more.';
COMMENT ON VIEW otalink.own_customer_user IS 'Our own customer users: the desk reads and writes them here as one of its customer backends. See "otalink desk config".';
COMMENT ON VIEW otalink.recent_events IS 'What happened within the last day, the newest first.';
COMMENT ON VIEW otalink.refusals IS 'Clicks on links that did not sign in, and what that means.';
COMMENT ON TABLE otalink.role_right IS 'The rights of the roles that otalink.grant_roles() makes.';
COMMENT ON COLUMN otalink.role_right.role IS 'The role.';
COMMENT ON COLUMN otalink.role_right.privilege IS 'What stands between GRANT and TO in the statement that gives the right.';
COMMENT ON TABLE otalink.schema_migration IS 'The migrations that have been applied; written by "otalink migrate up" and by nothing else.';
COMMENT ON COLUMN otalink.schema_migration.version IS 'Number of the file, from 1.';
COMMENT ON COLUMN otalink.schema_migration.name IS 'Name of the file.';
COMMENT ON COLUMN otalink.schema_migration.checksum IS 'SHA-256 of the file as it was applied, in hexadecimal digits.';
COMMENT ON COLUMN otalink.schema_migration.applied_at IS 'When it was applied.';
COMMENT ON COLUMN otalink.schema_migration.duration_ms IS 'How long it took, in milliseconds.';
COMMENT ON COLUMN otalink.schema_migration.applied_by IS 'The database role that applied it.';
COMMENT ON TABLE otalink.session IS 'What a redeemed link left in a browser. Set revoked_at to end one; every replica obeys within a second.';
COMMENT ON COLUMN otalink.session.id IS 'The cookie is computed from it and the secret key; it is stored nowhere.';
COMMENT ON COLUMN otalink.session.link_id IS 'The link of its newest grant that has not ended; the row may have been deleted since.';
COMMENT ON COLUMN otalink.session.customer_login IS 'The customer user who is signed in.';
COMMENT ON COLUMN otalink.session.ticket_number IS 'The ticket of that grant. All of them: see session_grant.';
COMMENT ON COLUMN otalink.session.scope IS 'account: that grant counts for the desk and for other programs. ticket: it does not.';
COMMENT ON COLUMN otalink.session.created_at IS 'When that grant began; SessionLifetime counts from here.';
COMMENT ON COLUMN otalink.session.last_seen_at IS 'The last request, to the minute; SessionIdleTime counts from here.';
COMMENT ON COLUMN otalink.session.revoked_at IS 'When it was ended before its time.';
COMMENT ON COLUMN otalink.session.revoke_reason IS 'Why.';
COMMENT ON COLUMN otalink.session.client_address IS 'Address of the browser at the sign-in.';
COMMENT ON COLUMN otalink.session.user_agent IS 'What the browser called itself at the sign-in.';
COMMENT ON COLUMN otalink.session.has_grants IS 'False: the first release wrote it, and the columns of this row are its one grant.';
COMMENT ON COLUMN otalink.session.replaced_by IS 'The session of a later click of the same browser, to which the grants have moved. It may have been replaced too.';
COMMENT ON COLUMN otalink.session.replaced_at IS 'When; for a minute a request with the old cookie is led to the new session.';
COMMENT ON COLUMN otalink.session.forms IS 'Hashes of the form cookies that came with the click; they tell which browser it was.';
COMMENT ON TABLE otalink.session_grant IS 'What sessions give access to. Set ended_at to end one; every replica obeys within a second, and a session without any is over.';
COMMENT ON COLUMN otalink.session_grant.id IS 'Number of the grant; it stays when the grant moves to the session of the next click.';
COMMENT ON COLUMN otalink.session_grant.session_id IS 'The session that holds it.';
COMMENT ON COLUMN otalink.session_grant.link_id IS 'The link behind it, which ends it when it is revoked; null: there is none.';
COMMENT ON COLUMN otalink.session_grant.ticket_number IS 'The ticket that it shows; null: all tickets of the person, on our pages.';
COMMENT ON COLUMN otalink.session_grant.counts_at_desk IS 'The person is signed in at the desk and at other programs by it, as Landing said at the click.';
COMMENT ON COLUMN otalink.session_grant.created_at IS 'When it began; it ends SessionLifetime later.';
COMMENT ON COLUMN otalink.session_grant.ended_at IS 'When it was ended before its time.';
COMMENT ON COLUMN otalink.session_grant.end_reason IS 'Why.';
COMMENT ON TABLE otalink.setting IS 'Settings that differ from their defaults. Change them with "otalink setting set", which checks the value; all replicas see a change at once, also one made here.';
COMMENT ON COLUMN otalink.setting.name IS 'Name of the setting; NAME@de sets a text for one language.';
COMMENT ON COLUMN otalink.setting.value IS 'The value, as text.';
COMMENT ON COLUMN otalink.setting.changed_at IS 'Time of the last change.';
COMMENT ON COLUMN otalink.setting.changed_by IS 'Who changed it last.';
COMMENT ON VIEW otalink.sign_ins IS 'Who signed in, with which link, from where, and what became of the session.';
COMMENT ON VIEW otalink.storage IS 'How large each table is, its indexes included; the rows as of the last ANALYZE.';
COMMENT ON TABLE otalink.ticket IS 'What the ticket system said of each ticket that has links, and when it said it.';
COMMENT ON COLUMN otalink.ticket.ticket_number IS 'Public number of the ticket.';
COMMENT ON COLUMN otalink.ticket.ticket_id IS 'The ticket system''s own id; null if the ticket was never seen.';
COMMENT ON COLUMN otalink.ticket.title IS 'Title.';
COMMENT ON COLUMN otalink.ticket.state IS 'State by name, such as "closed successful".';
COMMENT ON COLUMN otalink.ticket.state_type IS 'Kind of the state: new, open, pending reminder, pending auto, closed, removed, merged.';
COMMENT ON COLUMN otalink.ticket.queue IS 'Queue by name.';
COMMENT ON COLUMN otalink.ticket.customer_login IS 'Customer user whose ticket it is; links of anybody else are dead.';
COMMENT ON COLUMN otalink.ticket.customer_id IS 'Company or group of the customer user.';
COMMENT ON COLUMN otalink.ticket.closed_at IS 'The last close; access ends OneTimeAuth::AccessDaysAfterClose days later. Null while the ticket is open.';
COMMENT ON COLUMN otalink.ticket.merged_into IS 'Number of the ticket that this one was merged into.';
COMMENT ON COLUMN otalink.ticket.is_visible IS 'False: the ticket system did not show it to us; it was deleted, or our agent may not read it.';
COMMENT ON COLUMN otalink.ticket.unseen_since IS 'Since when it is not visible.';
COMMENT ON COLUMN otalink.ticket.read_at IS 'When the ticket system was asked last.';
COMMENT ON COLUMN otalink.ticket.reported_at IS 'When the ticket system last reported that something happened to the ticket; what was read before is not fresh any more. Null: it never did.';
COMMENT ON VIEW otalink.ticket_history IS 'What happened to the links and sessions of a ticket. Ask with WHERE ticket_number = ... ORDER BY at.';
COMMENT ON VIEW otalink.unseen_tickets IS 'Tickets that the ticket system does not show us: deleted, or in a queue that our agent may not read. The nightly job deletes their links after a while.';
REVOKE ALL ON FUNCTION otalink.oidc_subject_follows() FROM PUBLIC;
GRANT USAGE ON SCHEMA otalink TO otalink_desk;
GRANT USAGE ON SCHEMA otalink TO otalink_inspector;
GRANT USAGE ON SCHEMA otalink TO otalink_mail;
GRANT USAGE ON SEQUENCE otalink.audit_event_id_seq TO otalink_mail;
GRANT SELECT (link_id, imported_at) ON otalink.add_on_token TO otalink_inspector;
GRANT SELECT ON otalink.api_calls TO otalink_inspector;
GRANT SELECT (id, name, scopes, created_at, revoked_at, last_used_at, networks) ON otalink.api_key TO otalink_inspector;
GRANT SELECT ON otalink.api_keys TO otalink_inspector;
GRANT SELECT ON otalink.api_token_use TO otalink_inspector;
GRANT SELECT ON otalink.api_use TO otalink_inspector;
GRANT SELECT ON otalink.audit_event TO otalink_inspector;
GRANT SELECT (at, event, customer_login), INSERT (event, link_id, session_id, ticket_number, customer_login, reason, actor, client_address, user_agent, request_id) ON otalink.audit_event TO otalink_mail;
GRANT SELECT ON otalink.customer_backend TO otalink_inspector;
GRANT SELECT (name, synced_at, customer_users, skipped) ON otalink.customer_backend TO otalink_mail;
GRANT SELECT (user_id, preferences_key, preferences_value), INSERT (user_id, preferences_key, preferences_value) ON otalink.customer_preference TO otalink_mail;
GRANT SELECT (id, login, email, customer_id, title, first_name, last_name, phone, fax, mobile, street, zip, city, country, comments, valid_id, create_time, create_by, change_time, change_by, backend) ON otalink.customer_user TO otalink_inspector;
GRANT SELECT (login, email, customer_id, pw, first_name, last_name, valid_id, backend), INSERT (login, email, customer_id, pw, first_name, last_name, valid_id, backend), UPDATE (email, customer_id, pw, first_name, last_name, valid_id, change_time) ON otalink.customer_user TO otalink_mail;
GRANT SELECT ON otalink.customer_users TO otalink_inspector;
GRANT SELECT ON otalink.daily_figures TO otalink_inspector;
GRANT SELECT ON otalink.desk_event TO otalink_inspector;
GRANT SELECT ON otalink.foreign_host TO otalink_inspector;
GRANT SELECT ON otalink.job_run TO otalink_inspector;
GRANT SELECT ON otalink.job_status TO otalink_inspector;
GRANT SELECT ON otalink.keys_in_use TO otalink_inspector;
GRANT SELECT (id, sequence, ticket_number, customer_login, recipient, key_id, state, origin, created_at, activated_at, used_at, ended_at, end_reason) ON otalink.link TO otalink_inspector;
GRANT SELECT ON otalink.link_visits TO otalink_inspector;
GRANT SELECT ON otalink.link_wishes TO otalink_inspector;
GRANT SELECT ON otalink.mail_outbox TO otalink_inspector;
GRANT SELECT (id, ticket_number, created_at, code) ON otalink.mail_outbox TO otalink_mail;
GRANT SELECT ON otalink.mail_queue TO otalink_inspector;
GRANT SELECT (verdict, reason, at) ON otalink.mail_verdict TO otalink_inspector;
GRANT SELECT, INSERT ON otalink.mail_verdict TO otalink_mail;
GRANT SELECT ON otalink.notification TO otalink_inspector;
GRANT SELECT ON otalink.notification_message TO otalink_inspector;
GRANT SELECT ON otalink.oidc_subject TO otalink_inspector;
GRANT SELECT ON otalink.open_grants TO otalink_inspector;
GRANT SELECT ON otalink.open_links TO otalink_inspector;
GRANT SELECT ON otalink.open_sessions TO otalink_inspector;
GRANT SELECT ON otalink.openid_clients TO otalink_inspector;
GRANT SELECT ON otalink.openid_keys TO otalink_inspector;
GRANT SELECT ON otalink.openid_sign_ins TO otalink_inspector;
GRANT SELECT (link_id, created_at, accepted_at) ON otalink.outbound_link TO otalink_inspector;
GRANT SELECT ON otalink.own_address TO otalink_inspector;
GRANT SELECT ON otalink.own_address TO otalink_mail;
GRANT SELECT, INSERT (login, email, customer_id, pw, title, first_name, last_name, phone, fax, mobile, street, zip, city, country, comments, valid_id, create_time, create_by, change_time, change_by), UPDATE (login, email, customer_id, pw, title, first_name, last_name, phone, fax, mobile, street, zip, city, country, comments, valid_id, change_time, change_by) ON otalink.own_customer_user TO otalink_desk;
GRANT SELECT ON otalink.recent_events TO otalink_inspector;
GRANT SELECT ON otalink.refusals TO otalink_inspector;
GRANT SELECT ON otalink.schema_migration TO otalink_inspector;
GRANT SELECT (id, link_id, customer_login, ticket_number, scope, created_at, last_seen_at, revoked_at, revoke_reason, client_address, user_agent, has_grants, replaced_by, replaced_at) ON otalink.session TO otalink_inspector;
GRANT SELECT ON otalink.session_grant TO otalink_inspector;
GRANT SELECT ON otalink.setting TO otalink_inspector;
GRANT SELECT (name, value) ON otalink.setting TO otalink_mail;
GRANT SELECT ON otalink.sign_ins TO otalink_inspector;
GRANT SELECT ON otalink.storage TO otalink_inspector;
GRANT SELECT ON otalink.ticket TO otalink_inspector;
GRANT SELECT (ticket_number, ticket_id, title, state, state_type, queue, customer_login, customer_id, closed_at, merged_into, is_visible, read_at, reported_at) ON otalink.ticket TO otalink_mail;
GRANT SELECT ON otalink.ticket_history TO otalink_inspector;
GRANT SELECT ON otalink.unseen_tickets TO otalink_inspector;
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_desk', 'INSERT (login, email, customer_id, pw, title, first_name, last_name, phone, fax, mobile, street, zip, city, country, comments, valid_id, create_time, create_by, change_time, change_by) ON otalink.own_customer_user');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_desk', 'SELECT ON otalink.own_customer_user');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_desk', 'UPDATE (login, email, customer_id, pw, title, first_name, last_name, phone, fax, mobile, street, zip, city, country, comments, valid_id, change_time, change_by) ON otalink.own_customer_user');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_desk', 'USAGE ON SCHEMA otalink');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_inspector', 'SELECT (id, link_id, customer_login, ticket_number, scope, created_at, last_seen_at, revoked_at, revoke_reason, client_address, user_agent, has_grants, replaced_by, replaced_at) ON otalink.session');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_inspector', 'SELECT (id, login, email, customer_id, title, first_name, last_name, phone, fax, mobile, street, zip, city, country, comments, valid_id, create_time, create_by, change_time, change_by, backend) ON otalink.customer_user');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_inspector', 'SELECT (id, name, scopes, created_at, revoked_at, last_used_at) ON otalink.api_key');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_inspector', 'SELECT (id, sequence, ticket_number, customer_login, recipient, key_id, state, origin, created_at, activated_at, used_at, ended_at, end_reason) ON otalink.link');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_inspector', 'SELECT (link_id, created_at, accepted_at) ON otalink.outbound_link');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_inspector', 'SELECT (link_id, imported_at) ON otalink.add_on_token');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_inspector', 'SELECT (networks) ON otalink.api_key');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_inspector', 'SELECT (verdict, reason, at) ON otalink.mail_verdict');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_inspector', 'SELECT ON otalink.api_token_use');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_inspector', 'SELECT ON otalink.desk_event');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_inspector', 'SELECT ON otalink.foreign_host');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_inspector', 'SELECT ON otalink.open_links, otalink.open_sessions, otalink.ticket_history, otalink.recent_events, otalink.mail_queue, otalink.job_status, otalink.sign_ins, otalink.refusals, otalink.link_visits, otalink.customer_users, otalink.unseen_tickets, otalink.link_wishes, otalink.keys_in_use, otalink.api_keys, otalink.daily_figures, otalink.storage');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_inspector', 'SELECT ON otalink.openid_clients, otalink.openid_sign_ins, otalink.openid_keys, otalink.api_calls');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_inspector', 'SELECT ON otalink.own_address');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_inspector', 'SELECT ON otalink.session_grant, otalink.open_grants');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_inspector', 'SELECT ON otalink.setting, otalink.ticket, otalink.mail_outbox, otalink.job_run, otalink.audit_event, otalink.notification, otalink.notification_message, otalink.customer_backend, otalink.schema_migration, otalink.oidc_subject, otalink.api_use');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_inspector', 'USAGE ON SCHEMA otalink');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_mail', 'INSERT (event, link_id, session_id, ticket_number, customer_login, reason, actor, client_address, user_agent, request_id) ON otalink.audit_event');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_mail', 'INSERT (login, email, customer_id, first_name, last_name, valid_id, pw, backend) ON otalink.customer_user');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_mail', 'SELECT (code) ON otalink.mail_outbox');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_mail', 'SELECT (event, at, customer_login) ON otalink.audit_event');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_mail', 'SELECT (id, ticket_number, created_at) ON otalink.mail_outbox');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_mail', 'SELECT (login, email, customer_id, first_name, last_name, valid_id, pw, backend) ON otalink.customer_user');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_mail', 'SELECT (name, synced_at, customer_users, skipped) ON otalink.customer_backend');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_mail', 'SELECT (name, value) ON otalink.setting');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_mail', 'SELECT (reported_at) ON otalink.ticket');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_mail', 'SELECT (ticket_number, ticket_id, title, state, state_type, queue, customer_login, customer_id, closed_at, merged_into, is_visible, read_at) ON otalink.ticket');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_mail', 'SELECT (user_id, preferences_key, preferences_value), INSERT (user_id, preferences_key, preferences_value) ON otalink.customer_preference');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_mail', 'SELECT ON otalink.own_address');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_mail', 'SELECT, INSERT ON otalink.mail_verdict');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_mail', 'UPDATE (email, customer_id, first_name, last_name, valid_id, pw, change_time) ON otalink.customer_user');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_mail', 'USAGE ON SCHEMA otalink');
INSERT INTO otalink.role_right (role, privilege) VALUES ('otalink_mail', 'USAGE ON SEQUENCE otalink.audit_event_id_seq');
