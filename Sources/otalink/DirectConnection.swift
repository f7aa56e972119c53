import PostgresClient

/// The connection that notifications and locks need: to the server itself, and not to a pooler in transaction mode.
enum DirectConnection {
    /// What an operator is told when it is not that.
    static let remedy =
        "Notifications of the database do not arrive: a pooler in transaction mode is in between, or OTALINK_DATABASE_DIRECT_URL names another "
        + "database. Set OTALINK_DATABASE_DIRECT_URL to the server itself, without the pooler. Until then a replica keeps no sessions in "
        + "memory and runs no jobs."

    /// Whether what is committed by way of `OTALINK_DATABASE_URL` is heard on it.
    ///
    /// - Throws: `Advice`, or ``PostgresError`` if the server cannot be reached.
    static func check(_ surroundings: Surroundings) async throws -> String {
        let direct = try surroundings.environment.database(for: .command, direct: true)
        guard try await surroundings.client.hears(on: direct, limit: .seconds(10)) else { throw Advice(text: remedy) }
        return "notifications and locks work"
    }
}
