-- The page of an old link says whether a new one is on its way. So does the audit trail, which gave one reason for both.

CREATE OR REPLACE VIEW otalink.refusals AS
SELECT at, reason, ticket_number, customer_login, link_id, client_address, user_agent, request_id,
       CASE reason
            WHEN 'unknown' THEN 'The link was deleted: its ticket has been closed for long, or was removed.'
            WHEN 'revoked' THEN 'The link was taken back.'
            WHEN 'newer-link-active' THEN 'The person was mailed a newer link, which still works.'
            WHEN 'new-link-on-its-way' THEN 'The link was used or too old; a new one is being mailed, or was often enough lately.'
            WHEN 'limited' THEN 'The link was used or too old, and no new one was mailed: that was done often enough lately.'
            WHEN 'mail-refused' THEN 'The link was used or too old, and no new one was mailed: the last one could not be delivered; see otalink mail list.'
            WHEN 'refresh-failed' THEN 'The link was used or too old, and no new one could be mailed; see the log.'
            WHEN 'has-password' THEN 'The person has a password by now and was sent to the desk''s login.'
            WHEN 'customer-gone' THEN 'There is no such customer user any more.'
            WHEN 'customer-invalid' THEN 'The customer user is switched off.'
            ELSE 'The ticket stands in the way: ' || COALESCE(reason, '') END AS meaning
  FROM otalink.audit_event
 WHERE event = 'link.refused';
