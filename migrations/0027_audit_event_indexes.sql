-- otalink: no-transaction
-- Indexes that the audit trail needs before it becomes a table of months. The server builds them while replicas go on writing. Each statement can
-- run again after a failure.

-- The trail is asked by customer user and by request id. By ticket it has an index already.
DROP INDEX CONCURRENTLY IF EXISTS otalink.audit_event_of_customer;
CREATE INDEX CONCURRENTLY audit_event_of_customer
    ON otalink.audit_event (customer_login, at) WHERE customer_login IS NOT NULL;

DROP INDEX CONCURRENTLY IF EXISTS otalink.audit_event_of_request;
CREATE INDEX CONCURRENTLY audit_event_of_request
    ON otalink.audit_event (request_id) WHERE request_id IS NOT NULL;

-- The later primary key: that of a partitioned table contains the column that the partitions are made by.
DROP INDEX CONCURRENTLY IF EXISTS otalink.audit_event_of_number;
CREATE UNIQUE INDEX CONCURRENTLY audit_event_of_number ON otalink.audit_event (id, at);
