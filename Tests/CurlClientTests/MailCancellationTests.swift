import CurlClient
import SMTPSink
import Testing

@Suite("Cancelling mails", .timeLimit(.minutes(10)))
struct MailCancellationTests {
    @Test(
        "A conversation under way ends, wherever it stands",
        arguments: [SMTPScript.Step.greeting, .sender, .data, .endOfData])
    func underWay(step: SMTPScript.Step) async throws {
        try await withMailSink(script: .init(faults: [step: .hang])) { fixture in
            let task = Task { try await fixture.submit(timeout: .seconds(600)) }
            try await fixture.sink.untilReached(step)
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test("Half a message is never delivered")
    func withinMessage() async throws {
        try await withMailSink(script: .init(faults: [.message: .pause])) { fixture in
            let task = Task { try await fixture.client.submit(.large, to: fixture.server(timeout: .seconds(600))) }
            try await fixture.sink.untilReached(.message)
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            await fixture.sink.resume()
            try await fixture.sink.untilNoConnectionIsOpen()
            #expect(await fixture.sink.mailCount() == 0)
        }
    }

    @Test("A mail cancelled while its message is on its way is delivered whole or not at all")
    func whileSending() async throws {
        try await withMailSink { fixture in
            for _ in 0..<5 {
                await fixture.sink.follow(.init())
                let task = Task { try await fixture.client.submit(.large, to: fixture.server(timeout: .seconds(600))) }
                try await fixture.sink.untilReached(.message)
                task.cancel()
                _ = await task.result
            }
            try await fixture.sink.untilNoConnectionIsOpen()
            let sizes = await fixture.sink.mails().map(\.data.count)
            let whole = MailSubmission.large.message.count + MailSubmission.large.message.count / 1000 + 2
            #expect(sizes.allSatisfy { $0 == whole }, "\(sizes), not \(whole)")
        }
    }

    @Test("A mail that waits for its turn is not sent")
    func waiting() async throws {
        let script = SMTPScript(faults: [.data: .hang])
        try await withMailSink(script: script, CurlConfiguration(maximumMailConnections: 1)) { fixture in
            let first = Task { try await fixture.submit(timeout: .seconds(600)) }
            try await fixture.sink.untilReached(.data)
            let second = Task { try await fixture.submit(timeout: .seconds(600)) }
            second.cancel()
            await #expect(throws: CancellationError.self) { try await second.value }
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            #expect(await fixture.sink.connectionCount() == 1)
        }
    }

    @Test("Closing the client ends a wait for the reply to the final dot")
    func close() async throws {
        try await withMailSink(script: .init(faults: [.endOfData: .hang])) { fixture in
            let task = Task { try await fixture.submit(timeout: .seconds(600)) }
            try await fixture.sink.untilReached(.endOfData)
            await fixture.client.close()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}
