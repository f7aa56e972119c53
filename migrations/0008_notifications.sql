-- An event of the desk is mailed at most once, however often the desk repeats it.
ALTER TABLE otalink.mail_outbox ADD COLUMN event_key text;
CREATE UNIQUE INDEX mail_outbox_event ON otalink.mail_outbox (event_key) WHERE event_key IS NOT NULL;
COMMENT ON COLUMN otalink.mail_outbox.event_key IS
    'The desk''s event that it tells of, such as "ArticleCreate 18 42" (ticket and article by the desk''s ids). While the row is there, a repeat of the event mails nothing. Null: no event, or the second mail of one.';
COMMENT ON INDEX otalink.mail_outbox_event IS 'Each event is mailed once.';

-- Notifications come from the desk with a comment, and go back with it.
ALTER TABLE otalink.notification ADD COLUMN comment text NOT NULL DEFAULT '';
COMMENT ON COLUMN otalink.notification.comment IS 'Remarks, for people.';
