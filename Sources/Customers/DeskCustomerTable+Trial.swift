import Foundation
import OneTimeLinks
import PostgresClient

extension DeskCustomerTable {
    /// Creates an account with a preference and takes both back, for a look at whether we may. A number of the table's sequence is
    /// spent.
    ///
    /// - Throws: `PostgresError`, as ``create(_:preferences:)`` would.
    public func tryCreating() async throws {
        let name = "otalink-doctor-\(UUID().uuidString.lowercased())"
        let nobody = CustomerUser(
            login: name, email: "\(name)@otalink.invalid", customerID: name, firstName: "otalink", lastName: "doctor")
        do {
            try await client.transaction("desk_customer.try") { transaction in
                _ = try await self.write(nobody, preferences: ["UserLanguage": "en"], in: transaction)
                throw Undone()
            }
        } catch is Undone {}
    }

    private struct Undone: Error {}

    /// Reads one account, for a look at whether we can.
    ///
    /// - Throws: `Forbidden` if only rights are missing, or another error of the desk's database.
    public func tryReading() async throws {
        do {
            _ = try await page(after: "", limit: 1)
        } catch let error as PostgresError where error.sqlState == "42501" {
            let schema = setting.table.split(separator: ".").dropLast().last.map(String.init)
            let row = try await client.query(DeskCustomerTrialSQL.reader, schema).only()
            let (user, needsSchema) = try row.decode(String.self, Bool.self)
            let grants =
                (needsSchema ? ["GRANT USAGE ON SCHEMA \(schema ?? "") TO \(user);"] : [])
                + ["GRANT SELECT ON \(setting.table) TO \(user);"]
            throw Forbidden(reason: error.serverMessage ?? "SQLSTATE 42501", grants: grants)
        }
    }

    /// Our user may not read the table.
    public struct Forbidden: Error, CustomStringConvertible {
        /// What the server says.
        public let reason: String
        /// The statements that let our user read it; the owner of the table runs them.
        public let grants: [String]

        public var description: String {
            "\(reason). Let the table's owner run in the desk's database: \(grants.joined(separator: " "))"
        }
    }

    /// The statements that let our user create accounts; the owner of the tables runs them.
    public func grants() async throws -> [String] {
        let row = try await client.query(DeskCustomerTrialSQL.sequences, setting.table, setting.preferencesTable).only()
        let (user, sequences) = try row.decode(String.self, [String].self)
        return ["GRANT SELECT, INSERT ON \(setting.table) TO \(user);"]
            + (setting.preferencesTable.map { ["GRANT INSERT ON \($0) TO \(user);"] } ?? [])
            + sequences.map { "GRANT USAGE ON SEQUENCE \($0) TO \(user);" }
    }
}

extension PostgresError {
    /// Whether a table does not let us write at all, so that no account of anybody can be made and a repeat would not help: a right
    /// is missing, the user or the server takes no writes, or the table is none that can be written to.
    public var isAboutWriting: Bool {
        ["42501", "25006", "55000", "42P01", "42703", "42809", "428C9"].contains(sqlState)
    }

    /// Whether a table does not take such values. Class 22: one that does not fit its column. Class 23: a constraint that we do not know.
    public var isAboutValues: Bool {
        sqlState.map { $0.hasPrefix("22") || $0.hasPrefix("23") } ?? false
    }
}

enum DeskCustomerTrialSQL {
    static let reader = Statement(
        "desk_customer.reader", repeatable: true,
        """
        SELECT quote_ident(current_user),
               CASE WHEN to_regnamespace($1::text) IS NULL THEN false
                    ELSE NOT has_schema_privilege(to_regnamespace($1::text), 'USAGE')
               END
        """)

    /// Those that the defaults of columns ask, whether a column owns them or not.
    static let sequences = Statement(
        "desk_customer.sequences", repeatable: true,
        """
        SELECT quote_ident(current_user),
               ARRAY(SELECT DISTINCT sequence.oid::regclass::text
                       FROM pg_attrdef
                       JOIN pg_depend AS used
                         ON used.classid = 'pg_attrdef'::regclass
                        AND used.objid = pg_attrdef.oid
                        AND used.refclassid = 'pg_class'::regclass
                       JOIN pg_class AS sequence
                         ON sequence.oid = used.refobjid
                        AND sequence.relkind = 'S'
                      WHERE pg_attrdef.adrelid IN (to_regclass($1::text), to_regclass($2::text))
                      ORDER BY 1)
        """)
}
