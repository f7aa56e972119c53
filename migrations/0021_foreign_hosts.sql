-- Under which hosts that are not ours pages are asked for: replicas write it down at most once a minute each, and doctor names it.

CREATE TABLE otalink.foreign_host (
    host              text        NOT NULL,
    peer              text        NOT NULL,
    is_ours_elsewhere boolean     NOT NULL,
    requests          bigint      NOT NULL,
    first_seen_at     timestamptz NOT NULL DEFAULT now(),
    last_seen_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (host, peer)
);
COMMENT ON TABLE otalink.foreign_host IS 'Hosts that are not ours under which customers'' pages were asked for; the twenty latest.';
COMMENT ON COLUMN otalink.foreign_host.host IS 'The name, in lower case and without a port.';
COMMENT ON COLUMN otalink.foreign_host.peer IS 'Address of the proxy or client that the request came from.';
COMMENT ON COLUMN otalink.foreign_host.is_ours_elsewhere IS 'Whether the peer, which OTALINK_TRUSTED_PROXIES does not name, sent an X-Forwarded-Host that is ours.';
COMMENT ON COLUMN otalink.foreign_host.requests IS 'How many requests there were.';
COMMENT ON COLUMN otalink.foreign_host.first_seen_at IS 'When the first came.';
COMMENT ON COLUMN otalink.foreign_host.last_seen_at IS 'When a replica wrote the last one down.';

INSERT INTO otalink.role_right (role, privilege) VALUES
    ('otalink_inspector', 'SELECT ON otalink.foreign_host');
SELECT otalink.grant_roles();
