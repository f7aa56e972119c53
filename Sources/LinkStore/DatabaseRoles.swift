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
    static let grant = Statement("roles.grant", "SELECT otalink.grant_roles()")
}
