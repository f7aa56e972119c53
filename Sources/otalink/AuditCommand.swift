import ArgumentParser
import Foundation
import Jobs
import LinkStore
import OneTimeLinks

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Export and trim the audit trail.",
        discussion: """
            The trail says who was issued a link, who was mailed one, who was refused, who signed in and what was revoked. docs/audit.md \
            lists its events; docs/inspection.md shows how to ask it with psql.

              otalink audit export --since 24h
            """,
        subcommands: [Export.self, Trim.self])

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print events as JSON lines, the oldest first.",
            discussion: """
                Read through a cursor, as of the moment of the call: any number of events needs the same memory.

                  otalink audit export --since 2026-11-01 --until 2026-12-01 > november.jsonl
                  otalink audit export --since 24h --event link.refused --event 'session.*'

                A moment is a day (2026-11-01, its beginning in UTC), a time (2026-11-01T08:00:00Z), or how long ago it was (90m, 24h, \
                7d).
                """)

        @Option(help: ArgumentHelp("The first moment.", valueName: "moment")) var since: Moment?
        @Option(help: ArgumentHelp("The moment before which events are printed; default: now.", valueName: "moment"))
        var until: Moment?
        @Option(help: "Only events of this name, or of a family such as 'link.*'; repeatable.") var event: [String] = []

        func validate() throws {
            if let since, let until, since.date >= until.date {
                throw ValidationError("--since must be before --until; nothing lies between them.")
            }
        }

        func run() async throws {
            // A reader that went away, such as head, ends us without a word.
            signal(SIGPIPE, SIG_DFL)
            let selection = AuditSelection(since: since?.date, until: until?.date, events: event)
            try await Surroundings.with(work: .job) { surroundings in
                _ = try await surroundings.store.audit.export(selection) { lines in
                    let page = lines.joined(separator: "\n") + "\n"
                    try FileHandle.standardOutput.write(contentsOf: Data(ForeignText.escapedJSON(page).utf8))
                }
            }
        }
    }

    struct Trim: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete events and finished mails that are older than \(SettingName.auditTrailDays) says, now.",
            discussion: """
                The service does this by itself every night. To see what it would delete:

                  otalink audit trim --dry-run
                """)

        @Flag(help: "Count only, and delete nothing.") var dryRun = false
        @OptionGroup var output: ResultOptions

        func run() async throws {
            try await Surroundings.with(work: .job) { surroundings in
                let settings = try await surroundings.store.settings.read()
                let days = settings.auditTrailDays
                if dryRun {
                    guard days > 0 else {
                        let line = "\(SettingName.auditTrailDays) keeps everything for ever."
                        return try output.print(["detail": line], lines: [line])
                    }
                    let line = "\(try await surroundings.store.audit.countOld(days: days)) are older than \(days) days."
                    return try output.print(["detail": line], lines: [line])
                }
                let runner = JobRunner(
                    job: .trimAuditTrail(settings: { settings }), client: surroundings.client,
                    zone: try surroundings.environment.deskTimeZone, replica: surroundings.environment.replicaName,
                    logger: surroundings.logger)
                guard let detail = try await runner.runOnce(dueAt: try await surroundings.store.jobRuns.now()) else {
                    throw Advice(
                        text: "The job runs on a replica at this moment. See: SELECT * FROM otalink.job_status")
                }
                try output.print(["detail": detail], lines: [detail])
            }
        }
    }
}

/// A moment as an operator types it.
struct Moment: ExpressibleByArgument {
    let date: Date

    init?(argument: String) {
        self.init(argument, now: Date())
    }

    init?(_ text: String, now: Date) {
        if let date = try? Date(text, strategy: .iso8601) {
            self.date = date
        } else if let day = try? Date(text, strategy: Date.ISO8601FormatStyle().year().month().day()) {
            date = day
        } else {
            let units: [Character: TimeInterval] = ["m": 60, "h": 3600, "d": 86_400]
            guard let unit = text.last.flatMap({ units[$0] }), let count = UInt32(text.dropLast()) else { return nil }
            date = now.addingTimeInterval(-TimeInterval(count) * unit)
        }
    }
}
