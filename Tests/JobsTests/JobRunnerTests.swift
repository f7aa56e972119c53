import Foundation
import LinkStore
import OneTimeLinks
import PostgresClient
import Synchronization
import TestSupport
import Testing

@testable import Jobs

@Suite("Running a job at its times")
struct JobRunnerTests {
    /// Counts its runs; each waits until the test lets it go on.
    private final class Work: Sendable {
        let runs = Mutex(0)
        let begun: AsyncStream<Int>
        private let report: AsyncStream<Int>.Continuation

        init() {
            (begun, report) = AsyncStream.makeStream()
        }

        func begin() -> Int {
            let run = runs.withLock { runs in
                runs += 1
                return runs
            }
            report.yield(run)
            return run
        }
    }

    private func runner(
        _ url: PostgresClient, replica: String, schedule: String? = "* * * * *", mayRun: Bool = true,
        work: @escaping @Sendable (PostgresConnectionHandle) async throws -> String
    ) -> JobRunner {
        JobRunner(
            job: Job(name: "test", lock: 4712, schedule: { schedule.flatMap { CronSchedule($0) } }, work: work),
            client: url, zone: .gmt, replica: replica, mayRun: { mayRun }, logger: .quiet)
    }

    @Test("Three replicas due at the same moment run it once")
    func once() async throws {
        try await withJobsDatabase { (jobs) async throws in
            let work = Work()
            let due = Date(timeIntervalSince1970: 1_795_600_000)
            let results = try await withThrowingTaskGroup(of: String?.self) { group in
                for replica in ["a", "b", "c"] {
                    let runner = runner(jobs.client, replica: replica) { _ in "run \(work.begin())" }
                    group.addTask { try await runner.runOnce(dueAt: due) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(work.runs.withLock { $0 } == 1)
            #expect(results.count { $0 == "run 1" } == 1)
            #expect(
                try await jobs.database.psql("SELECT outcome, attempts, detail FROM otalink.job_run") == "done|1|run 1")
        }
    }

    @Test("A runner that is killed in the middle is taken over by another, and cannot write any more")
    func killed() async throws {
        try await withJobsDatabase { (jobs) async throws in
            let work = Work()
            let due = Date(timeIntervalSince1970: 1_795_600_000)
            let first = runner(jobs.client, replica: "a") { connection in
                _ = work.begin()
                let pid = try await connection.query(Statement("pid", "SELECT pg_backend_pid()")).only().decode(
                    at: 0, as: Int.self)
                _ = try await jobs.database.psql("SELECT pg_terminate_backend(\(pid))")
                _ = try await connection.query(
                    Statement("bad", "UPDATE otalink.job_run SET detail = 'written without the lock'"))
                return "never"
            }
            await #expect(throws: PostgresError.self) { try await first.runOnce(dueAt: due) }
            #expect(
                try await jobs.database.psql("SELECT outcome IS NULL, runner, detail FROM otalink.job_run") == "t|a|")
            let second = runner(jobs.client, replica: "b") { _ in "run \(work.begin())" }
            #expect(try await second.runOnce(dueAt: due) == "run 2")
            #expect(try await second.runOnce(dueAt: due) == "")
            #expect(try await jobs.database.psql("SELECT outcome, runner, attempts FROM otalink.job_run") == "done|b|2")
        }
    }

    @Test("A failed run says why and is tried again; what is done rests until the next time")
    func failed() async throws {
        try await withJobsDatabase { (jobs) async throws in
            struct Broken: Error, CustomStringConvertible { let description = "the desk is away" }
            let work = Work()
            let runner = runner(jobs.client, replica: "a") { _ in
                if work.begin() == 1 { throw Broken() }
                return "done now"
            }
            #expect(await runner.step() == 10)
            let latest = "SELECT outcome, detail FROM otalink.job_run ORDER BY due_at DESC LIMIT 1"
            let failed = try await jobs.database.psql(latest)
            #expect(failed == "failed|the desk is away")
            _ = await runner.step()
            let done = try await jobs.database.psql(latest)
            #expect(done == "done|done now")
            let runs = work.runs.withLock { $0 }
            let rest = await runner.step()
            // Unless a minute just began, nothing is due.
            #expect(work.runs.withLock { $0 } == runs ? (0...60).contains(rest) : true)
        }
    }

    @Test("A job that fails again and again rests longer each time, up to ten minutes")
    func backOff() async throws {
        try await withJobsDatabase { (jobs) async throws in
            struct Broken: Error {}
            let runner = runner(jobs.client, replica: "a") { _ in throw Broken() }
            var rests: [TimeInterval] = []
            for _ in 0..<8 { rests.append(await runner.step()) }
            #expect(rests == [10, 20, 40, 80, 160, 320, 600, 600])
        }
    }

    @Test("While a lock would not hold, nothing runs and no lock is tried")
    func noLock() async throws {
        try await withJobsDatabase { (jobs) async throws in
            let work = Work()
            let runner = runner(jobs.client, replica: "a", mayRun: false) { _ in "run \(work.begin())" }
            #expect(await runner.step() == 10)
            #expect(work.runs.withLock { $0 } == 0)
            #expect(try await jobs.database.psql("SELECT count(*) FROM otalink.job_run") == "0")
        }
    }

    @Test("Without a schedule nothing runs")
    func off() async throws {
        try await withJobsDatabase { (jobs) async throws in
            let work = Work()
            let runner = runner(jobs.client, replica: "a", schedule: nil) { _ in "run \(work.begin())" }
            #expect(await runner.step() == 60)
            #expect(work.runs.withLock { $0 } == 0)
        }
    }
}
