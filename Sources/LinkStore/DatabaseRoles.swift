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
}

enum RoleSQL {
    /// Of two transactions that grant rights on the same table at once the server refuses one.
    static let lock = Statement(
        "roles.lock", "SELECT pg_advisory_xact_lock(hashtextextended('otalink roles', 0))")

    static let grant = Statement("roles.grant", "SELECT otalink.grant_roles()")
}
