import PostgresClient

/// The roles of the database for those who are not to see everything: `otalink_mail`, `otalink_desk`, `otalink_inspector`.
public struct DatabaseRoles: Sendable {
    let client: PostgresClient

    /// Makes the roles where they are missing, and gives them their rights.
    ///
    /// - Returns: the statements that a superuser has to run instead where our user may not; empty: all is done.
    public func grant() async throws -> String {
        try await client.query(RoleSQL.grant).only().decode(String.self)
    }
}

enum RoleSQL {
    /// Of two at once the second waits: the server refuses to change the rights on one table twice at a time.
    static let grant = Statement(
        "roles.grant",
        """
        WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended('otalink roles', 0)))
        SELECT otalink.grant_roles()
          FROM turn
        """)
}
