-- Links that the predecessor, an add-on of the desk, has mailed, so that those in customers' mailboxes go on.

-- The old constraint is the narrower one, so no row has to be looked at again under the lock.
ALTER TABLE otalink.link DROP CONSTRAINT link_origin;
ALTER TABLE otalink.link ADD CONSTRAINT link_origin
    CHECK (origin IN ('api', 'notification', 'refresh', 'add-on')) NOT VALID;
COMMENT ON TABLE otalink.link IS
    'One row is one chance for one customer user on one ticket to sign in. The token in the URL is computed from the id and the secret key and stored nowhere; of links of the add-on, add_on_token has a hash.';
COMMENT ON COLUMN otalink.link.sequence IS 'Decides which of two links is newer. Those of the add-on are negative: older than all of ours.';
COMMENT ON COLUMN otalink.link.key_id IS 'The secret key that signs its token; see "otalink keys list". add-on: none does.';
COMMENT ON COLUMN otalink.link.origin IS
    'api: asked for by a program or an operator. notification: sent with one. refresh: mailed because an old link was tried. add-on: imported from the predecessor.';

CREATE TABLE otalink.add_on_token (
    token_hash  bytea       PRIMARY KEY,
    link_id     uuid        NOT NULL REFERENCES otalink.link ON DELETE CASCADE,
    imported_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX add_on_token_of_link ON otalink.add_on_token (link_id);
REVOKE ALL ON otalink.add_on_token FROM PUBLIC;
COMMENT ON TABLE otalink.add_on_token IS 'Tokens of imported links of the add-on; gone with the link. Only the service reads it.';
COMMENT ON COLUMN otalink.add_on_token.token_hash IS 'SHA-256 of the token''s text.';
COMMENT ON COLUMN otalink.add_on_token.link_id IS 'The link.';
COMMENT ON COLUMN otalink.add_on_token.imported_at IS 'When it was imported.';

-- Replicas look for such tokens only while there are any. Deletions are not told: the deletion of any link at all would be, and a
-- replica that still looks finds nothing.
CREATE TRIGGER add_on_token_imported AFTER INSERT ON otalink.add_on_token
    FOR EACH STATEMENT EXECUTE FUNCTION otalink.setting_changed();
