import Foundation
import TestSupport
import Testing

/// A document whose commands a test runs as they stand there.
struct Procedure: Sendable {
    private let sections: [String: String]

    /// - Parameter name: of a file in `docs`.
    init(_ name: String) throws {
        let text = try String(contentsOfFile: RepositoryRoot.path + "/docs/" + name, encoding: .utf8)
        let parts = text.components(separatedBy: "\n## ").dropFirst().map { part in
            (String(part.prefix { $0 != "\n" }), part)
        }
        sections = Dictionary(uniqueKeysWithValues: parts)
    }

    /// Runs the commands of a section in a shell, with the program on its path.
    @discardableResult
    func run(
        _ heading: String, in directory: String, environment: [String: String]
    ) async throws -> ChildProcess.Finished {
        let folder = URL(fileURLWithPath: Deployment.program).deletingLastPathComponent().path
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return try await ChildProcess.run(
            "bash", ["-euo", "pipefail", "-c", try commands(heading, language: "sh")],
            environment: environment.merging(["PATH": "\(folder):\(path)"]) { $1 }, directory: directory)
    }

    /// The code of a section in this language, all of its blocks one after the other.
    func commands(_ heading: String, language: String) throws -> String {
        let section = try #require(sections[heading], "no section \(heading)")
        let blocks = section.matches(of: /```(sh|sql|text)\n((?:.|\n)*?)```/).filter { $0.1 == language }
        try #require(!blocks.isEmpty, "no \(language) in \(heading)")
        return blocks.map { String($0.2) }.joined()
    }
}

/// Starts a replica for each environment, each on a port of its own, and ends them after the body. Nothing as long as a token, a cookie
/// or a key may stand in their logs.
func withRunningReplicas(
    _ environments: [[String: String]], program: String = Deployment.program,
    _ body: ([RunningReplica]) async throws -> Void
) async throws {
    let replicas = try environments.map { environment in
        let port = try FreePort.find()
        let listening = environment.merging(["OTALINK_LISTEN": "127.0.0.1:\(port)"]) { $1 }
        return RunningReplica(
            url: "http://127.0.0.1:\(port)",
            process: try ChildProcess(program, ["serve"], environment: listening))
    }
    defer { for replica in replicas { replica.process.kill() } }
    for replica in replicas where await !replica.process.writes("listening on") {
        Issue.record("a replica did not start: \(await replica.process.finished().errors)")
    }
    try await body(replicas)
    for replica in replicas {
        replica.process.terminate()
        let logged = await replica.process.finished()
        #expect((logged.errors + logged.output).firstMatch(of: /[0-9A-Za-z_-]{43}/) == nil)
    }
}

/// A folder that is gone after the body.
func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "otalink-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.path)
}

extension Deployment {
    /// A new ticket of Anna's, who is made a customer user first. The desk's key is taken back, so that its event mails no link.
    func annasTicket() async throws -> String {
        try await database.psql(
            """
            UPDATE otalink.api_key SET revoked_at = now() WHERE name = 'desk';
            INSERT INTO otalink.customer_user (login, email, customer_id, first_name, last_name)
            VALUES ('anna@example.org', 'anna@example.org', 'anna@example.org', 'Anna', 'Example')
                ON CONFLICT DO NOTHING
            """)
        return await desk.create(
            .init(title: "Printer", customerLogin: "anna@example.org", customerID: "anna@example.org")
        ).number
    }
}
