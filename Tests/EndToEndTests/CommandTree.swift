import Foundation
import TestSupport
import Testing

/// A command of the program, as the program itself describes it.
struct CommandTree: Decodable {
    struct Argument: Decodable {
        struct Name: Decodable {
            let name: String
        }

        let names: [Name]?
    }

    private struct Dump: Decodable {
        let command: CommandTree
    }

    let commandName: String
    let abstract: String?
    let discussion: String?
    let arguments: [Argument]?
    let subcommands: [CommandTree]?

    /// The whole program.
    static func read() async throws -> CommandTree {
        let finished = try await ChildProcess.run(Deployment.program, ["--experimental-dump-help"])
        return try JSONDecoder().decode(Dump.self, from: Data(finished.output.utf8)).command
    }

    /// This command and all below it, each with its full name, those without subcommands marked.
    func all(under parent: String = "") -> [(name: String, command: CommandTree, isLeaf: Bool)] {
        let name = parent.isEmpty ? commandName : "\(parent) \(commandName)"
        let below = (subcommands ?? []).filter { $0.commandName != "help" }
        return [(name, self, below.isEmpty)] + below.flatMap { $0.all(under: name) }
    }

    var hasJSON: Bool { (arguments ?? []).contains { ($0.names ?? []).contains { $0.name == "json" } } }

    /// The lines of the discussion that show how the command is typed, without what a shell does with their output.
    func examples(of name: String) -> [String] {
        (discussion ?? "").replacing(/\\\n\s*/, with: "").split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("  \(name)") }.map { line in
                let command = line.firstRange(of: /\s(>>?|\|)\s/).map { line[..<$0.lowerBound] } ?? line[...]
                return command.trimmingCharacters(in: .whitespaces)
            }
    }
}
