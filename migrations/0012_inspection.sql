-- What an operator asks, as views. docs/inspection.md has the questions; the role that may ask them comes in 0015.

-- A view of before may only get further columns at its end.
CREATE OR REPLACE VIEW otalink.ticket_history AS
SELECT audit_event.ticket_number, audit_event.at, audit_event.event, audit_event.reason, audit_event.customer_login,
       audit_event.actor, audit_event.link_id, audit_event.session_id, audit_event.client_address,
       audit_event.user_agent, audit_event.request_id
  FROM otalink.audit_event
 WHERE audit_event.ticket_number IS NOT NULL;

CREATE OR REPLACE VIEW otalink.recent_events AS
SELECT at, event, reason, ticket_number, customer_login, actor, link_id, session_id, client_address, request_id,
       user_agent
  FROM otalink.audit_event
 WHERE at > now() - interval '1 day'
 ORDER BY at DESC;

CREATE OR REPLACE VIEW otalink.mail_queue AS
SELECT mail.id, mail.kind, mail.state, mail.recipient, mail.ticket_number, mail.attempts, mail.created_at,
       mail.next_attempt_at, now() - mail.created_at AS age, mail.claimed_by, mail.last_error, mail.customer_login,
       mail.link_id
  FROM otalink.mail_outbox AS mail
 WHERE mail.state IN ('queued', 'dead');

CREATE VIEW otalink.sign_ins AS
SELECT event.at, event.customer_login, event.ticket_number, event.link_id, event.session_id, event.client_address,
       event.user_agent, event.request_id,
       CASE WHEN session.id IS NULL THEN 'deleted'
            WHEN session.revoked_at IS NULL THEN 'not ended'
            ELSE COALESCE(session.revoke_reason, 'revoked') END AS session_state
  FROM otalink.audit_event AS event
  LEFT JOIN otalink.session ON session.id = event.session_id
 WHERE event.event = 'link.redeemed';
COMMENT ON VIEW otalink.sign_ins IS 'Who signed in, with which link, from where, and what became of the session.';

CREATE VIEW otalink.refusals AS
SELECT at, reason, ticket_number, customer_login, link_id, client_address, user_agent, request_id,
       CASE reason
            WHEN 'unknown' THEN 'The link was deleted: its ticket has been closed for long, or was removed.'
            WHEN 'revoked' THEN 'The link was taken back.'
            WHEN 'newer-link-active' THEN 'The person was mailed a newer link, which still works.'
            WHEN 'new-link-on-its-way' THEN 'The link was used or too old; a new one is being mailed, or was often enough lately.'
            WHEN 'refresh-failed' THEN 'The link was used or too old, and no new one could be mailed; see the log.'
            WHEN 'has-password' THEN 'The person has a password by now and was sent to the desk''s login.'
            WHEN 'customer-gone' THEN 'There is no such customer user any more.'
            WHEN 'customer-invalid' THEN 'The customer user is switched off.'
            ELSE 'The ticket stands in the way: ' || COALESCE(reason, '') END AS meaning
  FROM otalink.audit_event
 WHERE event = 'link.refused';
COMMENT ON VIEW otalink.refusals IS 'Clicks on links that did not sign in, and what that means.';

CREATE VIEW otalink.link_visits AS
SELECT at, CASE event WHEN 'link.scanned' THEN 'scanner' ELSE 'person' END AS visitor, reason, link_id, ticket_number,
       customer_login, client_address, user_agent, request_id
  FROM otalink.audit_event
 WHERE event IN ('link.opened', 'link.scanned');
COMMENT ON VIEW otalink.link_visits IS
    'Who opened the page of a link without pressing its button: a person, or a program such as a scanner of mails; reason says what told them apart.';

CREATE VIEW otalink.customer_users AS
SELECT customer.login, customer.email, customer.first_name, customer.last_name, customer.customer_id,
       customer.valid_id = 1 AS is_valid, COALESCE(customer.pw, '') <> '' AS has_password,
       CASE customer.backend WHEN '' THEN 'otalink' ELSE customer.backend END AS backend,
       language.preferences_value AS language, customer.create_time, customer.change_time,
       (SELECT count(*)
          FROM otalink.link
         WHERE link.customer_login = customer.login AND link.state IN ('offered', 'active')) AS open_links,
       (SELECT count(*)
          FROM otalink.session
         WHERE session.customer_login = customer.login AND session.revoked_at IS NULL) AS open_sessions
  FROM otalink.customer_user AS customer
  LEFT JOIN otalink.customer_preference AS language
         ON language.user_id = customer.login AND language.preferences_key = 'UserLanguage';
COMMENT ON VIEW otalink.customer_users IS
    'Customer users of all backends that we know, with what they have open. Ask for one login or address; all of them take a while.';

CREATE VIEW otalink.unseen_tickets AS
SELECT ticket.ticket_number, ticket.customer_login, ticket.unseen_since, now() - ticket.unseen_since AS unseen_for,
       ticket.read_at,
       (SELECT count(*) FROM otalink.link WHERE link.ticket_number = ticket.ticket_number) AS links
  FROM otalink.ticket
 WHERE NOT ticket.is_visible;
COMMENT ON VIEW otalink.unseen_tickets IS
    'Tickets that the ticket system does not show us: deleted, or in a queue that our agent may not read. The nightly job deletes their links after a while.';

CREATE VIEW otalink.link_wishes AS
SELECT id, created_at, finished_at, next_attempt_at, ticket_number, email, language, client_address, user_agent,
       request_id, now() - created_at AS age
  FROM otalink.link_request;
COMMENT ON VIEW otalink.link_wishes IS
    'Wishes from the page "send me a new link" within the last hour. What was typed is gone once it was looked up; the event link.wished says what came of it.';

CREATE VIEW otalink.keys_in_use AS
SELECT key_id, count(*) AS links, count(*) FILTER (WHERE state IN ('offered', 'active')) AS open_links,
       min(created_at) AS oldest_link, max(created_at) AS newest_link
  FROM otalink.link
 WHERE key_id <> 'add-on'
 GROUP BY key_id;
COMMENT ON VIEW otalink.keys_in_use IS
    'How many links each secret key signs. A key may leave the ring when it is not listed here; "otalink keys list" compares with the ring.';

CREATE VIEW otalink.api_keys AS
SELECT name, scopes, created_at, last_used_at, revoked_at, revoked_at IS NULL AS is_valid
  FROM otalink.api_key;
COMMENT ON VIEW otalink.api_keys IS 'The keys of the desk and of programs, what each may do, and when it was used last.';

CREATE VIEW otalink.daily_figures AS
SELECT date_trunc('day', at) AS day,
       count(*) FILTER (WHERE event = 'link.issued') AS issued,
       count(*) FILTER (WHERE event = 'mail.sent') AS mailed,
       count(*) FILTER (WHERE event = 'mail.dead') AS mails_given_up,
       count(*) FILTER (WHERE event = 'link.opened') AS opened,
       count(*) FILTER (WHERE event = 'link.scanned') AS scanned,
       count(*) FILTER (WHERE event = 'link.redeemed') AS signed_in,
       count(*) FILTER (WHERE event = 'link.refused') AS refused,
       count(*) FILTER (WHERE event = 'link.revoked') AS revoked,
       count(*) FILTER (WHERE event = 'customer.created') AS customer_users_created
  FROM otalink.audit_event
 WHERE at > date_trunc('day', now()) - interval '30 days'
 GROUP BY date_trunc('day', at);
COMMENT ON VIEW otalink.daily_figures IS 'What happened on each of the last thirty days, in the time zone of the asking session.';

CREATE VIEW otalink.storage AS
SELECT class.relname AS "table", pg_total_relation_size(class.oid) AS bytes,
       pg_size_pretty(pg_total_relation_size(class.oid)) AS size, GREATEST(class.reltuples, 0)::bigint AS estimated_rows
  FROM pg_class AS class
 WHERE class.relnamespace = 'otalink'::regnamespace
   AND class.relkind = 'r';
COMMENT ON VIEW otalink.storage IS 'How large each table is, its indexes included; the rows as of the last ANALYZE.';
