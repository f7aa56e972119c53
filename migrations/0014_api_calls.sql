-- Calls of the JSON interface that may be repeated, each with its answer, and how much of its allowance a key has used.

CREATE TABLE otalink.api_request (
    api_key         text        NOT NULL,
    idempotency_key text        NOT NULL,
    body_hash       bytea       NOT NULL,
    link_id         uuid        NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    claimed_until   timestamptz NOT NULL,
    request_id      text,
    answered_at     timestamptz,
    outcome         text,
    ticket_number   text,
    key_id          text,
    PRIMARY KEY (api_key, idempotency_key)
);
CREATE INDEX api_request_by_age ON otalink.api_request (created_at);
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

CREATE TABLE otalink.api_use (
    api_key text        PRIMARY KEY,
    minute  timestamptz NOT NULL,
    calls   integer     NOT NULL
);
COMMENT ON TABLE otalink.api_use IS 'How many calls replicas have set aside for an API key within a minute; each takes some at a time.';
COMMENT ON COLUMN otalink.api_use.api_key IS 'Name of the API key.';
COMMENT ON COLUMN otalink.api_use.minute IS 'The minute that is counted.';
COMMENT ON COLUMN otalink.api_use.calls IS 'Calls set aside in it.';

-- The refresh mails that a client has asked for, for its limit.
CREATE INDEX audit_event_of_refreshes ON otalink.audit_event (client_address, at)
    WHERE event = 'link.issued' AND reason = 'refresh';

-- Metrics count dead letters, among all the mails that were ever sent.
CREATE INDEX mail_outbox_dead ON otalink.mail_outbox (created_at) WHERE state = 'dead';
