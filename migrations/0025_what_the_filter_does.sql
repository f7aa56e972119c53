-- The mail filter's role writes what the filter writes. With a free choice of login and address it got the links of every customer user
-- whom another backend has and who is not copied yet; with a free choice of events it could write anybody's history.

CREATE OR REPLACE FUNCTION otalink.customer_user_guarded() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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
$$;

-- The filter of the release before cuts the login of a long address to what the column holds.
CREATE TRIGGER customer_user_guarded_newcomer BEFORE INSERT ON otalink.customer_user
    FOR EACH ROW WHEN (
        NEW.backend = ''
        AND (lower(NEW.login COLLATE "C") <> lower(left(NEW.email, 200) COLLATE "C")
             OR lower(NEW.customer_id COLLATE "C") <> lower(NEW.email COLLATE "C")
             OR NEW.valid_id <> 1))
    EXECUTE FUNCTION otalink.customer_user_guarded();

CREATE FUNCTION otalink.audit_event_guarded() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'otalink_mail' AND pg_has_role(oid, 'USAGE')) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the role otalink_mail writes no such event' USING ERRCODE = 'insufficient_privilege';
END
$$;
COMMENT ON FUNCTION otalink.audit_event_guarded() IS 'Keeps the mail filter''s role to the events that the filter writes.';

-- Our own user may change events, which no role may: for it the function is not called.
CREATE TRIGGER audit_event_guarded BEFORE INSERT ON otalink.audit_event
    FOR EACH ROW WHEN (
        NEW.event NOT IN ('customer.created', 'customer.backend_read_only', 'mail.fields_removed', 'mail.passed')
        AND NOT has_table_privilege('otalink.audit_event'::regclass, 'UPDATE'))
    EXECUTE FUNCTION otalink.audit_event_guarded();

-- The desk gives numbers to no rows and changes none, nor who made a row and when.
DELETE FROM otalink.role_right
 WHERE role = 'otalink_desk'
   AND privilege = 'SELECT, INSERT, UPDATE ON otalink.own_customer_user';
INSERT INTO otalink.role_right (role, privilege) VALUES
    ('otalink_desk', 'SELECT ON otalink.own_customer_user'),
    ('otalink_desk', 'INSERT (login, email, customer_id, pw, title, first_name, last_name, phone, fax, mobile, street, zip, city, country, comments, valid_id, create_time, create_by, change_time, change_by) ON otalink.own_customer_user'),
    ('otalink_desk', 'UPDATE (login, email, customer_id, pw, title, first_name, last_name, phone, fax, mobile, street, zip, city, country, comments, valid_id, change_time, change_by) ON otalink.own_customer_user');

SELECT otalink.grant_roles();
