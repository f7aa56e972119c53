import PostgresClient

/// The roles of the database for those who are not to see everything: `otalink_mail`, `otalink_desk`, `otalink_inspector`.
public struct DatabaseRoles: Sendable {
    let client: PostgresClient

    /// Makes the roles where they are missing, and gives them their rights. Of several who do so at once each waits for the others.
    ///
    /// - Returns: the statements that a superuser has to run instead where our user may not; empty: all is done.
    public func grant() async throws -> String {
        let answers = try await client.atomically([(RoleSQL.lock, []), (RoleSQL.grant, [])])
        guard let row = answers.last?.first else { throw StoredValueError(column: "grant_roles") }
        return try row.decode(String.self)
    }

    /// What the roles that there are may do with our tables and views.
    public func rights() async throws -> Set<RoleRight> {
        let rows = try await client.query(RoleSQL.rights, ["otalink_mail", "otalink_desk", "otalink_inspector"])
        return Set(
            try rows.map { row in
                RoleRight(
                    role: try row.decode("role"), verb: try row.decode("verb"), table: try row.decode("relation"),
                    column: try row.decode("column"))
            })
    }

    /// Which of the roles there are, and which there are not.
    public func present() async throws -> (present: [String], missing: [String]) {
        let rows = try await client.query(RoleSQL.present).map { try $0.decode(String.self, Bool.self) }
        return (rows.filter(\.1).map(\.0), rows.filter { !$0.1 }.map(\.0))
    }
}

/// A right of a role on a column, or, for what goes by whole tables, on a table.
public struct RoleRight: Sendable, Hashable {
    public var role: String
    public var verb: String
    public var table: String
    /// Nil: the right is for the table as a whole.
    public var column: String?

    public init(role: String, verb: String, table: String, column: String? = nil) {
        self.role = role
        self.verb = verb
        self.table = table
        self.column = column
    }

    /// A line for each role, verb and table, in the words of the statement that takes the right away.
    public static func described(_ rights: Set<RoleRight>) -> [String] {
        let groups = Dictionary(grouping: rights) { RoleRight(role: $0.role, verb: $0.verb, table: $0.table) }
        return groups.map { right, members in
            let columns = members.compactMap(\.column).sorted()
            let list = columns.isEmpty ? "" : " (\(columns.joined(separator: ", ")))"
            return "\(right.verb)\(list) ON otalink.\(right.table) FROM \(right.role)"
        }.sorted()
    }
}

enum RoleSQL {
    static let rights = Statement(
        "roles.rights", repeatable: true,
        """
        WITH place AS (
            SELECT pg_roles.oid AS role_oid, rolname::text AS role, pg_class.oid AS relation_oid, relname::text AS relation
              FROM pg_roles, pg_class
             WHERE rolname = ANY ($1::text[])
               AND relnamespace = to_regnamespace('otalink')
               AND relkind IN ('r', 'p', 'v', 'm')
        )
        SELECT role, verb, relation, attname::text AS column
          FROM place
          JOIN pg_attribute
            ON attrelid = relation_oid
           AND attnum > 0
           AND NOT attisdropped,
               unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS verb
         WHERE has_column_privilege(role_oid, relation_oid, attnum, verb)
        UNION ALL
        SELECT role, verb, relation, NULL
          FROM place, unnest(ARRAY['DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS verb
         WHERE has_table_privilege(role_oid, relation_oid, verb)
        """)

    /// Of two transactions that grant rights on the same table at once the server refuses one.
    static let lock = Statement(
        "roles.lock", "SELECT pg_advisory_xact_lock(hashtextextended('otalink roles', 0))")

    static let present = Statement(
        "roles.present", repeatable: true,
        """
        SELECT DISTINCT wanted.role, EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.role)
          FROM otalink.role_right AS wanted
         ORDER BY wanted.role
        """)

    static let grant = Statement("roles.grant", "SELECT otalink.grant_roles()")
}
