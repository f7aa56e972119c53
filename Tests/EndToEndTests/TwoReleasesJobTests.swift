import Foundation
import ReplicaSupport
import TestSupport
import Testing

@Suite(
    "The jobs of the previous release and this one, on one database", .enabled(if: PreviousRelease.isHere),
    .timeLimit(.minutes(10)))
struct TwoReleasesJobTests {
    private static let jobs = ["expire-links", "rotate-signing-keys", "trim-audit-trail"]

    /// Starts a replica under a name, waits until it has run each job so often, and ends it.
    private func run(
        _ program: String, named name: String, attempts: Int, _ deployment: Deployment,
        _ body: (RunningReplica) async throws -> Void = { _ in }
    ) async throws {
        let environment = deployment.environment.merging(["OTALINK_REPLICA_NAME": name]) { $1 }
        try await withRunningReplicas([environment], program: program) { (replicas) async throws in
            try await deployment.until(
                """
                SELECT string_agg(DISTINCT job, ' ' ORDER BY job) FROM otalink.job_run
                 WHERE outcome = 'done' AND runner = '\(name)' AND attempts = \(attempts)
                """, is: Self.jobs.joined(separator: " "))
            try await body(replicas[0])
        }
    }

    @Test("Each runs the jobs that are due over rows of both, and runs again what the other left unfinished")
    func eachWay() async throws {
        try await withDeployment(settings: ["MailFirstLink": "0"]) { (deployment) async throws in
            let releases = [("old", PreviousRelease.program), ("new", Deployment.program)]
            for (first, second) in [(releases[0], releases[1]), (releases[1], releases[0])] {
                // A ticket with a link and a session of each release, and a ticket that stays open.
                let tickets = [
                    try await deployment.annasTicket(), try await deployment.annasTicket(),
                    try await deployment.annasTicket(),
                ]
                for (ticket, release) in zip(tickets, [releases[0], releases[1], releases[1]]) {
                    try await withRunningReplicas([deployment.environment], program: release.1) {
                        (replicas) async throws in
                        let issued = try await ChildProcess(
                            release.1, ["link", "issue", "--ticket", ticket, "--customer", "anna@example.org"],
                            environment: deployment.environment
                        ).finished()
                        let link = try #require(issued.output.firstMatch(of: /\/l\/[0-9A-Za-z]{43}/)).output
                        let browser = Browser(client: deployment.client, base: replicas[0].url)
                        #expect(try await browser.press(try await browser.get(String(link))).status == 303)
                    }
                }
                await deployment.endReplicas()
                for ticket in tickets[..<2] {
                    try await deployment.desk.close(ticket, at: Date(timeIntervalSince1970: 1_000_000_000))
                }
                try await deployment.database.psql(
                    "DELETE FROM otalink.job_run; UPDATE otalink.ticket SET read_at = now() - interval '1 day'")
                try await run(first.1, named: first.0, attempts: 1, deployment) { _ in
                    let left = try await deployment.database.psql(
                        "SELECT string_agg(ticket_number, ' ') FROM otalink.link WHERE state = 'used'")
                    #expect(left == tickets[2], "\(first.0) has deleted links")
                }
                // As a runner leaves it that was killed.
                try await deployment.database.psql(
                    "UPDATE otalink.job_run SET finished_at = NULL, outcome = NULL, detail = ''")
                try await run(second.1, named: second.0, attempts: 2, deployment)
                #expect(
                    try await deployment.database.psql("SELECT count(*) FROM otalink.job_run") == "\(Self.jobs.count)")
                try await deployment.desk.close(tickets[2], at: Date(timeIntervalSince1970: 1_000_000_000))
                try await deployment.database.psql("DELETE FROM otalink.job_run")
                try await run(second.1, named: second.0, attempts: 1, deployment)
                #expect(try await deployment.database.psql("SELECT count(*) FROM otalink.link") == "0")
            }
        }
    }

    @Test("Of replicas of both that start at the same moment, one runs each job")
    func atOnce() async throws {
        try await withDeployment { (deployment) async throws in
            await deployment.endReplicas()
            for _ in 0..<3 {
                try await deployment.database.psql("DELETE FROM otalink.job_run")
                try await withRunningReplicas([deployment.environment], program: PreviousRelease.program) {
                    (_) async throws in
                    try await withRunningReplicas([deployment.environment]) { (_) async throws in
                        try await deployment.until(
                            "SELECT count(*) FROM otalink.job_run WHERE outcome = 'done' AND attempts = 1",
                            is: "\(Self.jobs.count)")
                    }
                }
                #expect(
                    try await deployment.database.psql("SELECT count(*), max(attempts) FROM otalink.job_run")
                        == "\(Self.jobs.count)|1")
            }
        }
    }
}
