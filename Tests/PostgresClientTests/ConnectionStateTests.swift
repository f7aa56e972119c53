import CLibPQ
import Testing

@testable import PostgresClient

/// The state machine of a connection, driven without a socket.
@Suite("State of a connection")
struct ConnectionStateTests {
    private static let now = ContinuousClock.now
    private static let statement = Statement("links.read", repeatable: true, "SELECT 1")
    private static let write = Statement("links.write", "UPDATE link SET state = $1")

    private func ready(prepares: Bool = true) -> ConnectionState {
        var state = ConnectionState(usesPreparedStatements: prepares)
        state.connected()
        return state
    }

    private func attempt(_ statements: Statement..., on connection: ConnectionID? = nil) -> Attempt {
        let steps = statements.map { Batch.Step(statement: $0, parameters: .none) }
        let batch = Batch(.steps(steps), on: connection, isInsideTransaction: connection != nil)
        return Attempt(pending: PendingBatch(batch, deadline: nil))
    }

    private func rows() throws -> ConnectionState.Answer {
        .rows(PostgresResult(try #require(PQmakeEmptyPGresult(nil, PGRES_TUPLES_OK)), statementName: nil))
    }

    private func failure(_ sqlState: String?, _ message: String = "no") -> ConnectionState.Answer {
        .failure(ServerFailure(sqlState: sqlState, message: message))
    }

    /// Feeds answers, of which only the last may lead to something.
    private func feed(
        _ state: inout ConnectionState, _ answers: ConnectionState.Answer...
    ) throws -> ConnectionState.Action {
        var last = ConnectionState.Action.wait
        for answer in answers {
            guard case .wait = last else { throw TooEarly() }
            last = state.receive(answer, now: Self.now)
        }
        return last
    }

    private struct TooEarly: Error {}

    @Test("The first execution prepares, later ones use the name; without prepared statements neither")
    func plans() throws {
        var state = ready()
        #expect(state.send(attempt(Self.statement), now: Self.now) == [.prepareAndExecute(name: "links.read")])
        #expect(state.send(attempt(Self.statement), now: Self.now) == [.execute(name: "links.read")])
        #expect(
            state.send(attempt(Self.statement, Self.write), now: Self.now) == [
                .execute(name: "links.read"), .prepareAndExecute(name: "links.write"),
            ])
        var plain = ready(prepares: false)
        #expect(plain.send(attempt(Self.statement), now: Self.now) == [.unnamed])
    }

    @Test("A result counts only when its transaction has been decided")
    func success() throws {
        var state = ready()
        _ = state.send(attempt(Self.statement), now: Self.now)
        // The answers to the preparation and to the execution.
        let action = try feed(&state, try rows(), .end, try rows(), .end, .synchronized)
        guard case .finish(_, .success(let results)) = action else {
            Issue.record("\(action)")
            return
        }
        #expect(results.count == 1)
        #expect(state.inFlightCount == 0)
    }

    @Test("An error after the result, from a deferred constraint, makes the statement fail")
    func lateFailure() throws {
        var state = ready(prepares: false)
        _ = state.send(attempt(Self.write), now: Self.now)
        let action = try feed(&state, try rows(), .end, failure("23505"), .synchronized)
        guard case .finish(_, .failure(let error)) = action else {
            Issue.record("\(action)")
            return
        }
        #expect(error.kind == .server(sqlState: "23505"))
        #expect(error.serverMessage == nil)
    }

    @Test("The error of a batch is named after the step that failed, and skipped preparations are made again")
    func failingStep() throws {
        var state = ready()
        _ = state.send(attempt(Self.statement, Self.write), now: Self.now)
        let action = try feed(
            &state, try rows(), .end, failure("40001", "conflict"), .end, .aborted, .end, .aborted, .end, .synchronized)
        guard case .finish(_, .failure(let error)) = action else {
            Issue.record("\(action)")
            return
        }
        #expect(error.statementName == "links.read")
        #expect(error.serverMessage == "conflict")
        #expect(error.isTransactionConflict)
        #expect(
            state.send(attempt(Self.statement, Self.write), now: Self.now) == [
                .execute(name: "links.read"), .prepareAndExecute(name: "links.write#2"),
            ])
    }

    @Test(
        "A prepared statement that is no longer accepted is sent again once, under a new name",
        arguments: [("26000", "unknown"), ("0A000", "cached plan must not change result type")])
    func preparedAgain(sqlState: String, message: String) throws {
        var state = ready(prepares: true)
        _ = state.send(attempt(Self.statement), now: Self.now)
        _ = try feed(&state, try rows(), .end, try rows(), .end, .synchronized)
        _ = state.send(attempt(Self.statement), now: Self.now)
        guard case .sendAgain(let again) = try feed(&state, failure(sqlState, message), .end, .synchronized) else {
            Issue.record("not sent again")
            return
        }
        #expect(state.send(again, now: Self.now) == [.prepareAndExecute(name: "links.read#2")])
        let second = try feed(&state, try rows(), .end, failure(sqlState, message), .end, .synchronized)
        guard case .finish(_, .failure) = second else {
            Issue.record("\(second)")
            return
        }
    }

    @Test("Inside a transaction nothing is sent again, because the transaction has ended")
    func notAgainInTransaction() throws {
        var state = ready()
        _ = state.send(attempt(Self.statement, on: 1), now: Self.now)
        let action = try feed(&state, try rows(), .end, failure("26000"), .end, .synchronized)
        guard case .finish(_, .failure) = action else {
            Issue.record("\(action)")
            return
        }
    }

    @Test("A loss sends reads elsewhere once, and leaves the outcome of writes open, except inside a transaction")
    func loss() {
        var state = ready()
        var resent = attempt(Self.statement)
        resent.isResent = true
        for item in [attempt(Self.statement), resent, attempt(Self.write), attempt(Self.write, on: 1)] {
            _ = state.send(item, now: Self.now)
        }
        let verdicts = state.lost(PostgresError(.connectionLost)).map { verdict in
            switch verdict {
            case .sendElsewhere(let attempt): attempt.isResent ? "elsewhere" : "unmarked"
            case .fail(_, let error): "\(error.statementName ?? "") \(error.isOutcomeUnknown)"
            }
        }
        #expect(verdicts == ["elsewhere", "links.read true", "links.write true", "links.write false"])
        #expect(state.phase == .closed)
        #expect(state.inFlightCount == 0)
    }

    @Test("A fatal error, or one that libpq made itself, ends the connection", arguments: [true, false])
    func fatal(isFatal: Bool) {
        var state = ready()
        _ = state.send(attempt(Self.write), now: Self.now)
        let failure = ServerFailure(sqlState: isFatal ? "57P01" : nil, isFatal: isFatal)
        guard case .disconnect(let error) = state.receive(.failure(failure), now: Self.now) else {
            Issue.record("not disconnected")
            return
        }
        #expect(error.kind == .connectionLost)
    }

    @Test("A script goes alone, and its error tells how many statements succeeded")
    func script() throws {
        var state = ready()
        let script = Batch(.script("SELECT 1; SELEC"), on: 1)
        let write = attempt(Self.write)
        #expect(state.accepts(script))
        _ = state.send(write, now: Self.now)
        #expect(!state.accepts(script))
        #expect(state.accepts(write.pending.work))
        _ = try feed(&state, try rows(), .end, try rows(), .end, .synchronized)
        _ = state.send(Attempt(pending: PendingBatch(script, deadline: nil)), now: Self.now)
        #expect(!state.accepts(write.pending.work))
        var problem = ServerFailure(sqlState: "42601", message: "syntax error")
        problem.position = 11
        guard case .finish(_, .failure(let error)) = try feed(&state, try rows(), .failure(problem), .end) else {
            Issue.record("not finished")
            return
        }
        #expect(error.scriptPosition == PostgresError.ScriptPosition(statementIndex: 1, characterOffset: 10))
        #expect(error.serverMessage == "syntax error")
    }
}
