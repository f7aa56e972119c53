-- No two mails to one customer user are sent at once, whichever replicas send them.
CREATE UNIQUE INDEX mail_outbox_one_claim ON otalink.mail_outbox (customer_login) WHERE claimed_by IS NOT NULL;
COMMENT ON INDEX otalink.mail_outbox_one_claim IS 'One mail at a time for each customer user.';
