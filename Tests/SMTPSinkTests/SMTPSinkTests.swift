import Foundation
import Logging
import Testing

@testable import SMTPSink

@Suite("A running sink", .timeLimit(.minutes(10)))
struct SMTPSinkTests {
    private let logger = Logger(label: "sink") { _ in SwiftLogNoOpLogHandler() }

    private static let mail = "EHLO a\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\nSubject: x\r\n.\r\n"

    private func with(_ sink: SMTPSink, _ body: (Int) async throws -> Void) async throws {
        let running = Task { try await sink.run() }
        do {
            try await body(sink.boundPort)
            running.cancel()
            try await running.value
        } catch {
            running.cancel()
            throw error
        }
    }

    @Test("Commands may come all at once, and the mail is there")
    func pipelining() async throws {
        let sink = SMTPSink(logger: logger)
        try await with(sink) { port in
            let client = try RawClient(port: port)
            client.send(Self.mail + "QUIT\r\n")
            let codes = await client.readAll().split(separator: "\r\n").filter { $0.dropFirst(3).first == " " }.map {
                $0.prefix(3)
            }
            #expect(codes == ["220", "250", "250", "250", "354", "250", "221"])
            #expect(await sink.mails().map(\.text) == ["Subject: x\r\n"])
        }
    }

    @Test("A wait for a mail ends when it comes, and passes over others")
    func waiting() async throws {
        let sink = SMTPSink(logger: logger)
        try await with(sink) { port in
            let waiting = Task { try await sink.nextMail { $0.envelopeFrom == "second@b.c" } }
            for sender in ["first@b.c", "second@b.c"] {
                let client = try RawClient(port: port)
                client.send(Self.mail.replacingOccurrences(of: "a@b.c", with: sender) + "QUIT\r\n")
                _ = await client.readAll()
            }
            #expect(try await waiting.value.recipients == ["d@e.f"])
            let second = try await sink.nextMail(after: 1)
            #expect(second.envelopeFrom == "second@b.c")
        }
    }

    @Test("A wait ends with its task, and with the sink")
    func waitingInVain() async throws {
        let sink = SMTPSink(logger: logger)
        var left: Task<ReceivedMail, any Error>?
        try await with(sink) { _ in
            let cancelled = Task { try await sink.nextMail() }
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            left = Task { try await sink.nextMail() }
        }
        await #expect(throws: CancellationError.self) { try await left?.value }
    }

    @Test("A mail that the owner cannot store is refused and not kept")
    func storing() async throws {
        struct DiskFull: Error {}
        let sink = SMTPSink(logger: logger) { _, _ in throw DiskFull() }
        try await with(sink) { port in
            let client = try RawClient(port: port)
            client.send(Self.mail + "QUIT\r\n")
            #expect(await client.readAll().contains("\r\n451 "))
            #expect(await sink.mailCount() == 0)
        }
    }

    @Test("Of many mails the last are kept")
    func limit() async throws {
        let sink = SMTPSink(options: .init(maximumMails: 2), logger: logger)
        try await with(sink) { port in
            let client = try RawClient(port: port)
            for number in 1...4 { client.send(Self.mail.replacingOccurrences(of: ": x", with: ": \(number)")) }
            client.send("QUIT\r\n")
            _ = await client.readAll()
            #expect(await sink.mails().map(\.text) == ["Subject: 3\r\n", "Subject: 4\r\n"])
            #expect(await sink.mailCount() == 4)
            let last = try await sink.nextMail(after: 3)
            #expect(last.text == "Subject: 4\r\n")
        }
    }

    @Test("A bounce follows a mail, but not a bounce")
    func bounces() async throws {
        let sink = SMTPSink(script: .init(bounces: true), logger: logger)
        try await with(sink) { port in
            let client = try RawClient(port: port)
            client.send(Self.mail + Self.mail.replacingOccurrences(of: "a@b.c", with: "") + "QUIT\r\n")
            _ = await client.readAll()
            let mails = await sink.mails()
            #expect(mails.map(\.envelopeFrom) == ["a@b.c", "", ""])
            #expect(mails.map(\.recipients) == [["d@e.f"], ["a@b.c"], ["d@e.f"]])
            #expect(mails[1].text.contains("Final-Recipient: rfc822; d@e.f\r\nAction: failed"))
        }
    }

    @Test("A mail whose reply is lost is kept", arguments: [SMTPScript.Fault.cut, .cutMidReply])
    func lostReply(fault: SMTPScript.Fault) async throws {
        let sink = SMTPSink(script: .init(faults: [.endOfData: fault], faultyConnections: 1), logger: logger)
        try await with(sink) { port in
            for isFaulty in [true, false] {
                let client = try RawClient(port: port)
                client.send(Self.mail + "QUIT\r\n")
                #expect(await client.readAll().hasSuffix("221 2.0.0 Bye\r\n") == !isFaulty)
            }
            #expect(await sink.mailCount() == 2)
        }
    }

    @Test("A paused connection goes on when it may")
    func pausing() async throws {
        let sink = SMTPSink(script: .init(faults: [.sender: .pause]), logger: logger)
        try await with(sink) { port in
            let client = try RawClient(port: port)
            client.send(Self.mail + "QUIT\r\n")
            try await sink.untilReached(.sender)
            #expect(await sink.mailCount() == 0)
            await sink.resume()
            _ = await client.readAll()
            #expect(await sink.mailCount() == 1)
            try await sink.untilNoConnectionIsOpen()
        }
    }

    @Test(
        "The sink ends with its connections open, whatever they stand at",
        arguments: [nil, SMTPScript.Fault.hang, .pause])
    func ending(fault: SMTPScript.Fault?) async throws {
        let sink = SMTPSink(script: .init(faults: fault.map { [.message: $0] } ?? [:]), logger: logger)
        try await with(sink) { port in
            let client = try RawClient(port: port)
            client.send(String(Self.mail.dropLast(3)))
            try await sink.untilReached(.message)
        }
        await #expect(throws: CancellationError.self) { try await sink.nextMail() }
    }

    @Test("A port that is taken is an error of both the service and the port")
    func portTaken() async throws {
        let sink = SMTPSink(logger: logger)
        try await with(sink) { port in
            let other = SMTPSink(port: port, logger: logger)
            await #expect(throws: (any Error).self) { try await other.run() }
            await #expect(throws: (any Error).self) { try await other.boundPort }
        }
    }
}
