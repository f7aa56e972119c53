import PostgresClient
import TestSupport
import Testing

@Suite("Statements")
struct QueryTests {
    private static let echo = Statement("echo", "SELECT $1 + 1")

    @Test("Hundreds of tasks share a few connections, and each gets its own answer", arguments: [true, false])
    func pipelining(usesPreparedStatements: Bool) async throws {
        try await withClient(change: { $0.usesPreparedStatements = usesPreparedStatements }) { client, _ in
            let answers = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                for number in 0..<500 {
                    group.addTask {
                        (number, try await client.query(Self.echo, number).only().decode(at: 0))
                    }
                }
                return try await group.reduce(into: [Int: Int]()) { $0[$1.0] = $1.1 }
            }
            #expect(answers.count == 500)
            #expect(answers.allSatisfy { $0.value == $0.key + 1 })
            let statistics = await client.statistics()
            #expect(statistics.openConnections <= 4)
            #expect(statistics.inFlight == 0)
            #expect(statistics.waiting == 0)
        }
    }

    @Test("A failing statement leaves its neighbours on the same connection alone")
    func neighbours() async throws {
        let divide = Statement("divide", "SELECT 10 / $1")
        try await withClient(connections: 1) { client, _ in
            let outcomes = await withTaskGroup(of: (Int, Bool).self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let divisor = number % 3
                        return (divisor, (try? await client.query(divide, divisor)) != nil)
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.allSatisfy { $0.0 == 0 ? !$0.1 : $0.1 })
        }
    }

    @Test("An error tells the statement, the SQLSTATE and the constraint, but neither parameters nor rows")
    func errorContents() async throws {
        try await withClient { client, database in
            try await database.psql("CREATE TABLE person (email text CONSTRAINT one_address PRIMARY KEY)")
            let insert = Statement("person.insert", "INSERT INTO person VALUES ($1)")
            #expect(try await client.query(insert, "a@example.org").affectedRows == 1)
            let error = try await postgresError { try await client.query(insert, "a@example.org") }
            #expect(error.kind == .server(sqlState: "23505"))
            #expect(error.isUniqueViolation)
            #expect(error.statementName == "person.insert")
            #expect(error.constraintName == "one_address")
            #expect(!error.isOutcomeUnknown)
            #expect(!error.description.contains("example.org"))

            let cast = Statement("cast", "SELECT $1::text::integer")
            let invalid = try await postgresError { try await client.query(cast, "a secret") }
            #expect(invalid.sqlState == "22P02")
            #expect(!invalid.description.contains("secret"))

            let missing = try await postgresError {
                try await client.query(Statement("missing", "SELECT * FROM nowhere"))
            }
            #expect(missing.description.contains("relation \"nowhere\" does not exist"))
        }
    }

    @Test("A deferred constraint, which fails at the end of the statement's transaction, is that statement's error")
    func deferredConstraint() async throws {
        try await withClient(connections: 1) { client, database in
            try await database.psql("CREATE TABLE one (id int8 UNIQUE DEFERRABLE INITIALLY DEFERRED)")
            let insert = Statement("one.insert", "INSERT INTO one VALUES ($1)")
            try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        do {
                            _ = try await client.query(insert, 1)
                            return nil
                        } catch let error as PostgresError {
                            return error.sqlState
                        }
                    }
                }
                let states = try await group.reduce(into: []) { $0.append($1) }
                #expect(states.count { $0 == nil } == 1)
                #expect(states.count { $0 == "23505" } == 19)
            }
        }
    }

    @Test("A prepared statement that the server has forgotten is prepared again, and the caller does not notice")
    func forgottenStatement() async throws {
        try await withClient(connections: 1) { client, _ in
            #expect(try await client.query(Self.echo, 1).only().decode(at: 0, as: Int.self) == 2)
            _ = try await client.query(Statement("discard", "DISCARD ALL"))
            #expect(try await client.query(Self.echo, 2).only().decode(at: 0, as: Int.self) == 3)
        }
    }

    @Test("A statement whose result type has changed under its plan is prepared again")
    func changedTable() async throws {
        try await withClient(connections: 1) { client, database in
            try await database.psql("CREATE TABLE t (a int8); INSERT INTO t VALUES (1)")
            let all = Statement("t.all", "SELECT * FROM t")
            #expect(try await client.query(all).only().decode(Int.self) == 1)
            try await database.psql("ALTER TABLE t ADD COLUMN b int8 DEFAULT 2")
            #expect(try await client.query(all).only().decode(Int.self, Int.self) == (1, 2))
            try await database.psql("ALTER TABLE t ADD COLUMN c int8 DEFAULT 3")
            #expect(try await client.query(all).only().decode(Int.self, Int.self, Int.self) == (1, 2, 3))
        }
    }

    @Test("The same name with other parameter types, or another text, works too")
    func reusedName() async throws {
        try await withClient(connections: 1) { client, _ in
            let show = Statement("show", "SELECT $1::text")
            let first = try await client.query(show, "a").only().decode(at: 0, as: String.self)
            let other = Statement("show", "SELECT $1 + 1")
            let second = try await client.query(other, Int32(1)).only().decode(at: 0, as: Int.self)
            let third = try await client.query(show, "b").only().decode(at: 0, as: String.self)
            #expect((first, second, third) == ("a", 2, "b"))
        }
    }

    @Test("A parameter larger than the socket's buffers arrives, and so does a large answer")
    func largeValues() async throws {
        try await withClient(connections: 1) { client, _ in
            let large = String(repeating: "0123456789abcdef", count: 1_000_000)
            let back = try await client.query(Statement("large", "SELECT $1"), large).only().decode(
                at: 0, as: String.self)
            #expect(back == large)
        }
    }

    @Test("Several statements in one round trip take effect together or not at all")
    func atomically() async throws {
        try await withClient { client, database in
            try await database.psql("CREATE TABLE t (a int8 PRIMARY KEY)")
            let insert = Statement("t.insert", "INSERT INTO t VALUES ($1)")
            let results = try await client.atomically([(insert, [1]), (insert, [2])])
            #expect(results.map(\.affectedRows) == [1, 1])
            let error = try await postgresError { try await client.atomically([(insert, [3]), (insert, [1])]) }
            #expect(error.isUniqueViolation)
            #expect(try await database.psql("SELECT string_agg(a::text, ',' ORDER BY a) FROM t") == "1,2")
        }
    }

    @Test("The server ends a statement after the configured time, and the connection goes on")
    func statementTimeout() async throws {
        try await withClient(connections: 1, change: { $0.statementTimeout = .seconds(2) }) { client, _ in
            let error = try await postgresError { try await client.query(Statement("slow", "SELECT pg_sleep(60)")) }
            #expect(error.sqlState == "57014")
            #expect(try await client.query(Self.echo, 1).count == 1)
        }
    }

    @Test("A COPY, which this client does not speak, is refused, and other statements go on")
    func copy() async throws {
        try await withClient(connections: 1) { client, _ in
            _ = try await postgresError { try await client.query(Statement("copy", "COPY (SELECT 1) TO STDOUT")) }
            #expect(try await client.query(Self.echo, 1).count == 1)
        }
    }

    @Test("A connection string that cannot be read fails the call, without repeating it")
    func badURL() async throws {
        let client = PostgresClient(PostgresConfiguration(url: "postgresql://u:secret@h:port/?x=1"), logger: .quiet)
        let error = try await postgresError { try await client.query(Self.echo, 1) }
        #expect(error.kind == .invalidConfiguration)
        #expect(!error.description.contains("secret"))
        await client.close()
    }

    @Test("After close every call fails at once")
    func closed() async throws {
        try await withClient { client, _ in
            _ = try await client.query(Self.echo, 1)
            await client.close()
            #expect(try await postgresError { try await client.query(Self.echo, 1) }.kind == .closed)
            #expect(await client.statistics().openConnections == 0)
        }
    }
}
