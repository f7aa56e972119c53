-- What the mail filter thinks of a mail is remembered until the desk has told of its ticket for the last time. Rows are only
-- added: of several verdicts on one mail the worst counts, whoever reads them.

CREATE TABLE otalink.mail_verdict (
    mail_key bytea       NOT NULL CONSTRAINT mail_verdict_key CHECK (octet_length(mail_key) = 32),
    verdict  text        NOT NULL CONSTRAINT mail_verdict_known
             CHECK (verdict IN ('person', 'quiet', 'limited', 'unauthenticated', 'no-sender', 'robot')),
    reason   text        NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (mail_key, verdict)
);
CREATE INDEX mail_verdict_age ON otalink.mail_verdict (at);
COMMENT ON TABLE otalink.mail_verdict IS 'What the mail filter thought of a mail; deleted after seven days.';
COMMENT ON COLUMN otalink.mail_verdict.mail_key IS 'SHA-256 of its Message-ID and its sender.';
COMMENT ON COLUMN otalink.mail_verdict.verdict IS 'person: its sender may become a customer user and be mailed a link. quiet: may become one, but wants no automatic answer. All others: neither.';
COMMENT ON COLUMN otalink.mail_verdict.reason IS 'Why, in a word, as the log says it.';
COMMENT ON COLUMN otalink.mail_verdict.at IS 'When the filter saw the mail first.';

-- The mail host does not know from which addresses the replicas mail, so they say so here.
CREATE TABLE otalink.own_address (
    address      text        PRIMARY KEY,
    published_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE otalink.own_address IS 'Addresses that our own mails come from, as the replicas say every hour; mails from them create no customer user.';
COMMENT ON COLUMN otalink.own_address.address IS 'The address, in lower case.';
COMMENT ON COLUMN otalink.own_address.published_at IS 'When a replica said so last; after thirty days the row counts no more.';

ALTER TABLE otalink.mail_outbox
    ADD COLUMN code          text,
    ADD COLUMN first_link_to text,
    ADD COLUMN verdict_key   text,
    ADD COLUMN is_judged     boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN otalink.mail_outbox.code IS 'Random; stands in its Message-ID, so that a mail of ours that comes back is known. Null: never tried, or tried first by a program that made none.';
COMMENT ON COLUMN otalink.mail_outbox.first_link_to IS 'The recipient in lower case, of a mail with a link that nobody asked for; such mails to one address are limited. Null: of any other mail.';
COMMENT ON COLUMN otalink.mail_outbox.verdict_key IS 'Hexadecimal: the mail_key of the mail that began the ticket, in mail_verdict; null: there is none.';
COMMENT ON COLUMN otalink.mail_outbox.is_judged IS 'Whether the beginning of the ticket was judged before the mail was queued.';

CREATE INDEX mail_outbox_first_links ON otalink.mail_outbox (first_link_to, created_at) WHERE first_link_to IS NOT NULL;
COMMENT ON INDEX otalink.mail_outbox_first_links IS 'For the limit of first links to one address.';

-- A program of the release before this one does not say that a mail carries a first link.
CREATE FUNCTION otalink.mark_first_link() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'notification' AND NEW.first_link_to IS NULL
       AND (NEW.event_key LIKE 'TicketCreate %' OR (NEW.event_key IS NULL AND NEW.notification_id IS NULL))
    THEN
        NEW.first_link_to := lower(NEW.recipient COLLATE "C");
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER mark_first_link BEFORE INSERT ON otalink.mail_outbox
    FOR EACH ROW EXECUTE FUNCTION otalink.mark_first_link();

INSERT INTO otalink.role_right (role, privilege) VALUES
    ('otalink_mail', 'SELECT, INSERT ON otalink.mail_verdict'),
    ('otalink_mail', 'SELECT ON otalink.own_address'),
    ('otalink_mail', 'SELECT (code) ON otalink.mail_outbox'),
    ('otalink_inspector', 'SELECT (verdict, reason, at) ON otalink.mail_verdict'),
    ('otalink_inspector', 'SELECT ON otalink.own_address');
SELECT otalink.grant_roles();
