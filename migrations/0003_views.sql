-- Views that answer an operator's usual questions; docs/inspection.md shows them at work.

CREATE VIEW otalink.open_links AS
SELECT link.id, link.ticket_number, link.customer_login, link.recipient, link.state, link.origin, link.created_at,
       ticket.state AS ticket_state, ticket.closed_at, ticket.read_at AS ticket_read_at
  FROM otalink.link
  LEFT JOIN otalink.ticket USING (ticket_number)
 WHERE link.state IN ('offered', 'active');
COMMENT ON VIEW otalink.open_links IS 'Links that may still be clicked, with what is known of their tickets.';

CREATE VIEW otalink.ticket_history AS
SELECT audit_event.ticket_number, audit_event.at, audit_event.event, audit_event.reason, audit_event.customer_login,
       audit_event.actor, audit_event.link_id, audit_event.session_id, audit_event.client_address
  FROM otalink.audit_event
 WHERE audit_event.ticket_number IS NOT NULL;
COMMENT ON VIEW otalink.ticket_history IS 'What happened to the links and sessions of a ticket. Ask with WHERE ticket_number = ... ORDER BY at.';

CREATE VIEW otalink.open_sessions AS
SELECT session.id, session.customer_login, session.ticket_number, session.scope, session.created_at,
       session.last_seen_at, session.client_address, session.user_agent, session.link_id
  FROM otalink.session
 WHERE session.revoked_at IS NULL;
COMMENT ON VIEW otalink.open_sessions IS 'Sessions that nobody ended; the lifetimes in the settings may have ended some of them.';

CREATE VIEW otalink.mail_queue AS
SELECT mail.id, mail.kind, mail.state, mail.recipient, mail.ticket_number, mail.attempts, mail.created_at,
       mail.next_attempt_at, now() - mail.created_at AS age, mail.claimed_by, mail.last_error
  FROM otalink.mail_outbox AS mail
 WHERE mail.state IN ('queued', 'dead');
COMMENT ON VIEW otalink.mail_queue IS 'Mails that wait to be sent, and those that were given up.';

CREATE VIEW otalink.job_status AS
SELECT DISTINCT ON (job) job, due_at, started_at, finished_at, runner, attempts,
       COALESCE(outcome, 'running or abandoned') AS outcome, detail
  FROM otalink.job_run
 ORDER BY job, due_at DESC;
COMMENT ON VIEW otalink.job_status IS 'The last run of each job.';

CREATE VIEW otalink.recent_events AS
SELECT at, event, reason, ticket_number, customer_login, actor, link_id, session_id, client_address, request_id
  FROM otalink.audit_event
 WHERE at > now() - interval '1 day'
 ORDER BY at DESC;
COMMENT ON VIEW otalink.recent_events IS 'What happened within the last day, the newest first.';
