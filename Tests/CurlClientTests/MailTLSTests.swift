import CurlClient
import Foundation
import SMTPSink
import TestSupport
import Testing

@Suite("Mail servers with TLS", .serialized, .timeLimit(.minutes(10)))
struct MailTLSTests {
    /// What came of one submission, and the commands that the server has seen.
    private struct Outcome {
        var result: Result<MailAcceptance, any Error>
        var commands: [String]

        var error: MailSubmissionError? {
            if case .failure(let error) = result { error as? MailSubmissionError } else { nil }
        }

        var wasDelivered: Bool { commands.contains { $0.hasPrefix("mail ") } }
    }

    /// Submits to a server with a certificate for `names`; `url` gets the port in place of `PORT`.
    private func submit(
        to url: String, names: String = "IP:127.0.0.1", days: Int = 2, peer arguments: [String],
        password: String? = nil, isTrusted: Bool = true, timeout: Duration = .seconds(30)
    ) async throws -> Outcome {
        let authority = try await TestAuthority()
        defer { authority.remove() }
        let identity = try await authority.identity(for: names, days: days)
        let peer = try await PythonPeer.start("smtp_peer.py", identity.peerArguments + arguments)
        let result = await Result {
            let server = try MailServer(
                url: url.replacingOccurrences(of: "PORT", with: "\(peer.port)"), password: password,
                certificateAuthorityFile: isTrusted ? authority.certificate : nil, heloName: "client.test",
                timeout: timeout)
            return try await withCurlClient { try await $0.submit(.sample(), to: server) }
        }
        return Outcome(result: result, commands: await peer.end())
    }

    private static let offersTLS = ["--starttls", "220 Go on"]

    @Test("With STARTTLS, nothing but EHLO is in the clear")
    func startTLS() async throws {
        let outcome = try await submit(
            to: "smtp://otto@127.0.0.1:PORT?starttls=required", peer: Self.offersTLS, password: "geheim")
        #expect(throws: Never.self) { try outcome.result.get() }
        #expect(
            outcome.commands.filter { !$0.hasPrefix("mail ") } == [
                "clear EHLO client.test", "clear STARTTLS", "tls EHLO client.test", "tls AUTH",
                "tls MAIL FROM:<desk@example.org>", "tls RCPT TO:<kim@example.com>", "tls DATA", "tls QUIT",
            ])
        #expect(outcome.wasDelivered)
    }

    @Test("With smtps everything is encrypted")
    func implicitTLS() async throws {
        let outcome = try await submit(to: "smtps://127.0.0.1:PORT", peer: ["--implicit"])
        #expect(throws: Never.self) { try outcome.result.get() }
        #expect(outcome.commands.first == "tls EHLO client.test")
        #expect(outcome.wasDelivered)
    }

    @Test(
        "If TLS is required and not to be had, nothing is sent",
        arguments: [[], ["--starttls", "454 Not now"], ["--starttls", "554 Never"]])
    func required(peer: [String]) async throws {
        let outcome = try await submit(
            to: "smtp://otto@127.0.0.1:PORT?starttls=required", peer: peer, password: "geheim")
        let error = try #require(outcome.error)
        #expect(error.stage == .tls)
        #expect(!error.isPermanent)
        #expect(!error.isOutcomeUnknown)
        #expect(
            outcome.commands.allSatisfy { ["clear EHLO client.test", "clear STARTTLS", "clear QUIT"].contains($0) })
    }

    @Test(
        "A certificate that is not valid for the server ends the conversation before MAIL",
        arguments: ["smtp://127.0.0.1:PORT?starttls=required", "smtps://127.0.0.1:PORT"],
        [
            ("unknown", "IP:127.0.0.1", 2, false), ("wrong host", "DNS:other.test", 2, true),
            ("expired", "IP:127.0.0.1", -1, true),
        ]
    )
    func badCertificates(url: String, row: (String, names: String, days: Int, isTrusted: Bool)) async throws {
        let peer = url.hasPrefix("smtps") ? ["--implicit"] : Self.offersTLS
        let outcome = try await submit(to: url, names: row.names, days: row.days, peer: peer, isTrusted: row.isTrusted)
        let error = try #require(outcome.error)
        #expect(error.stage == .tls)
        if case .tls = error.cause {} else { Issue.record("\(error)") }
        #expect(!error.isPermanent)
        #expect(outcome.commands.allSatisfy { $0.hasPrefix("clear ") && !$0.contains("MAIL") })
    }

    @Test("Opportunistic TLS is used if it is offered, whoever has made the certificate")
    func opportunistic() async throws {
        let outcome = try await submit(
            to: "smtp://127.0.0.1:PORT", names: "DNS:other.test", peer: Self.offersTLS, isTrusted: false)
        #expect(throws: Never.self) { try outcome.result.get() }
        #expect(outcome.commands.contains("tls DATA"))
    }

    @Test("Opportunistic TLS does without if it is not offered", arguments: [[], ["--starttls", "454 Not now"]])
    func opportunisticInTheClear(peer: [String]) async throws {
        let outcome = try await submit(to: "smtp://127.0.0.1:PORT", peer: peer)
        #expect(throws: Never.self) { try outcome.result.get() }
        #expect(outcome.commands.contains("clear DATA"))
    }

    @Test("TLS is left alone if it is never wanted")
    func never() async throws {
        let outcome = try await submit(to: "smtp://127.0.0.1:PORT?starttls=never", peer: Self.offersTLS)
        #expect(throws: Never.self) { try outcome.result.get() }
        #expect(!outcome.commands.contains("clear STARTTLS"))
    }

    @Test(
        "A handshake that hangs is a time-out at TLS",
        arguments: [
            ("smtp://127.0.0.1:PORT?starttls=required", ["--starttls", "220 Go on"]),
            ("smtps://127.0.0.1:PORT", ["--implicit"]),
        ])
    func hangingHandshake(url: String, peer: [String]) async throws {
        let outcome = try await submit(to: url, peer: peer + ["--no-handshake"], timeout: .seconds(6))
        #expect(outcome.error == MailSubmissionError(stage: .tls, cause: .timedOut))
    }
}
