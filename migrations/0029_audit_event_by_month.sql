-- The audit trail becomes a table of months, so that an old month goes as a whole and not row by row. This file reads no row, so it holds its
-- lock for a moment only; the next one makes the months. Programs of the release before write and trim the trail as before: they name the table and
-- its columns only.

-- Bounds are shown and read as UTC.
SET LOCAL timezone = 'UTC';
SET LOCAL datestyle = 'ISO';

CREATE FUNCTION otalink.audit_partitions()
RETURNS TABLE (partition regclass, since timestamptz, until timestamptz, is_default boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO' AS $$
    SELECT child.oid::regclass,
           substring(shown.bounds FROM 'FROM \(''([^'']+)''\)')::timestamptz,
           substring(shown.bounds FROM 'TO \(''([^'']+)''\)')::timestamptz,
           shown.bounds = 'DEFAULT'
      FROM pg_inherits
      JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid
     CROSS JOIN LATERAL (SELECT pg_get_expr(child.relpartbound, child.oid)) AS shown (bounds)
     WHERE pg_inherits.inhparent = 'otalink.audit_event'::regclass
$$;
COMMENT ON FUNCTION otalink.audit_partitions() IS
    'The partitions of the audit trail. A partition holds events from since to before until; if since is null, all earlier ones too.';

CREATE FUNCTION otalink.add_audit_partition(name text, bounds text, purpose text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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
$$;
COMMENT ON FUNCTION otalink.add_audit_partition(text, text, text) IS 'Makes a partition of the audit trail.';

CREATE FUNCTION otalink.make_audit_month(ahead integer) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '300ms' AS $$
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
$$;
COMMENT ON FUNCTION otalink.make_audit_month(integer) IS
    'Makes the partition for the month that is so many months ahead. False: it is there, or its events lie in the default partition.';

CREATE FUNCTION otalink.drop_audit_month(before timestamptz) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '300ms' AS $$
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
$$;
COMMENT ON FUNCTION otalink.drop_audit_month(timestamptz) IS
    'Drops the oldest partition of the audit trail if all its events are from before that time, and says how many they were. Null: there is none.';

DO $$
DECLARE
    trail oid := 'otalink.audit_event'::regclass;
    owner name := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = trail);
    description text := obj_description(trail, 'pg_class');
    bound timestamptz := (SELECT substring(pg_get_constraintdef(oid) FROM '''([^'']+)''')::timestamptz
                            FROM pg_constraint
                           WHERE conrelid = trail AND conname = 'audit_event_before_months' AND convalidated);
    next_number bigint;
    shown record;
    index record;
    trigger record;
    granted record;
    statement text;
    views oid[] := '{}';
    afterwards text[];
    triggers text[];
BEGIN
    IF owner <> current_user THEN
        RAISE EXCEPTION 'otalink.audit_event belongs to %: run "otalink migrate up" as that user', owner;
    END IF;

    -- A view keeps reading the table that it was made over, also after a rename. So all views over this table are made anew, those of an
    -- operator too. A reader locks a view before its table. So does this, or the two could wait for each other.
    FOR shown IN
        SELECT class.oid, class.oid::regclass AS name, class.relkind, class.relowner
          FROM pg_class AS class
         WHERE class.relpersistence <> 't'
           AND class.oid IN (SELECT rule.ev_class
                               FROM pg_depend AS used
                               JOIN pg_rewrite AS rule ON rule.oid = used.objid
                              WHERE used.classid = 'pg_rewrite'::regclass
                                AND used.refclassid = 'pg_class'::regclass
                                AND used.refobjid = trail)
         ORDER BY class.oid
    LOOP
        IF shown.relkind <> 'v' OR NOT pg_has_role(shown.relowner, 'USAGE') THEN
            RAISE EXCEPTION '% reads otalink.audit_event and cannot be made anew by this migration: drop it, and make it again afterwards',
                shown.name;
        END IF;
        -- Takes the lock and changes nothing.
        EXECUTE format('ALTER VIEW %s OWNER TO %s', shown.name, shown.relowner::regrole);
        views := views || shown.oid;
    END LOOP;
    LOCK TABLE otalink.audit_event IN ACCESS EXCLUSIVE MODE;

    -- The statements that make indexes, views and triggers anew are taken down while the table still has its name.
    triggers := ARRAY(SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = trail AND NOT tgisinternal);
    afterwards := ARRAY(SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = trail AND indisvalid AND NOT indisunique)
               || ARRAY(SELECT format('CREATE OR REPLACE VIEW %s%s AS %s', oid::regclass,
                                      ' WITH (' || array_to_string(reloptions, ', ') || ')', pg_get_viewdef(oid))
                          FROM pg_class
                         WHERE oid = ANY (views)
                         ORDER BY oid);
    next_number := nextval(pg_get_serial_sequence('otalink.audit_event', 'id'));

    -- The present table becomes the first partition.
    ALTER TABLE otalink.audit_event ALTER COLUMN id DROP IDENTITY, DROP CONSTRAINT audit_event_pkey;
    ALTER TABLE otalink.audit_event ADD CONSTRAINT audit_event_pkey PRIMARY KEY USING INDEX audit_event_of_number;
    FOR index IN
        SELECT relname AS name FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = trail
    LOOP
        EXECUTE format('ALTER INDEX otalink.%I RENAME TO %I', index.name,
                       'audit_event_first_' || regexp_replace(index.name, '^audit_event_', ''));
    END LOOP;
    FOR trigger IN SELECT tgname AS name FROM pg_trigger WHERE tgrelid = trail AND NOT tgisinternal LOOP
        EXECUTE format('DROP TRIGGER %I ON otalink.audit_event', trigger.name);
    END LOOP;
    ALTER TABLE otalink.audit_event RENAME TO audit_event_first;
    COMMENT ON TABLE otalink.audit_event_first IS
        'Events of the audit trail from before it was kept by month, and of the months in which that began.';

    -- Numbers go on. A partitioned table has no identity before PostgreSQL 17.
    EXECUTE format('CREATE SEQUENCE otalink.audit_event_id_seq AS bigint START WITH %s', next_number);
    CREATE TABLE otalink.audit_event (
        LIKE otalink.audit_event_first INCLUDING DEFAULTS INCLUDING COMMENTS INCLUDING STORAGE INCLUDING COMPRESSION
    ) PARTITION BY RANGE (at);
    ALTER TABLE otalink.audit_event
        ALTER COLUMN id SET DEFAULT nextval('otalink.audit_event_id_seq'), ADD PRIMARY KEY (id, at);
    ALTER SEQUENCE otalink.audit_event_id_seq OWNED BY otalink.audit_event.id;
    EXECUTE format('COMMENT ON TABLE otalink.audit_event IS %L', description);
    FOREACH statement IN ARRAY afterwards LOOP
        EXECUTE statement;
    END LOOP;

    -- Rights go to the whole table; only the owner may use its parts.
    FOR granted IN
        SELECT '' AS place, acl.*
          FROM pg_class, aclexplode(relacl) AS acl
         WHERE oid = trail AND acl.grantee <> relowner
        UNION ALL
        SELECT format(' (%I)', attname), acl.*
          FROM pg_attribute, aclexplode(attacl) AS acl
         WHERE attrelid = trail AND attnum > 0
    LOOP
        statement := CASE granted.grantee WHEN 0 THEN 'PUBLIC' ELSE granted.grantee::regrole::text END
                  || CASE WHEN granted.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END;
        EXECUTE format('GRANT %s%s ON otalink.audit_event TO %s', granted.privilege_type, granted.place, statement);
        IF granted.privilege_type = 'INSERT' THEN
            EXECUTE format('GRANT USAGE ON SEQUENCE otalink.audit_event_id_seq TO %s', statement);
        END IF;
        EXECUTE format('REVOKE ALL ON otalink.audit_event_first FROM %s CASCADE',
                       CASE granted.grantee WHEN 0 THEN 'PUBLIC' ELSE granted.grantee::regrole::text END);
    END LOOP;

    EXECUTE format('ALTER TABLE otalink.audit_event ATTACH PARTITION otalink.audit_event_first FOR VALUES FROM (MINVALUE) TO (%L)',
                   bound);
    ALTER TABLE otalink.audit_event_first DROP CONSTRAINT audit_event_before_months;
    -- The event of a sign-in is written with it. Without this partition, a missing month would stop all sign-ins.
    PERFORM otalink.add_audit_partition(
        'audit_event_default', 'DEFAULT',
        'Events of months that have no partition. Usually empty; "otalink doctor" reports its events.');
    -- The server gives a trigger of the whole table to each partition that there is, and to each that is attached later.
    FOREACH statement IN ARRAY triggers LOOP
        EXECUTE statement;
    END LOOP;
END
$$;

-- How large each table is; the audit trail counts as one.
CREATE OR REPLACE VIEW otalink.storage AS
SELECT whole.relname AS "table", sum(pg_total_relation_size(part.oid))::bigint AS bytes,
       pg_size_pretty(sum(pg_total_relation_size(part.oid))::bigint) AS size,
       sum(GREATEST(part.reltuples, 0)::bigint)::bigint AS estimated_rows
  FROM pg_class AS part
  JOIN pg_class AS whole ON whole.oid = COALESCE(pg_partition_root(part.oid), part.oid)
 WHERE part.relnamespace = 'otalink'::regnamespace
   AND part.relkind = 'r'
 GROUP BY whole.oid, whole.relname;

INSERT INTO otalink.role_right (role, privilege) VALUES
    ('otalink_mail', 'USAGE ON SEQUENCE otalink.audit_event_id_seq');
SELECT otalink.grant_roles();
