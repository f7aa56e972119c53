import ArgumentParser
import CurlClient
import Foundation
import Jobs
import LinkStore
import OneTimeLinks

struct ExpireCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "expire",
        abstract: "Delete the links of tickets that are closed longer than the access days, now.",
        discussion: """
            The service does this by itself at the times of \(SettingName.deleteExpiredSchedule). The links are dead \
            already; this only cleans up.

              otalink expire --dry-run
            """)

    @Flag(help: "Count only, and delete nothing.") var dryRun = false
    @OptionGroup var output: ResultOptions

    func run() async throws {
        try await Surroundings.with(holdsLocks: true, work: .job) { surroundings in
            let curl = surroundings.curlClient()
            let acts = try surroundings.acts(curl: curl)
            let settings = try await surroundings.store.settings.read()
            let expire = ExpireLinks(desk: acts.desk, settings: settings.link, logger: surroundings.logger)
            if dryRun {
                let count = try await surroundings.client.withConnection { try await expire(on: $0, isDryRun: true) }
                try output.print(["detail": "\(count)"], lines: ["Would do: \(count)"])
            } else {
                let runner = JobRunner(
                    job: .expireLinks(desk: acts.desk, settings: { settings }, logger: surroundings.logger),
                    client: surroundings.client, zone: try surroundings.environment.desk().timeZone,
                    replica: surroundings.environment.replicaName, logger: surroundings.logger)
                let now = try await surroundings.store.jobRuns.now()
                guard let detail = try await runner.runOnce(dueAt: now) else {
                    throw Advice(
                        text: "The job runs on another replica at this moment. See: SELECT * FROM otalink.job_status")
                }
                try output.print(["detail": detail], lines: [detail])
            }
            await curl.close()
        }
    }
}
