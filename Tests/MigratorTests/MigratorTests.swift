import Foundation
import Migrator
import PostgresClient
import TestSupport
import Testing

@Suite("Migrating")
struct MigratorTests {
    @Test("a")
    func a() async throws {
        try await PostgresCluster.shared().database { database in
            let files = [try MigrationFile(name: "0001_a.sql", content: Data("CREATE TABLE a (i int);".utf8))]
            try await database.withClient { client in
                let migrator = Migrator(client: client, directory: try MigrationDirectory(files), logger: .quiet)
                #expect(try await migrator.up().count == 1)
                #expect(try await migrator.up().isEmpty)
            }
        }
    }
}
