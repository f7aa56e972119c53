import ArgumentParser
import Foundation
import OneTimeLinks

/// How a command tells its result: in lines for people, or in JSON for programs.
struct ResultOptions: ParsableArguments {
    @Flag(help: "Print the result as JSON, for programs.") var json = false

    /// Prints the result: as one JSON value, its keys in order and its times in ISO 8601, or as lines for people.
    func print(_ result: some Encodable, lines: @autoclosure () throws -> [String]) throws {
        guard json else {
            for line in try lines() { Swift.print(Emphasis.shown(line)) }
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        Swift.print(ForeignText.escapedJSON(String(decoding: try encoder.encode(result), as: UTF8.self)))
    }

    /// Prints a line, and for programs how many there were of something.
    func print(_ name: String, _ count: Int, line: String) throws {
        try print([name: count], lines: [line])
    }
}

/// Colours of a verdict, for people who sit before a terminal and for nobody else.
enum Emphasis: Int {
    case bad = 31
    case good = 32
    case doubtful = 33

    private static let isWanted: Bool = {
        let variables = ProcessInfo.processInfo.environment
        return isatty(STDOUT_FILENO) == 1 && (variables["NO_COLOR"] ?? "").isEmpty && variables["TERM"] != "dumb"
    }()

    /// Stands for the escape character of our own colours, so that those that came with a name can be told from them.
    private static let mark = "\u{E000}\(UInt64.random(in: .min ... .max))\u{E001}"

    /// The text, in its colour where that is wanted.
    func callAsFunction(_ text: String) -> String {
        Self.isWanted ? "\(Self.mark)[\(rawValue)m\(text)\(Self.mark)[0m" : text
    }

    /// A line as it may reach a terminal: of the control characters in names, subjects and answers of others none does.
    static func shown(_ line: String) -> String {
        let printable = ForeignText.printable(line, keepingLines: true)
        return isWanted ? printable.replacing(mark, with: "\u{1B}") : printable
    }
}
