import Testing

@testable import PostgresClient

@Suite("Waiting calls")
struct PendingTests {
    private typealias Call = Pending<String, Int>

    @Test("A call ends once: what comes later is dropped")
    func once() async throws {
        let call = Call("call", deadline: nil)
        let value = try await call.value { call in
            #expect(call.beginSending())
            #expect(call.isSent)
            #expect(call.finish(.success(1)))
            #expect(!call.finish(.success(2)))
            #expect(call.isFinished)
        }
        #expect(value == 1)
    }

    @Test("A call that has ended before it was sent must not be sent")
    func endedBefore() async {
        let call = Call("call", deadline: nil)
        await #expect(throws: CancellationError.self) {
            try await call.value { call in
                call.finish(.failure(CancellationError()))
                #expect(!call.beginSending())
            }
        }
    }

    @Test("A call of a cancelled task is not even submitted")
    func cancelledBefore() async {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await Call("call", deadline: nil).value { _ in Issue.record("submitted") }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("An uncancellable call waits for its answer in a cancelled task too")
    func uncancellable() async throws {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await Call("call", deadline: nil).uncancellableValue { $0.finish(.success(3)) }
        }
        #expect(try await task.value == 3)
    }
}
