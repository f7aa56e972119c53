import Testing

@testable import PostgresClient

@Suite("Connecting")
struct ConnectionParametersTests {
    private func values(_ url: String, prepared: Bool = true) throws -> [String: String] {
        var configuration = PostgresConfiguration(url: url)
        configuration.usesPreparedStatements = prepared
        return try ConnectionParameters(configuration).values
    }

    @Test("URIs and key=value strings are read as libpq reads them, and what they say wins over our defaults")
    func reading() throws {
        let uri = try values("postgresql://u:p%40@h1:1,h2:2/db?target_session_attrs=read-write&keepalives_idle=99")
        #expect(uri["host"] == "h1,h2")
        #expect(uri["port"] == "1,2")
        #expect(uri["password"] == "p@")
        #expect(uri["target_session_attrs"] == "read-write")
        #expect(uri["keepalives_idle"] == "99")
        #expect(uri["keepalives_count"] == "3")
        #expect(try values("host=h dbname=db")["dbname"] == "db")
    }

    @Test("Timeouts are set at the start, but not behind PgBouncer, which refuses that")
    func timeouts() throws {
        #expect(try values("host=h")["options"] == "-c statement_timeout=10000 -c lock_timeout=5000")
        #expect(
            try values("host=h options='-c lock_timeout=1'")["options"]
                == "-c statement_timeout=10000 -c lock_timeout=5000 -c lock_timeout=1")
        #expect(try values("host=h", prepared: false)["options"] == nil)
    }

    @Test("After an attempt that hung the next one begins at the next host, each with its own port")
    func rotation() throws {
        let parameters = try ConnectionParameters(PostgresConfiguration(url: "postgresql://a:1,b:2,c:3/db"))
        #expect(parameters.startingAtHost(0) == parameters)
        let second = parameters.startingAtHost(1).values
        #expect(second["host"] == "b,c,a")
        #expect(second["port"] == "2,3,1")
        #expect(parameters.startingAtHost(3) == parameters)
        let shared = try ConnectionParameters(PostgresConfiguration(url: "host=a,b port=5433"))
        #expect(shared.startingAtHost(1).values["host"] == "b,a")
        #expect(shared.startingAtHost(1).values["port"] == "5433")
        let single = try ConnectionParameters(PostgresConfiguration(url: "host=a"))
        #expect(single.startingAtHost(7) == single)
    }

    @Test(
        "libpq's messages lose hosts and addresses, and say each reason once",
        arguments: [
            (
                "connection to server at \"10.0.0.1\", port 5432 failed: Connection refused\n\tIs the server running on that host?\n",
                "Connection refused"
            ),
            (
                "connection to server at \"db\" (10.0.0.1), port 5432 failed: FATAL:  password authentication failed for user \"u\"\n",
                "password authentication failed for user \"u\""
            ),
            (
                "connection to server at \"a\", port 1 failed: Connection refused\nconnection to server at \"b\", port 1 failed: Connection refused\n",
                "Connection refused"
            ),
            (
                "could not translate host name \"db.internal\" to address: Name or service not known\n",
                "a host name cannot be resolved"
            ),
            ("", "no answer"),
        ])
    func reasons(message: String, expected: String) {
        #expect(ServerLink.reason(from: message) == expected)
    }

    @Test("Pauses double from 100 ms to 5 s, and chance shortens them by up to half")
    func backoff() {
        var slow = Backoff()
        #expect(
            (0..<8).map { _ in slow.pause(chance: 0).wholeMilliseconds } == [
                100, 200, 400, 800, 1600, 3200, 5000, 5000,
            ])
        var quick = Backoff()
        #expect((0..<7).map { _ in quick.pause(chance: 1).wholeMilliseconds } == [50, 100, 200, 400, 800, 1600, 2500])
        slow.reset()
        #expect(slow.pause(chance: 0) == .milliseconds(100))
    }

    @Test("A queue keeps its order through taking, putting back and draining")
    func queue() {
        var queue = FIFO<Int>()
        for number in 0..<100 { queue.append(number) }
        #expect((0..<60).map { _ in queue.popFirst() } == Array(0..<60))
        queue.prepend(-1)
        #expect(queue.first == -1)
        #expect(queue.count == 41)
        #expect(queue.elements == [-1] + Array(60..<100))
        #expect(queue.drain().count == 41)
        #expect(queue.isEmpty)
        #expect(queue.popFirst() == nil)
    }
}
