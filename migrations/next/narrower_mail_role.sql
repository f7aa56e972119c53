-- The mail filter reads no password and changes no customer user. The filter of the release before did both for the copies of the desk's
-- accounts, which replicas renew now, and would put every mail off without the rights; so they are taken a release later.

DELETE FROM otalink.role_right
 WHERE role = 'otalink_mail'
   AND privilege LIKE '% ON otalink.customer_user';
INSERT INTO otalink.role_right (role, privilege) VALUES
    ('otalink_mail', 'SELECT (login, email, customer_id, first_name, last_name, valid_id, backend) ON otalink.customer_user'),
    ('otalink_mail', 'INSERT (login, email, customer_id, first_name, last_name) ON otalink.customer_user');

SELECT otalink.grant_roles();
