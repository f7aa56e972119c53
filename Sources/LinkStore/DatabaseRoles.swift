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

    /// Which of the roles there are, and which there are not.
    public func present() async throws -> (present: [String], missing: [String]) {
        let rows = try await client.query(RoleSQL.present).map { try $0.decode(String.self, Bool.self) }
        return (rows.filter(\.1).map(\.0), rows.filter { !$0.1 }.map(\.0))
    }
}

enum RoleSQL {
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
