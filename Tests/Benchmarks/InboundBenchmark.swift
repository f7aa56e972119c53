import Foundation
import TestSupport

/// The filter for incoming mail as a mail server calls it: a process for each mail.
struct InboundBenchmark {
    let database: TestDatabase
    /// The command.
    let program: String
    let directory: URL

    private let count = 1_000
    private let atOnce = 8

    func run() async throws {
        try await database.psql(
            """
            INSERT INTO otalink.setting (name, value)
            VALUES ('CustomerBackends', 'otalink'), ('PostMaster::PreFilterModule###000-CreateCustomerUser', '{}')
            """)
        for number in 0..<count {
            let mail = """
                Return-Path: <sender\(number)@example.net>
                From: Sender \(number) <sender\(number)@example.net>
                To: support@example.org
                Subject: My printer is on fire
                Message-ID: <\(number)@example.net>

                It burns.

                """
            try mail.write(to: directory.appending(path: "mail-\(number)"), atomically: false, encoding: .utf8)
        }
        let known = try await rate(of: "cat")
        let filtered = try await rate(of: "\(program) mail inbound")
        let created = try await database.psql("SELECT count(*) FROM otalink.customer_user WHERE login LIKE 'sender%'")
        print("(g) cat, a process a mail, \(atOnce) at a time: \(Int(known)) mails/s")
        print(
            "(h) mail inbound, new senders: \(Int(filtered)) mails/s, ratio \(String(format: "%.2f", filtered / known)), \(created) created"
        )
        let alone = try await medianMilliseconds(of: program, ["mail", "inbound"])
        let start = try await medianMilliseconds(of: program, ["--version"])
        print(
            String(
                format:
                    "(i) one small mail, start to end: %.1f ms median; a process that only says its version: %.1f ms",
                alone, start))
    }

    /// Mails a second, each through a shell with its file on standard input.
    private func rate(of command: String) async throws -> Double {
        let script =
            "seq 0 \(count - 1) | xargs -P \(atOnce) -I N sh -c '\(command) <\(directory.path)/mail-N >/dev/null'"
        let start = ContinuousClock.now
        try await ChildProcess.run("sh", ["-c", script], environment: environment)
        return Double(count) / (ContinuousClock.now - start).seconds
    }

    private func medianMilliseconds(of program: String, _ arguments: [String]) async throws -> Double {
        let mail = Data("From: Sender 1 <sender1@example.net>\nSubject: s\n\nx\n".utf8)
        var times: [Double] = []
        for _ in 0..<51 {
            let start = ContinuousClock.now
            try await ChildProcess.run(program, arguments, environment: environment, input: mail)
            times.append((ContinuousClock.now - start).seconds * 1_000)
        }
        return times.sorted()[times.count / 2]
    }

    private var environment: [String: String] { ["OTALINK_DATABASE_URL": database.url] }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
