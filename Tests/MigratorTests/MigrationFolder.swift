import Foundation
import Migrator
import PostgresClient
import TestSupport

/// Makes the files of a test.
func directory(_ files: KeyValuePairs<String, String>) throws -> MigrationDirectory {
    try MigrationDirectory(files.map { try MigrationFile(name: $0.key, content: Data($0.value.utf8)) })
}

/// A runner that does not wait long.
func migrator(_ client: PostgresClient, _ directory: MigrationDirectory) -> Migrator {
    let patience = Migrator.Patience(lockTimeout: .milliseconds(50), attempts: 2, pause: .milliseconds(1))
    return Migrator(client: client, directory: directory, patience: patience, logger: .quiet)
}

/// Gives the body a client of a database of its own.
func withDatabase<R>(_ body: (PostgresClient, TestDatabase) async throws -> R) async throws -> R {
    try await PostgresCluster.shared().database { database in
        try await database.withClient { try await body($0, database) }
    }
}

/// Runs the body and returns what it tells the operator.
func message<R>(_ body: () async throws -> R) async throws -> String {
    do {
        _ = try await body()
    } catch let error as MigrationError {
        return error.description
    }
    throw NoErrorThrown()
}

struct NoErrorThrown: Error {}
