-- Customer users of the desk's other backends: copies, which only synchronising writes. Whoever is known there is not made a
-- second time, and gets links to the address that stands there.

ALTER TABLE otalink.customer_user ADD COLUMN backend varchar(100) NOT NULL DEFAULT '';
COMMENT ON COLUMN otalink.customer_user.backend IS
    'Empty: an account of this table. Else a copy from the desk''s customer backend of that name, renewed by "otalink customer sync"; its pw is * where there is a password.';
CREATE INDEX customer_user_of_backend ON otalink.customer_user (backend) WHERE backend <> '';

CREATE TABLE otalink.customer_backend (
    name           varchar(100) PRIMARY KEY,
    synced_at      timestamptz  NOT NULL DEFAULT now(),
    customer_users bigint       NOT NULL,
    skipped        bigint       NOT NULL DEFAULT 0
);
COMMENT ON TABLE otalink.customer_backend IS 'The desk''s customer backends whose customer users were copied; see "otalink customer sync".';
COMMENT ON COLUMN otalink.customer_backend.name IS 'The name, as in the desk''s Kernel/Config.pm.';
COMMENT ON COLUMN otalink.customer_backend.synced_at IS 'When the copies were renewed last.';
COMMENT ON COLUMN otalink.customer_backend.customer_users IS 'How many customer users it had then.';
COMMENT ON COLUMN otalink.customer_backend.skipped IS 'How many of them were left out: no usable address, or a login that another backend has.';

-- What the desk reads as a customer backend: the accounts of this table alone, with the columns of its own.
CREATE VIEW otalink.own_customer_user AS
SELECT id, login, email, customer_id, pw, title, first_name, last_name, phone, fax, mobile, street, zip, city, country,
       comments, valid_id, create_time, create_by, change_time, change_by
  FROM otalink.customer_user
 WHERE backend = ''
  WITH CASCADED CHECK OPTION;
COMMENT ON VIEW otalink.own_customer_user IS 'Our own customer users: the desk reads and writes them here as one of its customer backends. See "otalink desk config".';

-- New accounts within the hour are counted where they are written down, since a copy is no new account.
CREATE INDEX audit_event_customer_created ON otalink.audit_event (at) WHERE event = 'customer.created';
