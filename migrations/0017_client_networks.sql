-- otalink: no-transaction
-- Limits for each client count an IPv6 client by its /64 network: a customer who has one address of such a network usually has all of them.
-- Each statement can run again after a failure; an index that was left unfinished is made anew.

CREATE OR REPLACE FUNCTION otalink.client_network(address text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    client inet;
BEGIN
    client := address::inet;
    IF family(client) = 4 THEN
        RETURN host(client);
    END IF;
    -- An IPv4 address that is written as an IPv6 one.
    IF client <<= inet '::ffff:0:0/96' THEN
        RETURN replace(host(client), '::ffff:', '');
    END IF;
    RETURN text(network(set_masklen(client, 64)));
EXCEPTION
    WHEN invalid_text_representation THEN
        RETURN address;
END
$$;

COMMENT ON FUNCTION otalink.client_network(text) IS
    'What counts as one client: an IPv4 address, or the /64 network of an IPv6 address. Text that is no address stands for itself.';

DROP INDEX CONCURRENTLY IF EXISTS otalink.link_request_by_network;

CREATE INDEX CONCURRENTLY link_request_by_network
    ON otalink.link_request (otalink.client_network(client_address), created_at);

DROP INDEX CONCURRENTLY IF EXISTS otalink.audit_event_refreshes_by_network;

CREATE INDEX CONCURRENTLY audit_event_refreshes_by_network
    ON otalink.audit_event (otalink.client_network(client_address), at)
    WHERE event = 'link.issued' AND reason = 'refresh';
