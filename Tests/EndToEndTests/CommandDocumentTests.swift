import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import otalink

@Suite("The command line, as documented", .timeLimit(.minutes(10)))
struct CommandDocumentTests {
    private func document() throws -> String {
        try String(contentsOfFile: RepositoryRoot.path + "/docs/commands.md", encoding: .utf8)
    }

    @Test("Every command stands in docs/commands.md with what it does and whether it prints JSON, and no other does")
    func listed() async throws {
        let rows = try document().split(separator: "\n").filter { $0.hasPrefix("| `otalink") }.map(String.init)
        let leaves = try await CommandTree.read().all().filter(\.isLeaf)
        #expect(rows.count == leaves.count)
        for (name, command, _) in leaves {
            let beginning = "| `\(name)` | \(command.abstract ?? "") | "
            let row = try #require(rows.first { $0.hasPrefix("| `\(name)` |") }, "\(name) is not in docs/commands.md")
            #expect(row.hasPrefix(beginning + (command.hasJSON ? "yes |" : "no: ")))
        }
    }

    @Test("The help of every command has an example, and each example is understood by the program")
    func examples() async throws {
        try await withTemporaryFolder { (folder) async throws in
            for (name, command, isLeaf) in try await CommandTree.read().all() {
                let examples = command.examples(of: name)
                #expect(!examples.isEmpty, "otalink \(name) --help teaches nothing")
                for example in examples {
                    // The words as a shell splits them, whatever becomes of the output.
                    let script = "otalink() { printf '%s\\n' \"$@\" >&3; }; { \(example)\n} 3>&1"
                    let words = try await ChildProcess.run("bash", ["-c", script], directory: folder).output
                        .split(separator: "\n").map(String.init)
                    #expect(throws: Never.self, "\(example)") { _ = try Otalink.parseAsRoot(words) }
                    #expect(isLeaf || words.count > 1 || name == "otalink", "\(example) only prints help")
                }
            }
        }
    }

    @Test("Exit codes: 0 done, 1 failed, 64 not understood, 75 try again; standard error says why")
    func exitCodes() async throws {
        let codes = try document().matches(of: /\n\| (\d+) \|/).compactMap { Int32($0.1) }
        #expect(codes == [CommandExit.done, .failed, .usage, .temporary].map(\.rawValue))
        let nobody = "postgresql://postgres@127.0.0.1:\(try FreePort.find())/none"
        try await PostgresCluster.shared().migratedDatabase { (database) async throws in
            let wrongName = database.cluster.url(database: "no_such_database")
            let table: [([String], [String: String], CommandExit)] = [
                (["setting", "reset", "LinkLifetime"], [:], .done),
                (["link", "revoke", UUID().uuidString], [:], .done),
                (["--help"], [:], .done), (["link", "issue", "--help"], [:], .done),
                (["mail", "retry", UUID().uuidString], [:], .failed),
                (["doctor"], [:], .failed),
                (["setting", "list"], ["OTALINK_DATABASE_URL": wrongName], .temporary),
                (["setting", "lost"], [:], .usage), (["setting", "get", "Unknown"], [:], .usage),
                (["setting", "set", "LinkLifetime", "soon"], [:], .usage),
                (["link", "list", "--limits", "3"], [:], .usage),
                (["setting", "list"], ["OTALINK_DATABASE_URL": ""], .usage),
                (["keys", "list"], ["OTALINK_SECRET_KEYS": "short"], .failed),
                (["setting", "list"], ["OTALINK_DATABASE_URL": nobody], .temporary),
                (["migrate", "up"], ["OTALINK_DATABASE_URL": nobody], .temporary),
                (["link", "issue", "--ticket", "18", "--customer", "anna@example.org"], [:], .temporary),
                (["mail", "inbound"], ["OTALINK_DATABASE_URL": nobody], .temporary),
            ]
            try await database.psql(
                "INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name) "
                    + "VALUES ('anna@example.org', 'anna@example.org', '', 'Anna', 'Example')")
            let results = try await concurrently(table.count) { index in
                let (arguments, environment, _) = table[index]
                let usual = [
                    "OTALINK_DATABASE_URL": database.url, "OTALINK_SECRET_KEYS": String(repeating: "k", count: 43),
                    "OTALINK_BASE_URL": "http://127.0.0.1:1", "OTALINK_DESK_URL": "http://127.0.0.1:1/",
                    "OTALINK_DESK_LOGIN": "otalink", "OTALINK_DESK_PASSWORD": "pw",
                ]
                return try await ChildProcess(
                    Deployment.program, arguments, environment: usual.merging(environment) { $1 },
                    input: Data("From: a@example.org\n\nx".utf8)
                ).finished()
            }
            for (finished, (arguments, _, code)) in zip(results, table) {
                #expect(finished.status == code.rawValue, "\(arguments): \(finished.errors)")
                let isTold = !finished.errors.isEmpty || arguments == ["doctor"]
                #expect(isTold == (code != .done || arguments == ["doctor"]), "\(arguments): \(finished.errors)")
                if code != .done, arguments != ["doctor"] { #expect(finished.output == "", "\(arguments)") }
            }
        }
    }

    @Test("Verdicts have colours on a terminal, and nowhere else")
    func colours() async throws {
        let url = "http://127.0.0.1:\(try FreePort.find())"
        func output(onTerminal: Bool, _ environment: [String: String] = [:]) async throws -> String {
            let command = [Deployment.program, "health", "--url", url]
            let terminal = ["python3", "-c", "import pty, sys; pty.spawn(sys.argv[1:])"]
            let words = onTerminal ? terminal + command : command
            return try await ChildProcess(
                words[0], Array(words.dropFirst()),
                environment: ["TERM": "xterm", "NO_COLOR": ""].merging(environment) { $1 }
            ).finished().output
        }
        #expect(try await output(onTerminal: true).contains("\u{1B}[31mfailed\u{1B}[0m"))
        for plain in [
            try await output(onTerminal: false), try await output(onTerminal: true, ["NO_COLOR": "1"]),
            try await output(onTerminal: true, ["TERM": "dumb"]),
        ] {
            #expect(plain.contains("failed") && !plain.contains("\u{1B}"))
        }
    }
}
