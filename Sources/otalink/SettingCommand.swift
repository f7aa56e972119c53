import ArgumentParser
import OneTimeLinks

struct SettingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setting", abstract: "Look at and change settings; replicas see a change within a second.",
        discussion: """
            docs/configuration.md says what each is for. Values that do not fit are refused.

              otalink setting set LinkLifetime 7
            """,
        subcommands: [List.self, Get.self, Set.self, Reset.self])

    /// A setting as programs read it.
    private struct Value: Encodable {
        let name: String
        let value: String?
    }

    /// The definition, or one line that says what to do.
    static func definition(_ name: String) throws -> SettingDefinition {
        guard let definition = SettingDefinition.named(name) else {
            throw ValidationError("There is no setting \(name). See: otalink setting list")
        }
        return definition
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List all settings and their values.",
            discussion: """
                Each with its meaning; what nobody has set has its default.

                  otalink setting list
                """)
        @OptionGroup var output: ResultOptions

        private struct Row: Encodable {
            let name: String
            /// Nil: there is none, and something built in takes its place.
            let value: String?
            let defaultValue: String?
            let summary: String
            let format: String
        }

        func run() async throws {
            try await Surroundings.with { surroundings in
                let settings = try await surroundings.store.settings.read()
                let rows = SettingDefinition.all.map { definition in
                    Row(
                        name: definition.name, value: settings.text(definition.name),
                        defaultValue: definition.defaultValue, summary: definition.summary,
                        format: definition.format.description)
                }
                try output.print(
                    rows, lines: rows.flatMap { ["\($0.name) = \($0.value ?? "(built in)")", "    \($0.summary)"] })
            }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the value of a setting.",
            discussion: """
                An empty line: there is no value, and something built in takes its place.

                  otalink setting get 'OneTimeAuth::AccessDaysAfterClose'
                """)
        @Argument(help: "Its name.") var name: String
        @OptionGroup var output: ResultOptions

        func run() async throws {
            _ = try SettingCommand.definition(name)
            try await Surroundings.with { surroundings in
                let value = try await surroundings.store.settings.read().text(name)
                try output.print(Value(name: name, value: value), lines: [value ?? ""])
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a setting.",
            discussion: """
                Prints nothing. A value that begins with a hyphen goes behind --.

                  otalink setting set HelpDeskName 'Example Help Desk'
                  otalink setting set 'OneTimeAuth::CustomerErrorMessageLinkExpired@de' 'Dieser Link gilt nicht mehr.'
                """)
        @Argument(help: "Its name; NAME@de sets a message for one language.") var name: String
        @Argument(help: "The new value.") var value: String
        @OptionGroup var output: ResultOptions

        func run() async throws {
            if let objection = try SettingCommand.definition(name).objection(to: value) {
                throw ValidationError(objection)
            }
            try await Surroundings.with { surroundings in
                try await surroundings.store.settings.set(name, to: value, by: Surroundings.operatorName)
                try output.print(Value(name: name, value: value), lines: [])
            }
        }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go back to the default.",
            discussion: """
                  otalink setting reset LinkLifetime
                """)
        @Argument(help: "Its name.") var name: String
        @OptionGroup var output: ResultOptions

        func run() async throws {
            _ = try SettingCommand.definition(name)
            try await Surroundings.with { surroundings in
                let wasSet = try await surroundings.store.settings.reset(name, by: Surroundings.operatorName)
                try output.print(
                    ["wasSet": wasSet], lines: [wasSet ? "Back to the default." : "It was at its default before."])
            }
        }
    }
}
