import ArgumentParser
import OneTimeLinks

struct SettingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setting", abstract: "Look at and change settings; replicas see a change within a second.",
        subcommands: [List.self, Get.self, Set.self, Reset.self])

    /// The definition, or one line that says what to do.
    static func definition(_ name: String) throws -> SettingDefinition {
        guard let definition = SettingDefinition.named(name) else {
            throw ValidationError("There is no setting \(name). See: otalink setting list")
        }
        return definition
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all settings and their values.")

        func run() async throws {
            try await Surroundings.with { surroundings in
                let settings = try await surroundings.store.settings.read()
                for definition in SettingDefinition.all {
                    print("\(definition.name) = \(settings.text(definition.name) ?? "(built in)")")
                    print("    \(definition.summary)")
                }
            }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the value of a setting.")
        @Argument(help: "Its name.") var name: String

        func run() async throws {
            _ = try SettingCommand.definition(name)
            try await Surroundings.with { surroundings in
                print(try await surroundings.store.settings.read().text(name) ?? "")
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Change a setting.")
        @Argument(help: "Its name; NAME@de sets a message for one language.") var name: String
        @Argument(help: "The new value.") var value: String

        func run() async throws {
            if let objection = try SettingCommand.definition(name).objection(to: value) {
                throw ValidationError(objection)
            }
            try await Surroundings.with { surroundings in
                try await surroundings.store.settings.set(name, to: value, by: Surroundings.operatorName)
            }
        }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Go back to the default.")
        @Argument(help: "Its name.") var name: String

        func run() async throws {
            _ = try SettingCommand.definition(name)
            try await Surroundings.with { surroundings in
                let wasSet = try await surroundings.store.settings.reset(name)
                print(wasSet ? "Back to the default." : "It was at its default before.")
            }
        }
    }
}
