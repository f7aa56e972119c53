import Foundation
import LinkStore
import OneTimeLinks
import PostgresClient

/// The desk's own table of customer users, in a PostgreSQL database of the desk's.
public struct DeskCustomerTable: Sendable {
    /// The name of the backend.
    public var backend: String { setting.backend }

    let client: PostgresClient
    let setting: CustomerDatabaseSetting
    private let zone: TimeZone
    private let sql: DeskCustomerSQL

    /// - Parameters:
    ///   - client: a client of the desk's database; the caller owns it.
    ///   - zone: in which the desk writes times.
    public init(client: PostgresClient, setting: CustomerDatabaseSetting, zone: TimeZone) {
        self.client = client
        self.setting = setting
        self.zone = zone
        sql = DeskCustomerSQL(setting)
    }

    /// The customer users whose address is the same mailbox.
    public func find(email: String) async throws -> [CustomerUser] {
        try await client.query(sql.byEmail, AddressIdentity.canonical(email)).map(decode)
            .filter { AddressIdentity.isSame($0.email, email) }
    }

    /// The customer user of that login; logins are compared byte for byte.
    ///
    /// - Parameter deadline: limit of the whole call; nil: what the client's configuration says.
    public func find(login: String, deadline: Duration? = nil) async throws -> CustomerUser? {
        try await client.query(sql.byLogin, login, deadline: deadline).first.map(decode)
    }

    /// The accounts after a login, in the order of their logins; empty: there are no more.
    public func page(after login: String, limit: Int) async throws -> [CustomerUser] {
        try await client.query(sql.page, login, limit).map(decode)
    }

    /// Creates an account, unless one of that login is there: of two mails that race, one wins and both see the same account.
    ///
    /// - Returns: the account as stored, and whether this call made it.
    /// - Throws: `PostgresError` of class 22 or 23 if the table does not take the account.
    public func create(
        _ customer: CustomerUser, preferences: [String: String]
    ) async throws -> (customer: CustomerUser, isNew: Bool) {
        let isNew = try await client.transaction("desk_customer.create") { transaction in
            try await self.write(customer, preferences: preferences, in: transaction)
        }
        guard let stored = try await find(login: customer.login) else {
            throw StoredValueError(column: "\(setting.table).\(setting.columns.login)")
        }
        return (stored, isNew)
    }

    /// Returns false if one of that login is there.
    func write(
        _ customer: CustomerUser, preferences: [String: String], in transaction: PostgresTransaction
    ) async throws -> Bool {
        // Not every desk's table has a unique key over its logins.
        _ = try await transaction.query(sql.lock, customer.login)
        var parameters: [any PostgresEncodable] = [
            customer.login, customer.email, customer.customerID, customer.firstName, customer.lastName,
        ]
        if !setting.isForeign { parameters.append(zone.identifier) }
        guard try await !transaction.query(sql.create, parameters: parameters).isEmpty else { return false }
        if let statement = sql.addPreferences {
            let keys = preferences.keys.sorted()
            _ = try await transaction.query(statement, customer.login, keys, keys.map { preferences[$0] })
        }
        return true
    }

    private func decode(_ row: PostgresRow) throws -> CustomerUser {
        CustomerUser(
            login: try row.decode("login"), email: try row.decode("email"), customerID: try row.decode("customer_id"),
            firstName: try row.decode("first_name"), lastName: try row.decode("last_name"),
            isValid: try row.decode("is_valid"), hasPassword: try row.decode("has_password"), backend: setting.backend)
    }
}

/// The statements over a table whose columns the setting names.
struct DeskCustomerSQL: Sendable {
    let byEmail, byLogin, page, lock, create: Statement
    /// Nil: there is no table of preferences.
    let addPreferences: Statement?

    init(_ setting: CustomerDatabaseSetting) {
        let columns = setting.columns
        let table = Self.quoted(setting.table)
        let login = "\(Self.quoted(columns.login))::text"
        let select = """
            SELECT \(login) AS login, COALESCE(\(Self.quoted(columns.email))::text, '') AS email,
                   COALESCE(\(Self.quoted(columns.customerID))::text, '') AS customer_id,
                   COALESCE(\(Self.quoted(columns.firstName))::text, '') AS first_name,
                   COALESCE(\(Self.quoted(columns.lastName))::text, '') AS last_name,
                   \(columns.validity.map { "COALESCE(\(Self.quoted($0))::text, '') = '1'" } ?? "true") AS is_valid,
                   \(columns.password.map { "COALESCE(\(Self.quoted($0))::text, '') <> ''" } ?? "false") AS has_password
              FROM \(table)
            """
        // lower() under the collation C changes ASCII letters only.
        byEmail = Self.statement(
            "by_email",
            "\(select) WHERE lower(\(Self.quoted(columns.email))::text COLLATE \"C\") = $1 AND \(login) IS NOT NULL")
        byLogin = Self.statement("by_login", "\(select) WHERE \(login) COLLATE \"C\" = $1")
        page = Self.statement(
            "page", "\(select) WHERE \(login) COLLATE \"C\" > $1 ORDER BY \(login) COLLATE \"C\" LIMIT $2")
        lock = Statement("desk_customer.lock", "SELECT pg_advisory_xact_lock(hashtextextended('otalink ' || $1, 0))")
        create = Self.statement("create", Self.insert(into: table, setting, login: login))
        addPreferences = setting.preferencesTable.map { preferences in
            Self.statement(
                "add_preferences",
                """
                INSERT INTO \(Self.quoted(preferences)) (user_id, preferences_key, preferences_value)
                SELECT $1, preference.key, preference.value
                  FROM unnest($2::text[], $3::text[]) AS preference (key, value)
                """)
        }
    }

    private static func insert(into table: String, _ setting: CustomerDatabaseSetting, login: String) -> String {
        let columns = setting.columns
        var values = [
            (columns.login, "$1"), (columns.email, "$2"), (columns.customerID, "$3"), (columns.firstName, "$4"),
            (columns.lastName, "$5"),
        ]
        if let validity = columns.validity { values.append((validity, "1")) }
        if !setting.isForeign {
            // The desk's columns carry no zone.
            values += ["create_time", "change_time"].map { ($0, "date_trunc('second', now() AT TIME ZONE $6::text)") }
            values += ["create_by", "change_by"].map { ($0, "1") }
        }
        // A column may stand for two things, such as the address for the login too.
        var seen: Set<String> = []
        values = values.filter { seen.insert($0.0).inserted }
        return """
            INSERT INTO \(table) (\(values.map { quoted($0.0) }.joined(separator: ", ")))
            SELECT \(values.map(\.1).joined(separator: ", "))
             WHERE NOT EXISTS (SELECT FROM \(table) WHERE \(login) COLLATE "C" = $1)
            ON CONFLICT DO NOTHING
            RETURNING 1
            """
    }

    private static func quoted(_ name: String) -> String {
        name.split(separator: ".").map { "\"\($0)\"" }.joined(separator: ".")
    }

    /// The name of a prepared statement stands for its text, which here changes with a setting.
    private static func statement(_ name: String, _ sql: String) -> Statement {
        let checksum = sql.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return Statement("desk_customer.\(name).\(String(checksum, radix: 36))", sql)
    }
}
