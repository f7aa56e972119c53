import ArgumentParser
import Foundation
import Migrator

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the schema up to date, or look at it.",
        subcommands: [Up.self, Status.self, Verify.self])

    struct Options: ParsableArguments {
        @Option(help: "The directory of the migration files; found beside the program if not given.")
        var directory: String?

        func load() throws -> MigrationDirectory {
            try MigrationDirectory.load(directory ?? MigrationFiles.path())
        }
    }

    struct Up: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Apply the migrations that are not applied yet.")
        @OptionGroup var options: Options

        func run() async throws {
            let directory = try options.load()
            try await Surroundings.with { surroundings in
                let migrator = Migrator(client: surroundings.client, directory: directory, logger: surroundings.logger)
                let applied = try await migrator.up()
                for migration in applied { print("applied \(migration.name) in \(migration.durationMilliseconds) ms") }
                print(applied.isEmpty ? "The schema is up to date." : "The schema is up to date now.")
                let missing = try await surroundings.store.roles.grant()
                if !missing.isEmpty {
                    print(
                        "\nThe database user may not create roles. A superuser can, in this database, if the roles are wanted:\n"
                    )
                    print(missing)
                }
            }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show which migrations are applied.")
        @OptionGroup var options: Options

        func run() async throws {
            let directory = try options.load()
            try await Surroundings.with { surroundings in
                let status = try await Migrator(
                    client: surroundings.client, directory: directory, logger: surroundings.logger
                )
                .status()
                let pending = Set(status.pending.map(\.name))
                for file in directory.files {
                    print((pending.contains(file.name) ? "pending  " : "applied  ") + file.name)
                }
                for migration in status.unknown { print("unknown  \(migration.name) (made by a newer version)") }
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare the checksums of the files with those of what was applied.")
        @OptionGroup var options: Options

        func run() async throws {
            let directory = try options.load()
            try await Surroundings.with { surroundings in
                try await Migrator(client: surroundings.client, directory: directory, logger: surroundings.logger)
                    .verify()
                print("All applied migrations are as their files say.")
            }
        }
    }
}

/// Where the migration files are.
enum MigrationFiles {
    /// Beside the source tree that the program was built in, or in the installed place.
    static func path() throws -> String {
        // Not the first argument: whoever is found through PATH has only a name there.
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        var candidates = ["share/otalink/migrations", "../share/otalink/migrations"].map {
            program.appending(path: $0).path
        }
        var directory = program
        for _ in 0..<5 {
            candidates.append(directory.appending(path: "migrations").path)
            directory.deleteLastPathComponent()
        }
        candidates.append("/usr/share/otalink/migrations")
        guard let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            throw ValidationError("The migration files were not found. Name their directory with --directory.")
        }
        return found
    }
}
