/// A database in which every question of docs/inspection.md has an answer, and every column that is a secret holds one that a test
/// recognises.
enum InspectionData {
    /// What stands in every secret.
    static let secret = "SECRET"

    static let sql = """
        INSERT INTO otalink.setting (name, value, changed_by) VALUES ('LinkLifetime', '7', 'operator anna');
        INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name, pw)
        VALUES ('anna@example.org', 'anna@example.org', 'acme', 'Anna', 'Example', '\(secret)-password');
        INSERT INTO otalink.customer_preference (user_id, preferences_key, preferences_value)
        VALUES ('anna@example.org', 'UserLanguage', 'de'), ('anna@example.org', 'TwoFactor', '\(secret)-second-factor');
        INSERT INTO otalink.ticket (ticket_number, ticket_id, state, customer_login, is_visible, unseen_since, read_at)
        VALUES ('2026112510000018', 1, 'open', 'anna@example.org', true, NULL, now()),
               ('2026112510000026', 2, '', NULL, false, now() - interval '3 days', now());
        INSERT INTO otalink.link (id, ticket_number, customer_login, recipient, key_id, state, origin, used_by_browser)
        VALUES ('0198c2f0-0000-7000-8000-000000000001', '2026112510000018', 'anna@example.org', 'anna@example.org',
                '0011aabb', 'used', 'api', '\(secret)-browser'),
               ('0198c2f0-0000-7000-8000-000000000002', '2026112510000018', 'anna@example.org', 'anna@example.org',
                '0011aabb', 'active', 'refresh', NULL),
               ('0198c2f0-0000-7000-8000-000000000003', '2026112510000026', 'anna@example.org', 'anna@example.org',
                'add-on', 'superseded', 'add-on', NULL);
        INSERT INTO otalink.add_on_token (token_hash, link_id)
        VALUES ('\(secret)-token', '0198c2f0-0000-7000-8000-000000000003');
        INSERT INTO otalink.outbound_link (mail_key, link_id)
        VALUES ('\(secret)-mail', '0198c2f0-0000-7000-8000-000000000002');
        INSERT INTO otalink.session (id, link_id, customer_login, ticket_number, client_address, user_agent)
        VALUES ('0198c2f0-0000-7000-8000-000000000004', '0198c2f0-0000-7000-8000-000000000001', 'anna@example.org',
                '2026112510000018', '203.0.113.7', 'Mozilla/5.0');
        INSERT INTO otalink.mail_outbox (id, kind, link_id, ticket_number, customer_login, recipient, language, state)
        VALUES ('0198c2f0-0000-7000-8000-000000000005', 'refresh', '0198c2f0-0000-7000-8000-000000000002',
                '2026112510000018', 'anna@example.org', 'anna@example.org', 'de', 'dead');
        INSERT INTO otalink.job_run (job, due_at, finished_at, runner, outcome, detail)
        VALUES ('expire-links', now(), now(), 'replica-1', 'done', '2 tickets with links');
        INSERT INTO otalink.api_key (id, name, key_hash, scopes)
        VALUES (gen_random_uuid(), 'desk', '\(secret)-key', '{desk:events}');
        INSERT INTO otalink.link_request (id, input_key, ticket_number, email, language, client_address)
        VALUES (gen_random_uuid(), '\(secret)-input', '2026112510000018', 'anna@example.org', 'de', '203.0.113.7');
        INSERT INTO otalink.audit_event
               (event, link_id, session_id, ticket_number, customer_login, reason, client_address, user_agent, request_id)
        SELECT event, '0198c2f0-0000-7000-8000-000000000001', '0198c2f0-0000-7000-8000-000000000004',
               '2026112510000018', 'anna@example.org', reason, '203.0.113.7', 'Mozilla/5.0',
               '0198c2f0-1111-7000-8000-000000000001'
          FROM (VALUES ('link.issued', 'api'), ('link.scanned', 'known-agent'), ('link.opened', 'navigation'),
                       ('link.redeemed', NULL), ('link.refused', 'newer-link-active'), ('mail.dead', '550'),
                       ('customer.created', NULL), ('openid.signed_in', 'client desk')) AS told (event, reason);
        INSERT INTO otalink.oidc_client (id, secret_hash, redirect_uris)
        VALUES ('desk', '\(secret)-client', '{https://desk.example.org/otobo/customer.pl}');
        INSERT INTO otalink.oidc_code (id, client_id, session_id, redirect_uri, scopes, issued_at)
        VALUES (gen_random_uuid(), 'desk', '0198c2f0-0000-7000-8000-000000000004',
                'https://desk.example.org/otobo/customer.pl', '{openid}', now());
        INSERT INTO otalink.oidc_subject (customer_login, subject) VALUES ('anna@example.org', 'kx3vTz0bQm');
        INSERT INTO otalink.oidc_signing_key (kid, ring_key_id, sealed_key, first_use_at)
        VALUES ('kid-1', '0011aabb', '\(secret)-sealed', now());
        INSERT INTO otalink.api_request (api_key, idempotency_key, body_hash, link_id, claimed_until, outcome)
        VALUES ('crm', '\(secret)-idempotency', '\(secret)-body', '0198c2f0-0000-7000-8000-000000000001', now(), 'issued');
        INSERT INTO otalink.foreign_host (host, peer, is_ours_elsewhere, requests)
        VALUES ('inner.example.org', '10.0.0.1', false, 7);
        INSERT INTO otalink.desk_event (id, ticket_id, event, state, attempts, last_error, client_address)
        VALUES (gen_random_uuid(), 1, 'TicketCreate', 'dead', 40, 'the desk did not answer', '192.0.2.7');
        ANALYZE;
        """
}
