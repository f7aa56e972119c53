import Logging
import PostgresClient

/// A database that one test has to itself.
public struct TestDatabase: Sendable {
    /// Its name.
    public let name: String
    /// The server that it lives on.
    public let cluster: PostgresCluster

    /// A connection URI.
    public var url: String { cluster.url(database: name) }

    /// Runs SQL with psql and returns what it prints: rows without decoration, columns separated by `|`.
    @discardableResult
    public func psql(_ sql: String) async throws -> String {
        try await cluster.psql(sql, database: name)
    }

    /// A configuration for this database, with few connections.
    public func configuration(connections: Int = 4) -> PostgresConfiguration {
        PostgresConfiguration(url: url, connections: connections)
    }

    /// A client of this database. Whoever makes it closes it, or lets it go.
    public func client(connections: Int = 4, logger: Logger = .quiet) -> PostgresClient {
        PostgresClient(configuration(connections: connections), logger: logger)
    }

    /// Makes a client of this database and closes it after the body.
    public func withClient<R>(
        _ configuration: PostgresConfiguration? = nil, logger: Logger = .quiet,
        _ body: (PostgresClient) async throws -> R
    ) async throws -> R {
        let client = PostgresClient(configuration ?? self.configuration(), logger: logger)
        do {
            let value = try await body(client)
            await client.close()
            return value
        } catch {
            await client.close()
            throw error
        }
    }
}

extension Logger {
    /// Writes nothing.
    public static var quiet: Logger {
        Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
    }
}
