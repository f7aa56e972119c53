import PostgresClient
import ServiceLifecycle
import Synchronization

/// The lanes in which one replica works off a queue that all replicas share.
///
/// Woken by a notice of the database, by the end of work under way, and when the next row is due. A graceful shutdown claims nothing more
/// and waits for the work under way.
package final class QueueLanes: Sendable {
    /// The channel that the triggers of queues notify on.
    package static let channel = "otalink_mail"

    /// What a look at the queue came to.
    package enum Claim: Sendable {
        case nothing
        /// A row was claimed; this works it off and writes down what came of it.
        case work(@Sendable () async -> Void)
        /// A row was claimed and put off, since it cannot be read.
        case putOff
    }

    private let pacing: QueuePacing
    private let inUse = Mutex(0)
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    package init(pacing: QueuePacing) {
        self.pacing = pacing
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        waker.yield()
    }

    /// Takes what the listening connection tells.
    package func apply(_ event: PostgresListener.Event) {
        switch event {
        case .listening: waker.yield()
        case .notification(let channel, _) where channel == Self.channel: waker.yield()
        case .notification, .confirmed, .lost, .unproven: break
        }
    }

    /// Works until the service is told to end. May be called once.
    ///
    /// - Parameters:
    ///   - secondsUntilDue: nil: nothing waits.
    ///   - onFailure: told when the queue cannot be read; it is tried again.
    package func run(
        claim: @escaping @Sendable () async throws -> Claim,
        secondsUntilDue: @escaping @Sendable () async throws -> Double?,
        onFailure: @escaping @Sendable (any Error) -> Void
    ) async {
        await withDiscardingTaskGroup { group in
            var alarm: Task<Void, Never>?
            var failures = 0
            for await _ in wakes.cancelOnGracefulShutdown() {
                alarm?.cancel()
                do {
                    let pause = try await fill(&group, claim, secondsUntilDue)
                    failures = 0
                    alarm = pause.map(setAlarm)
                } catch is CancellationError {
                    alarm = nil
                } catch {
                    failures += 1
                    onFailure(error)
                    alarm = setAlarm(after: pacing.database.pause(afterAttempt: failures))
                }
            }
            alarm?.cancel()
        }
    }

    /// Claims what is due and starts working on it.
    ///
    /// - Returns: how long to wait if nothing happens; nil: for the end of work under way.
    private func fill(
        _ group: inout DiscardingTaskGroup, _ claim: @Sendable () async throws -> Claim,
        _ secondsUntilDue: @Sendable () async throws -> Double?
    ) async throws -> Duration? {
        while inUse.withLock({ $0 < pacing.lanes }), !Task.isShuttingDownGracefully {
            switch try await claim() {
            case .putOff: continue
            case .nothing: return try await pause(secondsUntilDue)
            case .work(let work):
                inUse.withLock { $0 += 1 }
                group.addTask {
                    await work()
                    self.inUse.withLock { $0 -= 1 }
                    self.waker.yield()
                }
            }
        }
        return nil
    }

    private func pause(_ secondsUntilDue: @Sendable () async throws -> Double?) async throws -> Duration {
        guard let seconds = try await secondsUntilDue() else { return pacing.longestWait }
        // Whatever time stands in the row, no duration overflows.
        return seconds > 0 ? min(.seconds(min(seconds, 86_400)), pacing.longestWait) : pacing.contention
    }

    private func setAlarm(after pause: Duration) -> Task<Void, Never> {
        Task { [waker] in
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            waker.yield()
        }
    }
}
