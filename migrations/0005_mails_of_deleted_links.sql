-- A mail whose link was deleted has nothing to carry: it is dropped with the link, whoever deletes it, and does not hold
-- up the person's other mails.
CREATE OR REPLACE FUNCTION otalink.link_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE otalink.mail_outbox
           SET state = 'dropped', finished_at = now(), claimed_by = NULL, claimed_until = NULL,
               last_error = 'its link was deleted'
         WHERE state = 'queued' AND link_id IN (SELECT id FROM before);
        IF current_setting('otalink.quiet', true) IS DISTINCT FROM 'on' THEN
            UPDATE otalink.session
               SET revoked_at = now(), revoke_reason = 'link deleted'
             WHERE link_id IN (SELECT id FROM before WHERE state = 'used') AND revoked_at IS NULL;
        END IF;
    ELSIF EXISTS (SELECT FROM after WHERE state = 'revoked') THEN
        UPDATE otalink.session
           SET revoked_at = now(), revoke_reason = 'link revoked'
         WHERE link_id IN (SELECT id FROM after WHERE state = 'revoked') AND revoked_at IS NULL;
    END IF;
    RETURN NULL;
END
$$;
