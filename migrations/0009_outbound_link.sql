-- Links that mails of the desk carry: a mail that the desk hands over again gets the link that it had.

CREATE TABLE otalink.outbound_link (
    mail_key    bytea       PRIMARY KEY,
    link_id     uuid        NOT NULL REFERENCES otalink.link ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now(),
    accepted_at timestamptz
);
CREATE INDEX outbound_link_of_link ON otalink.outbound_link (link_id);
COMMENT ON TABLE otalink.outbound_link IS 'Which link a mail of the desk got; gone with the link.';
COMMENT ON COLUMN otalink.outbound_link.mail_key IS 'SHA-256 over the mail''s Message-ID, its recipient, the ticket and the customer user.';
COMMENT ON COLUMN otalink.outbound_link.link_id IS 'The link.';
COMMENT ON COLUMN otalink.outbound_link.created_at IS 'When the mail was first seen.';
COMMENT ON COLUMN otalink.outbound_link.accepted_at IS 'When the mail server behind the filter had taken the mail, and the link became the active one.';
