import Foundation
import OneTimeLinks
import PostgresClient

/// The tables `customer_user` and `customer_preference`: our own accounts, and copies of those of the desk's other backends.
public struct CustomerUsers: Sendable {
    let client: PostgresClient
    /// False for the mail filter, whose role of the database sees no passwords: `hasPassword` is false then, whatever there is.
    var seesPasswords = true

    /// The same for a program that need not know, and may not know, who has a password.
    public var withoutPasswords: CustomerUsers { CustomerUsers(client: client, seesPasswords: false) }

    /// The customer user of that login; logins are compared byte for byte.
    public func find(login: String) async throws -> CustomerUser? {
        let statement = seesPasswords ? CustomerUserSQL.byLogin : CustomerUserSQL.byLoginWithoutPassword
        return try await client.query(statement, login).first.flatMap(Self.decode)
    }

    /// The customer users whose address is the same mailbox, valid ones first, then by login.
    public func find(email: String) async throws -> [CustomerUser] {
        let canonical = AddressIdentity.canonical(email)
        let statement = seesPasswords ? CustomerUserSQL.byEmail : CustomerUserSQL.byEmailWithoutPassword
        return try await client.query(statement, canonical).compactMap(Self.decode)
            .filter { AddressIdentity.isSame($0.email, email) }
    }

    /// Creates a customer user, unless one of that login is there already: of two mails that race, one wins and both
    /// see the same account.
    ///
    /// - Parameter preferences: such as `UserLanguage`; written with a new account only.
    /// - Returns: the account as stored, and whether this call made it.
    public func create(
        _ customer: CustomerUser, preferences: [String: String], context: RequestContextFacts
    ) async throws -> (customer: CustomerUser, isNew: Bool) {
        let rows = try await client.query(
            CustomerUserSQL.create, customer.login, customer.email, customer.customerID, customer.firstName,
            customer.lastName, preferences.keys.sorted(), preferences.keys.sorted().map { preferences[$0] },
            context.requestID)
        let isNew = !rows.isEmpty
        guard let stored = try await find(login: customer.login) else {
            throw StoredValueError(column: "customer_user.login")
        }
        return (stored, isNew)
    }

    /// How many accounts were created within the last hour, in all and for addresses of a domain.
    public func createdWithinHour(domain: String) async throws -> (total: Int, domain: Int) {
        try await client.query(CustomerUserSQL.createdWithinHour, "@" + AddressIdentity.canonical(domain)).only()
            .decode(Int.self, Int.self)
    }

    /// Customer users by login or address, for people.
    public func list(matching text: String, limit: Int) async throws -> [CustomerUser] {
        try await client.query(CustomerUserSQL.list, text, limit).compactMap(Self.decode)
    }

    /// Switches an account on or off; its links and sessions follow at once.
    ///
    /// - Returns: false when there is no such customer user.
    public func setValid(_ isValid: Bool, login: String) async throws -> Bool {
        try await client.query(CustomerUserSQL.setValid, login, isValid).affectedRows > 0
    }

    /// From the columns of `CustomerUserSQL.columns`; nil where an outer join found nobody.
    static func decode(_ row: PostgresRow) throws -> CustomerUser? {
        guard let login = try row.decode("customer_user_login", as: String?.self) else { return nil }
        return CustomerUser(
            login: login, email: try row.decode("customer_user_email"),
            customerID: try row.decode("customer_user_customer_id"),
            firstName: try row.decode("customer_user_first_name"),
            lastName: try row.decode("customer_user_last_name"), isValid: try row.decode("customer_user_is_valid"),
            hasPassword: try row.decode("customer_user_has_password"),
            language: try row.decode("customer_user_language"), backend: try row.decode("customer_user_backend"))
    }
}

enum CustomerUserSQL {
    /// What the domain knows of a customer user; `language` is the joined preference.
    static let columns = columns(hasPassword: "COALESCE(customer_user.pw, '') <> ''")

    private static func columns(hasPassword: String) -> String {
        """
        customer_user.login AS customer_user_login, customer_user.email AS customer_user_email,
        customer_user.customer_id AS customer_user_customer_id, customer_user.first_name AS customer_user_first_name,
        customer_user.last_name AS customer_user_last_name, customer_user.valid_id = 1 AS customer_user_is_valid,
        \(hasPassword) AS customer_user_has_password,
        customer_user.backend AS customer_user_backend,
        language.preferences_value AS customer_user_language
        """
    }

    private static let from = """
        FROM otalink.customer_user
          LEFT JOIN otalink.customer_preference AS language
                 ON language.user_id = customer_user.login AND language.preferences_key = 'UserLanguage'
        """

    static let byLogin = byLogin("customer_user.by_login", columns)
    static let byLoginWithoutPassword = byLogin(
        "customer_user.by_login_without_password", columns(hasPassword: "false"))

    private static func byLogin(_ name: String, _ columns: String) -> Statement {
        Statement(
            name, repeatable: true,
            """
            SELECT \(columns)
              \(from)
             WHERE customer_user.login = $1
            """)
    }

    static let byEmail = byEmail("customer_user.by_email", columns)
    static let byEmailWithoutPassword = byEmail(
        "customer_user.by_email_without_password", columns(hasPassword: "false"))

    /// lower() under the collation C changes ASCII letters only.
    private static func byEmail(_ name: String, _ columns: String) -> Statement {
        Statement(
            name, repeatable: true,
            """
            SELECT \(columns)
              \(from)
             WHERE lower(customer_user.email COLLATE "C") = $1
             ORDER BY customer_user.valid_id <> 1, customer_user.login COLLATE "C"
            """)
    }

    static let create = Statement(
        "customer_user.create",
        """
        WITH created AS (
            INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (login) DO NOTHING
            RETURNING login
        ),
        preferred AS (
            INSERT INTO otalink.customer_preference (user_id, preferences_key, preferences_value)
            SELECT created.login, preference.key, preference.value
              FROM created, unnest($6::text[], $7::text[]) AS preference (key, value)
            ON CONFLICT (user_id, preferences_key) DO NOTHING
        )
        INSERT INTO otalink.audit_event (event, customer_login, request_id)
        SELECT 'customer.created', created.login, $8
          FROM created
        RETURNING customer_login
        """)

    static let createdWithinHour = Statement(
        "customer_user.created_within_hour", repeatable: true,
        """
        SELECT count(*), count(*) FILTER (WHERE right(lower(customer_login COLLATE "C"), length($1)) = $1)
          FROM otalink.audit_event
         WHERE event = 'customer.created'
           AND at > now() - interval '1 hour'
        """)

    static let list = Statement(
        "customer_user.list", repeatable: true,
        """
        SELECT \(columns)
          \(from)
         WHERE $1 = '' OR strpos(lower(customer_user.login || ' ' || customer_user.email), lower($1)) > 0
         ORDER BY customer_user.login COLLATE "C"
         LIMIT $2
        """)

    static let setValid = Statement(
        "customer_user.set_valid",
        """
        UPDATE otalink.customer_user
           SET valid_id = CASE WHEN $2 THEN 1 ELSE 2 END, change_time = now()
         WHERE login = $1
        """)
}
