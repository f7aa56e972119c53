import ArgumentParser
import Foundation
import LinkStore
import Migrator

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the schema up to date, or look at it.",
        discussion: """
            The files of a release only add to the schema, so replicas of the release before go on; docs/upgrade.md has the order of steps.

              otalink migrate up
            """,
        subcommands: [Up.self, Status.self, Verify.self])

    struct Options: ParsableArguments {
        @Option(help: "The directory of the migration files; found beside the program if not given.")
        var directory: String?

        func load() throws -> MigrationDirectory {
            try MigrationDirectory.load(directory ?? MigrationFiles.path())
        }
    }

    struct Up: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Apply the migrations that are not applied yet.",
            discussion: """
                Each file is one transaction with its record; of two runners at once one waits. Also makes the roles of the database, or prints \
                what a superuser has to run for that, and takes back what rights they have beyond their own, and names those.

                  otalink migrate up
                """)
        @OptionGroup var options: Options
        @OptionGroup var output: ResultOptions

        private struct Result: Encodable {
            let applied: [String]
            /// For a superuser; nil: nothing.
            let missingRoles: String?
            /// Rights that a role had and has no more.
            let takenBack: [String]
        }

        func run() async throws {
            let directory = try options.load()
            try await Surroundings.with(holdsLocks: true, work: .job) { surroundings in
                let migrator = Migrator(client: surroundings.client, directory: directory, logger: surroundings.logger)
                let roles = surroundings.store.roles
                let before = try await roles.rights()
                let applied = try await migrator.up()
                let missing = try await roles.grant()
                let taken = RoleRight.described(before.subtracting(try await roles.rights()))
                var lines = applied.map { "applied \($0.name) in \($0.durationMilliseconds) ms" }
                lines += taken.map { "taken back: \($0)" }
                lines.append(applied.isEmpty ? "The schema is up to date." : "The schema is up to date now.")
                if !missing.isEmpty {
                    lines.append(
                        "\nThe database user may not create roles. A superuser can, in this database, if the roles are wanted:\n"
                    )
                    lines.append(missing)
                }
                try output.print(
                    Result(
                        applied: applied.map(\.name), missingRoles: missing.isEmpty ? nil : missing, takenBack: taken),
                    lines: lines)
            }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show which migrations are applied.",
            discussion: """
                Changes nothing, and ends with 0 also where some are pending. What is held back, "migrate up" of the next release applies.

                  otalink migrate status
                """)
        @OptionGroup var options: Options
        @OptionGroup var output: ResultOptions

        private struct Row: Encodable {
            let name: String
            let state: String
        }

        func run() async throws {
            let directory = try options.load()
            try await Surroundings.with { surroundings in
                let status = try await Migrator(
                    client: surroundings.client, directory: directory, logger: surroundings.logger
                )
                .status()
                let pending = Set(status.pending.map(\.name))
                let rows =
                    directory.files.map { Row(name: $0.name, state: pending.contains($0.name) ? "pending" : "applied") }
                    + status.unknown.map { Row(name: $0.name, state: "unknown") }
                    + status.stillHeldBack(directory.heldBack).map { Row(name: $0.name, state: "held-back") }
                let lines = rows.map { row in
                    let isPending = row.state == "pending"
                    let line = "\(isPending ? Emphasis.doubtful(row.state) : row.state)  \(row.name)"
                    return switch row.state {
                    case "unknown": line + " (made by a newer version)"
                    case "held-back": line + " (of the next release)"
                    default: line
                    }
                }
                try output.print(rows, lines: lines)
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare the checksums of the files with those of what was applied.",
            discussion: """
                Ends with 1 if a file was changed after it had been applied.

                  otalink migrate verify
                """)
        @OptionGroup var options: Options
        @OptionGroup var output: ResultOptions

        func run() async throws {
            let directory = try options.load()
            try await Surroundings.with { surroundings in
                try await Migrator(client: surroundings.client, directory: directory, logger: surroundings.logger)
                    .verify()
                try output.print(["isUnchanged": true], lines: ["All applied migrations are as their files say."])
            }
        }
    }
}
