import CurlClient
import Logging
import SMTPSink
import Testing

/// A running sink and a client that submits to it.
struct MailSinkFixture {
    let sink: SMTPSink
    let client: CurlClient
    let port: Int

    /// The sink as a server, with a time-out that is long enough for a busy machine unless the test waits for it.
    func server(_ options: String = "", user: String = "", password: String? = nil, timeout: Duration = .seconds(30))
        throws -> MailServer
    {
        let user = user.isEmpty ? "" : user + "@"
        return try MailServer(
            url: "smtp://\(user)127.0.0.1:\(port)\(options)", password: password, heloName: "client.test",
            timeout: timeout)
    }

    /// The error of a submission to a server that hangs at a step. The time-out starts short and grows until it is
    /// long enough to come to that step, however busy the machine.
    func errorOfTimeout(
        at step: SMTPScript.Step, _ submission: MailSubmission = .sample(), user: String = "", password: String? = nil
    ) async throws -> MailSubmissionError {
        var timeout = Duration.seconds(1)
        while true {
            let server = try server(user: user, password: password, timeout: timeout)
            let error = await #expect(throws: MailSubmissionError.self) {
                try await client.submit(submission, to: server)
            }
            if await sink.reachedCount(step) > 0 || timeout > .seconds(60) { return try #require(error) }
            timeout *= 4
        }
    }

    @discardableResult
    func submit(_ message: String = "Subject: Hello\n\nText\n", timeout: Duration = .seconds(30)) async throws
        -> MailAcceptance
    {
        try await client.submit(.sample(message), to: server(timeout: timeout))
    }
}

extension MailSubmission {
    static func sample(
        _ message: String = "Subject: Hello\n\nText\n", from sender: String = "desk@example.org",
        to recipients: [String] = ["kim@example.com"]
    ) -> MailSubmission {
        MailSubmission(envelopeFrom: sender, recipients: recipients, message: Array(message.utf8))
    }

    /// More than the buffers of a connection hold: 14 MiB.
    static let large: MailSubmission = {
        var message = [UInt8](repeating: UInt8(ascii: "x"), count: 14 << 20)
        for position in stride(from: 999, to: message.count, by: 1000) { message[position] = UInt8(ascii: "\n") }
        return MailSubmission(envelopeFrom: "desk@example.org", recipients: ["kim@example.com"], message: message)
    }()
}

/// Runs a test with a sink and a client, which are ended afterwards.
func withMailSink<Result: Sendable>(
    _ options: SMTPSinkOptions = .init(), script: SMTPScript = .init(),
    _ configuration: CurlConfiguration = .init(),
    _ body: (MailSinkFixture) async throws -> Result
) async throws -> Result {
    let silent = Logger(label: "sink") { _ in SwiftLogNoOpLogHandler() }
    let sink = SMTPSink(options: options, script: script, logger: silent)
    let running = Task { try await sink.run() }
    defer { running.cancel() }
    return try await withCurlClient(configuration) { client in
        try await body(MailSinkFixture(sink: sink, client: client, port: sink.boundPort))
    }
}
