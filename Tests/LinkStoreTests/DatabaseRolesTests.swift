import LinkStore
import TestSupport
import Testing

@Suite("The database's roles")
struct DatabaseRolesTests {
    @Test("Many who grant them at once all do, as two upgrades at the same time")
    func atOnce() async throws {
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            try await database.withClient(database.configuration(connections: 8)) { (client) async throws in
                let roles = LinkStore(client: client).roles
                let missing = try await withThrowingTaskGroup(of: String.self) { group in
                    for _ in 0..<16 { group.addTask { try await roles.grant() } }
                    return try await group.reduce("", +)
                }
                #expect(missing == "")
            }
        }
    }
}
