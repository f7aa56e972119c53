-- The OpenID Connect provider: the desk, or another program, lets customers sign in here. Codes and access tokens are signed texts
-- that name a row, as tokens of links are; nothing stores them.

CREATE TABLE otalink.oidc_client (
    id                        text        PRIMARY KEY
                              CONSTRAINT oidc_client_id CHECK (id COLLATE "C" ~ '^[A-Za-z0-9._-]{1,100}$'),
    secret_hash               bytea,
    redirect_uris             text[]      NOT NULL
                              CONSTRAINT oidc_client_redirect_uris CHECK (cardinality(redirect_uris) > 0),
    post_logout_redirect_uris text[]      NOT NULL DEFAULT '{}',
    may_omit_pkce             boolean     NOT NULL DEFAULT false,
    may_use_id_token          boolean     NOT NULL DEFAULT false,
    created_at                timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT oidc_client_public CHECK (secret_hash IS NOT NULL OR NOT may_omit_pkce)
);
REVOKE ALL ON otalink.oidc_client FROM PUBLIC;
COMMENT ON TABLE otalink.oidc_client IS 'Programs that customers may sign in to by OpenID Connect; see "otalink oidc client". Deleting one ends its tokens at once.';
COMMENT ON COLUMN otalink.oidc_client.id IS 'What the program calls itself: its client_id.';
COMMENT ON COLUMN otalink.oidc_client.secret_hash IS 'SHA-256 of its secret; null for a public client, which has none and always needs PKCE.';
COMMENT ON COLUMN otalink.oidc_client.redirect_uris IS 'Where answers may go; compared byte for byte.';
COMMENT ON COLUMN otalink.oidc_client.post_logout_redirect_uris IS 'Where browsers may go after signing out; compared byte for byte.';
COMMENT ON COLUMN otalink.oidc_client.may_omit_pkce IS 'It may sign in without PKCE, because it cannot do it: OTOBO.';
COMMENT ON COLUMN otalink.oidc_client.may_use_id_token IS 'It may have its ID token posted through the browser (response_type=id_token, response_mode=form_post).';
COMMENT ON COLUMN otalink.oidc_client.created_at IS 'When it was added.';

CREATE TABLE otalink.oidc_code (
    id             uuid        PRIMARY KEY,
    client_id      text        NOT NULL REFERENCES otalink.oidc_client ON DELETE CASCADE,
    session_id     uuid        NOT NULL,
    redirect_uri   text        NOT NULL,
    nonce          text,
    code_challenge text,
    scopes         text[]      NOT NULL,
    issued_at      timestamptz NOT NULL,
    used_at        timestamptz,
    exchange_id    uuid,
    revoked_at     timestamptz
);
CREATE INDEX oidc_code_of_session ON otalink.oidc_code (session_id, client_id, issued_at);
CREATE INDEX oidc_code_of_client ON otalink.oidc_code (client_id);
REVOKE ALL ON otalink.oidc_code FROM PUBLIC;
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

CREATE TABLE otalink.oidc_signing_key (
    kid          text        PRIMARY KEY,
    ring_key_id  text        NOT NULL,
    sealed_key   bytea       NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    first_use_at timestamptz NOT NULL,
    retired_at   timestamptz
);
REVOKE ALL ON otalink.oidc_signing_key FROM PUBLIC;
COMMENT ON TABLE otalink.oidc_signing_key IS 'Keys that sign ID tokens; see "otalink oidc key". The nightly job makes the next one, and deletes those whose time is over.';
COMMENT ON COLUMN otalink.oidc_signing_key.kid IS 'Thumbprint of the public key; names it in tokens and in the key set.';
COMMENT ON COLUMN otalink.oidc_signing_key.ring_key_id IS 'The secret key that seals it; see "otalink keys list".';
COMMENT ON COLUMN otalink.oidc_signing_key.sealed_key IS 'The private key, sealed: of no use without the secret key.';
COMMENT ON COLUMN otalink.oidc_signing_key.published_at IS 'Since when clients can read its public half.';
COMMENT ON COLUMN otalink.oidc_signing_key.first_use_at IS 'When it begins to sign, in place of the one before it.';
COMMENT ON COLUMN otalink.oidc_signing_key.retired_at IS 'When somebody took it out of use before its time; it stays published for a day.';

CREATE TABLE otalink.oidc_subject (
    customer_login text        PRIMARY KEY,
    subject        text        NOT NULL UNIQUE,
    created_at     timestamptz NOT NULL DEFAULT now()
);
REVOKE ALL ON otalink.oidc_subject FROM PUBLIC;
COMMENT ON TABLE otalink.oidc_subject IS 'What customer users are called towards clients: a random name for life, made at the first sign-in.';
COMMENT ON COLUMN otalink.oidc_subject.customer_login IS 'Login of the customer user.';
COMMENT ON COLUMN otalink.oidc_subject.subject IS 'The claim sub. Clients keep their accounts by it, so it never changes.';
COMMENT ON COLUMN otalink.oidc_subject.created_at IS 'When it was made.';

CREATE FUNCTION otalink.oidc_subject_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the subject of a customer user never changes: clients know the person by it';
END
$$;
CREATE TRIGGER oidc_subject_kept BEFORE UPDATE OF subject ON otalink.oidc_subject
    FOR EACH ROW WHEN (OLD.subject IS DISTINCT FROM NEW.subject) EXECUTE FUNCTION otalink.oidc_subject_kept();

-- The desk may give a customer user another login: it is the same person. Who has the old login afterwards is not. The desk's own role
-- changes customer users and has no rights here, so this runs with ours.
CREATE FUNCTION otalink.oidc_subject_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE otalink.oidc_subject
       SET customer_login = NEW.login
     WHERE customer_login = OLD.login
       AND NOT EXISTS (SELECT FROM otalink.oidc_subject AS taken WHERE taken.customer_login = NEW.login);
    RETURN NULL;
END
$$;
CREATE TRIGGER oidc_subject_follows AFTER UPDATE OF login ON otalink.customer_user
    FOR EACH ROW WHEN (OLD.login IS DISTINCT FROM NEW.login) EXECUTE FUNCTION otalink.oidc_subject_follows();
