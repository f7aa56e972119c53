-- otalink: no-transaction
-- Checks that all events fit into the first partition, so that the next file need not read them under a lock. Replicas go on writing
-- meanwhile, and each statement can run again after a failure.
-- Until the next file is applied, this check refuses events that are later than its bound. So the bound is at least two months ahead, and
-- after the latest event if a clock was wrong once.

ALTER TABLE otalink.audit_event DROP CONSTRAINT IF EXISTS audit_event_before_months;
DO $$
BEGIN
    EXECUTE format(
        'ALTER TABLE otalink.audit_event ADD CONSTRAINT audit_event_before_months CHECK (at < %L::timestamptz) NOT VALID',
        (SELECT (date_trunc('month', GREATEST(now(), max(at)) AT TIME ZONE 'UTC') + interval '3 months') AT TIME ZONE 'UTC'
           FROM otalink.audit_event));
END
$$;
ALTER TABLE otalink.audit_event VALIDATE CONSTRAINT audit_event_before_months;
