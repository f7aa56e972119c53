-- The months of the year ahead, beside who writes. Later ones are made by the nightly job.

SELECT otalink.make_audit_month(ahead) FROM generate_series(0, 12) AS months (ahead);
