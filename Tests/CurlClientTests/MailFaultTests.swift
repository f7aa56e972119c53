import CurlClient
import SMTPSink
import Testing

/// One fault of a mail server, and what the client makes of it.
private struct FaultRow: Sendable, CustomTestStringConvertible {
    var step: SMTPScript.Step
    var fault: SMTPScript.Fault
    var stage: MailSubmissionError.Stage
    var cause: MailSubmissionError.Cause
    var replyCode: Int?
    var isPermanent = false
    var isOutcomeUnknown = false

    var testDescription: String { "\(fault) at \(step.rawValue)" }

    /// Every step with a 4xx, a 5xx, a server that hangs, one that goes away, and one that goes away within a reply.
    static let all: [FaultRow] = steps.flatMap { step, stage, fiveIsPermanent in
        let isUnknown = stage == .endOfData
        return [
            FaultRow(step: step, fault: .reply("450 4.0.0 Later"), stage: stage, cause: .refused, replyCode: 450),
            FaultRow(step: step, fault: .reply("421 4.3.2 Closing"), stage: stage, cause: .refused, replyCode: 421),
            FaultRow(
                step: step, fault: .reply("550 5.0.0 Never"), stage: stage, cause: .refused, replyCode: 550,
                isPermanent: fiveIsPermanent),
            FaultRow(step: step, fault: .hang, stage: stage, cause: .timedOut, isOutcomeUnknown: isUnknown),
            FaultRow(step: step, fault: .cut, stage: stage, cause: .connectionLost, isOutcomeUnknown: isUnknown),
            FaultRow(
                step: step, fault: .cutMidReply, stage: stage, cause: .connectionLost, isOutcomeUnknown: isUnknown),
        ]
    }

    private static let steps: [(SMTPScript.Step, MailSubmissionError.Stage, Bool)] = [
        (.greeting, .greeting, false), (.hello, .hello, false), (.authentication, .authentication, false),
        (.sender, .sender, true), (.recipient, .recipient, true), (.data, .data, true), (.endOfData, .endOfData, true),
    ]
}

@Suite("Mail servers that fail", .timeLimit(.minutes(10)))
struct MailFaultTests {
    @Test("The stage, the reply and whether to try again are told apart", arguments: FaultRow.all)
    private func fault(row: FaultRow) async throws {
        let credentials = SMTPSinkOptions.Credentials(user: "otto", password: "geheim")
        let options = SMTPSinkOptions(credentials: credentials)
        try await withMailSink(options, script: SMTPScript(faults: [row.step: row.fault])) { fixture in
            let found: MailSubmissionError
            if row.fault == .hang {
                found = try await fixture.errorOfTimeout(at: row.step, user: "otto", password: "geheim")
            } else {
                let server = try fixture.server(user: "otto", password: "geheim")
                let error = await #expect(throws: MailSubmissionError.self) {
                    try await fixture.client.submit(.sample(), to: server)
                }
                found = try #require(error)
            }
            #expect(found.stage == row.stage)
            #expect(found.cause == row.cause)
            #expect(found.replyCode == row.replyCode)
            #expect(found.isPermanent == row.isPermanent)
            #expect(found.isOutcomeUnknown == row.isOutcomeUnknown)
            #expect(await fixture.sink.mailCount() == (row.isOutcomeUnknown ? 1 : 0))
        }
    }

    @Test("A server that goes away while the message is sent has not accepted it")
    func cutWithinMessage() async throws {
        try await withMailSink(script: .init(faults: [.message: .cut])) { fixture in
            let error = await #expect(throws: MailSubmissionError.self) {
                try await fixture.client.submit(.large, to: fixture.server())
            }
            #expect(error == MailSubmissionError(stage: .data, cause: .connectionLost))
            #expect(error?.isOutcomeUnknown == false)
        }
    }

    @Test("A server that stops reading runs into the time-out, and gets no half of a mail")
    func stopsReading() async throws {
        try await withMailSink(script: .init(faults: [.message: .pause])) { fixture in
            let error = try await fixture.errorOfTimeout(at: .message, .large)
            #expect(error == MailSubmissionError(stage: .data, cause: .timedOut))
            await fixture.sink.resume()
            try await fixture.sink.untilNoConnectionIsOpen()
            #expect(await fixture.sink.mailCount() == 0)
        }
    }

    @Test("One refused recipient of several refuses the mail, in words without addresses")
    func oneRecipient() async throws {
        let refusal = "550 5.1.1 <kim@example.com>: kim@example.com is no user here"
        try await withMailSink(script: .init(refusedRecipients: ["kim@example.com": refusal])) { fixture in
            let submission = MailSubmission.sample(to: ["a@example.com", "kim@example.com", "b@example.com"])
            let error = await #expect(throws: MailSubmissionError.self) {
                try await fixture.client.submit(submission, to: fixture.server())
            }
            let found = try #require(error)
            #expect(found.replyText == "5.1.1 <address> <address> is no user here")
            #expect(found.isPermanent)
            #expect(
                found.description == "the mail was not accepted, at recipient: the server refused with "
                    + "550 5.1.1 <address> <address> is no user here")
            #expect(await fixture.sink.mailCount() == 0)
        }
    }

    @Test(
        "A reply without end ends the attempt: it is not collected, and no acceptance is read out of it",
        arguments: [SMTPScript.Step.greeting, .hello, .authentication, .sender, .recipient, .data, .endOfData])
    func endlessReply(step: SMTPScript.Step) async throws {
        let code = [SMTPScript.Step.greeting: 220, .authentication: 235, .data: 354][step] ?? 250
        let reply = String(repeating: "\(code)-and more\r\n", count: 100_000) + "\(code) at last"
        let options = SMTPSinkOptions(credentials: .init(user: "otto", password: "geheim"))
        try await withMailSink(options, script: SMTPScript(faults: [step: .reply(reply)])) { fixture in
            let server = try fixture.server(user: "otto", password: "geheim")
            let error = await #expect(throws: MailSubmissionError.self) {
                try await fixture.client.submit(.sample(), to: server)
            }
            // libcurl itself gives up a long reply to EHLO, more or less early.
            let isExpected = error?.cause == .replyTooLong || (step == .hello && error?.cause == .connectionLost)
            #expect(isExpected, "\(String(describing: error))")
            #expect(error?.isPermanent == false)
            #expect(error?.isOutcomeUnknown == (step == .endOfData))
        }
    }

    @Test("A reply of several lines becomes one")
    func severalLines() async throws {
        let reply = "554-5.7.1 Not like this\r\n554-5.7.1 And not\tlike that\r\n554 5.7.1 See https://policy.example"
        try await withMailSink(script: .init(faults: [.endOfData: .reply(reply)])) { fixture in
            let error = await #expect(throws: MailSubmissionError.self) { try await fixture.submit() }
            #expect(error?.replyText == "5.7.1 Not like this 5.7.1 And not like that 5.7.1 See https://policy.example")
            #expect(error?.replyCode == 554)
        }
    }

    @Test("After a fault the next mail is delivered")
    func recovery() async throws {
        try await withMailSink(script: .init(faults: [.data: .cut], faultyConnections: 2)) { fixture in
            for _ in 0..<2 { await #expect(throws: MailSubmissionError.self) { try await fixture.submit() } }
            try await fixture.submit()
            #expect(await fixture.sink.mailCount() == 1)
        }
    }

    @Test("Nobody listens")
    func refusedConnection() async throws {
        let closed = try ClosedPort()
        try await withCurlClient { client in
            let server = try MailServer(url: "smtp://127.0.0.1:\(closed.number)")
            let error = await #expect(throws: MailSubmissionError.self) {
                try await client.submit(.sample(), to: server)
            }
            #expect(error == MailSubmissionError(stage: .connect, cause: .connectionLost))
        }
    }

    @Test("A name that does not exist")
    func unknownName() async throws {
        try await withCurlClient { client in
            let server = try MailServer(
                url: "smtp://name.invalid", timeout: .seconds(60), connectTimeout: .seconds(50))
            let error = await #expect(throws: MailSubmissionError.self) {
                try await client.submit(.sample(), to: server)
            }
            #expect(error == MailSubmissionError(stage: .resolve, cause: .connectionLost))
        }
    }

    @Test("A server that says something else than SMTP")
    func noSMTP() async throws {
        let peer = try await PythonPeer.start("http_peer.py")
        try await withCurlClient { client in
            let server = try MailServer(url: "smtp://127.0.0.1:\(peer.port)", timeout: .seconds(5))
            let error = await #expect(throws: MailSubmissionError.self) {
                try await client.submit(.sample(), to: server)
            }
            #expect(error == MailSubmissionError(stage: .greeting, cause: .timedOut))
        }
        await peer.end()
    }
}
