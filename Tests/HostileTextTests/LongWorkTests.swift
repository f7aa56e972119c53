import Dispatch
import Foundation
import TestSupport
import Testing

@testable import LongWork

@Suite("Long work", .timeLimit(.minutes(10)))
struct LongWorkTests {
    private static let large = 1 << 20

    @Test("Short work is done at once, long work on a thread of its own")
    func threads() async throws {
        let work = LongWork()
        #expect(try await work.run(size: LongWork.smallest - 1) { LongWork.isCurrentThread } == false)
        #expect(try await work.run(size: LongWork.smallest) { LongWork.isCurrentThread })
    }

    @Test("However many pieces are under way, the cooperative pool stays free")
    func freePool() async throws {
        // More than the pool has threads: there, all of them would wait for the signal, and nobody could give it.
        let count = ProcessInfo.processInfo.activeProcessorCount * 4
        let work = LongWork(threads: count)
        let (begun, continuation) = AsyncStream.makeStream(of: Void.self)
        let signal = DispatchSemaphore(value: 0)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<count {
                tasks.addTask {
                    try await work.run(size: Self.large) {
                        continuation.yield()
                        signal.wait()
                    }
                }
            }
            for await _ in begun.prefix(count) {}
            for _ in 0..<count { signal.signal() }
            try await tasks.waitForAll()
        }
    }

    @Test("So many pieces run, so many wait, and one more is refused; a piece that was given up is not begun")
    func bounds() async throws {
        let work = LongWork(threads: 1, places: 2)
        let (begun, continuation) = AsyncStream.makeStream(of: Void.self)
        let signal = DispatchSemaphore(value: 0)
        let first = Task {
            try await work.run(size: Self.large) {
                continuation.yield()
                signal.wait()
                return 1
            }
        }
        for await _ in begun.prefix(1) {}
        let second = Task { try await work.run(size: Self.large) { 2 } }
        let third = Task { try await work.run(size: Self.large) { Issue.record("It was given up.") } }
        while work.waiting < 2 { try await giveWay() }
        await #expect(throws: LongWork.Overload.self) { try await work.run(size: Self.large) {} }
        #expect(try await work.run(size: 1) { 3 } == 3)
        third.cancel()
        signal.signal()
        #expect(try await first.value == 1)
        #expect(try await second.value == 2)
        await #expect(throws: CancellationError.self) { try await third.value }
    }
}
