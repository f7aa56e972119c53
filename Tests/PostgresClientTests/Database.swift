import PostgresClient
import TestSupport

/// Gives the body a client of a database of its own.
func withClient<R>(
    connections: Int = 4, change: (inout PostgresConfiguration) -> Void = { _ in },
    _ body: (PostgresClient, TestDatabase) async throws -> R
) async throws -> R {
    try await PostgresCluster.shared().database { database in
        var configuration = database.configuration(connections: connections)
        change(&configuration)
        return try await database.withClient(configuration) { try await body($0, database) }
    }
}

/// Runs the body and returns the error of the database that it must throw.
func postgresError<R>(_ body: () async throws -> R) async throws -> PostgresError {
    do {
        _ = try await body()
    } catch let error as PostgresError {
        return error
    }
    throw NoErrorThrown()
}

struct NoErrorThrown: Error {}

/// Reads until a question has the wanted answer. The server does some things, such as ending a backend, on its own time.
func eventually(_ question: () async throws -> Bool) async throws {
    let limit = ContinuousClock.now + .seconds(20)
    while try await !question() {
        guard ContinuousClock.now < limit else { throw NeverHappened() }
        try await giveWay()
    }
}

struct NeverHappened: Error {}

/// A door that the test holds shut: statements that want to pass wait in the server until it is opened. Nothing depends
/// on how fast the machine is, as it would with statements that sleep.
struct Gate {
    /// A FROM item that waits while the gate is shut.
    static let pass = "(SELECT pg_advisory_lock_shared(4711)) AS gate"
    /// What the connection that holds the gate shut calls itself.
    static let applicationName = "gate"

    private let holder: PostgresClient

    /// Shuts the gate of this database.
    static func shut(_ database: TestDatabase) async throws -> Gate {
        var configuration = database.configuration(connections: 1)
        configuration.applicationName = applicationName
        let holder = PostgresClient(configuration, logger: .quiet)
        _ = try await holder.query(Statement("gate.shut", "SELECT pg_advisory_lock(4711)"))
        return Gate(holder: holder)
    }

    /// Lets all pass.
    func open() async {
        await holder.close()
    }
}
