-- Wishes for a new link from the page that anybody may open. What was typed stays only until it was looked up; the rest counts for
-- the limits for an hour.

CREATE TABLE otalink.link_request (
    id              uuid        PRIMARY KEY,
    input_key       bytea       NOT NULL,
    ticket_number   text,
    email           text,
    language        text        NOT NULL,
    client_address  text,
    user_agent      text,
    request_id      text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    claimed_until   timestamptz,
    finished_at     timestamptz
);
CREATE INDEX link_request_due ON otalink.link_request (next_attempt_at) WHERE finished_at IS NULL;
CREATE INDEX link_request_by_input ON otalink.link_request (input_key, created_at);
CREATE INDEX link_request_by_client ON otalink.link_request (client_address, created_at);
CREATE INDEX link_request_by_age ON otalink.link_request (created_at);
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

CREATE TRIGGER link_requested AFTER INSERT ON otalink.link_request
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.mail_queued();
