import Foundation
import LinkStore
import Logging
import OneTimeLinks
import PostgresClient
import ServiceLifecycle
import Synchronization

/// A piece of work that one replica does at scheduled times.
public struct Job: Sendable {
    /// Names it in `job_run`.
    public var name: String
    /// The session-level advisory lock that its runner holds.
    public var lock: Int64
    /// When it is due; nil: never. Asked again before each wait, so that a changed setting counts at once.
    public var schedule: @Sendable () -> CronSchedule?
    /// Does the work over the connection that holds the lock, and tells what it did.
    public var work: @Sendable (PostgresConnectionHandle) async throws -> String

    public init(
        name: String, lock: Int64, schedule: @escaping @Sendable () -> CronSchedule?,
        work: @escaping @Sendable (PostgresConnectionHandle) async throws -> String
    ) {
        self.name = name
        self.lock = lock
        self.schedule = schedule
        self.work = work
    }
}

/// Runs a job at its times, on one replica: under its advisory lock, once for each time that it was due.
///
/// Due times are counted by the database's clock, in the desk's zone. A run whose runner died is taken over: its lock went
/// with its connection, and its row in `job_run` is not done. Of the times that passed while no replica ran, the latest is
/// made up for.
public final class JobRunner: Service, CustomStringConvertible {
    /// A runner looks again at least so often, in seconds.
    private static let longestRest: TimeInterval = 60
    /// While another replica holds the lock, or after a failure; after each further failure twice as long.
    private static let retryRest: TimeInterval = 10
    private static let longestRetryRest: TimeInterval = 600

    /// What a framework prints of it.
    public var description: String { "JobRunner(\(job.name))" }

    private let job: Job
    private let client: PostgresClient
    private let runs: JobRuns
    private let zone: TimeZone
    private let replica: String
    private let mayRun: @Sendable () -> Bool
    private let logger: Logger
    private let failures = Mutex(0)

    /// - Parameters:
    ///   - client: with a direct connection to the server; session-level locks do not pass a pooler.
    ///   - zone: the zone of the schedule.
    ///   - mayRun: false while it is known that a lock would not hold; then nothing is run, and no lock is tried.
    public init(
        job: Job, client: PostgresClient, zone: TimeZone, replica: String,
        mayRun: @escaping @Sendable () -> Bool = { true }, logger: Logger
    ) {
        self.job = job
        self.client = client
        runs = LinkStore(client: client).jobRuns
        self.zone = zone
        self.replica = replica
        self.mayRun = mayRun
        self.logger = logger
    }

    /// Runs the job at its times until the service is told to end.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let rest = await self.step()
                try? await Task.sleep(for: .seconds(rest))
            }
        }
    }

    /// Does what is due now, if anything.
    ///
    /// - Returns: how long to rest, in seconds.
    func step() async -> TimeInterval {
        do {
            guard let schedule = job.schedule() else { return Self.longestRest }
            guard mayRun() else { return Self.retryRest }
            let now = try await runs.now()
            guard let due = schedule.last(atOrBefore: now, in: zone) else { return Self.longestRest }
            if let done = try await runs.lastDone(job: job.name), done >= due {
                let next = schedule.next(after: now, in: zone)?.timeIntervalSince(now) ?? Self.longestRest
                return max(0.05, min(Self.longestRest, next))
            }
            guard try await runOnce(dueAt: due) != nil else { return Self.retryRest }
            failures.withLock { $0 = 0 }
            return 0.05
        } catch is CancellationError {
            return 0
        } catch {
            logger.error("A job could not be run", metadata: ["job": "\(job.name)", "error": "\(error)"])
            // A database that is away is no fault of the job's, and its work is due when the database is back.
            if (error as? PostgresError)?.isTemporary == true { return Self.retryRest }
            let failed = failures.withLock { failures in
                failures += 1
                return failures
            }
            return min(Self.retryRest * Double(1 << min(failed - 1, 10)), Self.longestRetryRest)
        }
    }

    /// Runs the job for a due time, unless it is done or another replica holds the lock.
    ///
    /// - Returns: what it did; empty: it was done before; nil: another replica holds the lock.
    /// - Throws: what the work threw; `job_run` says so if the connection still stands.
    @discardableResult
    public func runOnce(dueAt due: Date) async throws -> String? {
        let (job, replica, logger) = (job, replica, logger)
        return try await client.withAdvisoryLock(job.lock) { connection in
            guard try await JobRuns.begin(job: job.name, dueAt: due, runner: replica, on: connection) else { return "" }
            logger.info("A job begins", metadata: ["job": "\(job.name)"])
            do {
                let detail = try await job.work(connection)
                try await JobRuns.finish(job: job.name, dueAt: due, isDone: true, detail: detail, on: connection)
                logger.info("A job is done", metadata: ["job": "\(job.name)", "detail": "\(detail)"])
                return detail
            } catch {
                // The connection may be gone, and the lock with it; then the row says that the run was not finished.
                try? await JobRuns.finish(
                    job: job.name, dueAt: due, isDone: false, detail: "\(error)", on: connection)
                throw error
            }
        }
    }
}
