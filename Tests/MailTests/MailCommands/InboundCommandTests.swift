import Foundation
import IncomingMail
import LinkStore
import Logging
import MailCommands
import MailMessage
import OneTimeLinks
import PostgresClient
import ReplicaSupport
import TestSupport
import Testing

@Suite("The filter as a command")
struct InboundCommandTests {
    @Test("The header is edited, and the body passes byte for byte")
    func passes() async throws {
        try await withReplicas { replicas, _, _ in
            // Bare carriage returns, NUL, bytes that are no UTF-8, a dot alone, and no line end at the end.
            let body: [UInt8] = Array("a\r\n.\r\n\rb\n\0".utf8) + [0xFF, 0xFE] + Array(repeating: 0x78, count: 200_000)
            let head =
                "X-OTOBO-CustomerUser: root\r\nMessage-ID: <1@example.org>\r\nFrom: anna@example.org\r\nSubject: s\r\n\r\n"
            let (code, output) = try await run(Array(head.utf8) + body) {
                inboundFilter(replicas[0])
            }
            #expect(code == .ok)
            let expected = """
                X-OTOBO-CustomerUser: anna@example.org\r
                X-OTOBO-CustomerNo: anna@example.org\r
                X-OTRS-CustomerUser: anna@example.org\r
                X-OTRS-CustomerNo: anna@example.org\r
                Message-ID: <1@example.org>\r
                From: anna@example.org\r
                Subject: s\r
                \r

                """
            #expect(output == Array(expected.utf8) + body)
        }
    }

    @Test("With the database out of reach nothing is written, and the mail server keeps the mail")
    func databaseAway() async throws {
        let url = "postgresql://postgres@127.0.0.1:\(try FreePort.find())/gone"
        let client = PostgresClient(PostgresConfiguration(url: url, deadline: .milliseconds(300)), logger: .quiet)
        let (code, output) = try await run(Array("From: anna@example.org\n\nBody\n".utf8)) {
            inboundFilter(LinkStore(client: client))
        }
        #expect(code == .temporaryFailure)
        #expect(code.rawValue == 75)
        #expect(output.isEmpty)
        await client.close()
    }

    @Test(
        "A header section that no genuine mail has is refused for good, not kept and tried again",
        arguments: [
            "X: " + String(repeating: "a", count: HeaderBlock.longest), String(repeating: "a:\n", count: 200_000),
            String(repeating: "a\r", count: HeaderBlock.mostFields + 1) + "\n",
        ])
    func excessiveHeader(fields: String) async throws {
        let (code, output) = try await run(Array("From: anna@example.org\n\(fields)\n\nBody\n".utf8)) {
            Issue.record("Such a mail is not filtered.")
            throw CancellationError()
        }
        #expect(code == .refused)
        #expect(code.rawValue == 65)
        #expect(output.isEmpty)
    }

    @Test("A filter that cannot be made, or no place for the body, keeps the mail too")
    func noFilter() async throws {
        struct Missing: Error {}
        let message = Array("From: anna@example.org\n\nBody\n".utf8)
        let first = try await run(message) { throw Missing() }
        #expect(first.code == .temporaryFailure)
        #expect(first.output.isEmpty)
        let second = try await run(message, spool: "/nowhere") { throw Missing() }
        #expect(second.code == .temporaryFailure)
    }

    @Test(
        "Failing open, a mail goes on without forged fields; trusted, without those that name a customer",
        arguments: [false, true])
    func failOpen(isTrusted: Bool) async throws {
        struct Missing: Error {}
        let forged = "X-OTOBO-CustomerUser: root\nX-OTRS-CustomerNo: 1\nX-OTOBO-Queue: Junk\n"
        let (code, output) = try await run(
            Array("\(forged)From: anna@example.org\n\nBody\n".utf8), isTrusted: isTrusted, failsOpen: true
        ) { throw Missing() }
        #expect(code == .ok)
        let kept = isTrusted ? "X-OTOBO-Queue: Junk\n" : ""
        #expect(String(decoding: output, as: UTF8.self) == "\(kept)From: anna@example.org\n\nBody\n")
    }

    private func run(
        _ message: [UInt8], spool: String = NSTemporaryDirectory(), isTrusted: Bool = false, failsOpen: Bool = false,
        filter: @escaping @Sendable () async throws -> InboundFilter
    ) async throws -> (code: InboundCommand.ExitCode, output: [UInt8]) {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (input, output) = (folder.appending(path: "in"), folder.appending(path: "out"))
        try Data(message).write(to: input)
        try Data().write(to: output)
        let reading = try FileHandle(forReadingFrom: input)
        let writing = try FileHandle(forWritingTo: output)
        let code = await InboundCommand(spoolDirectory: spool, logger: .quiet, filter: filter).run(
            input: reading.fileDescriptor, output: writing.fileDescriptor, envelopeSender: nil, isTrusted: isTrusted,
            failsOpen: failsOpen)
        try reading.close()
        try writing.close()
        return (code, Array(try Data(contentsOf: output)))
    }
}
