import Foundation
import Logging
import MailMessage
import Synchronization
import TestSupport
import Testing

@testable import MailCommands
@testable import OutgoingMail

@Suite("The outgoing filter on the desk's host, and services of before and after")
struct OutboundCommandTests {
    private static let tag = "<OTOBO_OTACustomerTicketLink>"
    private static let mail =
        "To: anna@example.org\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/pdf\n\n"
        + "attached\n--b\n\nLink: \(tag)\n--b\nContent-Type: image/png\n\nmore\n--b--\n"
    private static let arguments = SendmailArguments(["-i", "anna@example.org"])

    /// What a service was asked and a mail server was given.
    private final class Record: Sendable {
        let asked = Mutex<[(message: String, isTooLarge: Bool)]>([])
        let submitted = Mutex<[String]>([])
        let accepted = Mutex<[String]>([])
    }

    /// Runs the command on the mail with a service that answers as the test says.
    private func run(
        _ mail: String = mail, limit: Int = 64 << 20, failsOpen: Bool = false, _ record: Record = Record(),
        arguments: SendmailArguments = arguments,
        answer: @escaping @Sendable (_ message: SpooledMessage, _ isTooLarge: Bool) throws -> (String?, String)
    ) async throws -> (code: Int32, mails: [String], record: Record) {
        let way = OutboundCommand.Way(
            filter: { message, _, isTooLarge in
                let text = String(decoding: try message.bytes(in: 0..<message.length), as: UTF8.self)
                record.asked.withLock { $0.append((text, isTooLarge)) }
                let (type, body) = try answer(message, isTooLarge)
                return try OutboundAnswer(decoding: Data(body.utf8), mediaType: type, to: message)
            },
            reportAcceptance: { link in record.accepted.withLock { $0.append(link) } },
            submit: { message, _ in
                let text = String(decoding: try message.bytes(), as: UTF8.self)
                record.submitted.withLock { $0.append(text) }
                return 0
            })
        let command = OutboundCommand(
            way: way, failsOpen: failsOpen, spoolDirectory: "/tmp", limit: limit, logger: .quiet)
        let code = await command.run(SpooledMessage(Array(mail.utf8)), arguments)
        return (code, record.submitted.withLock { $0 }, record)
    }

    /// Edits that put a text in the place of the first tag.
    private static func edits(
        _ message: SpooledMessage, _ text: String, length: Int? = nil, version: Int = 1
    ) throws -> (String?, String) {
        let bytes = String(decoding: try message.bytes(in: 0..<message.length), as: UTF8.self)
        let start =
            bytes.utf8.count - bytes.components(separatedBy: tag).dropFirst().joined(separator: tag).utf8.count - 29
        return (
            "application/vnd.otalink.edits+json;version=1",
            """
            {"version":\(version),"outcome":"linked","warnings":[],"length":\(length ?? message.length),"mails":[{"recipients":
            ["anna@example.org"],"link":"L","edits":[{"offset":\(start),"length":29,"replacement":"\(Data(text.utf8).base64EncodedString())"}]}]}
            """
        )
    }

    @Test("Edits are made in the copy that the command holds")
    func newService() async throws {
        let (code, mails, record) = try await run { message, _ in try Self.edits(message, "https://x/l/1") }
        #expect(code == 0 && mails == [Self.mail.replacing(Self.tag, with: "https://x/l/1")])
        #expect(record.accepted.withLock { $0 } == ["L"])
    }

    @Test("A service of before answers with the whole mail")
    func oldService() async throws {
        let whole = Self.mail.replacing(Self.tag, with: "https://x/l/1")
        let (code, mails, _) = try await run { _, _ in
            (
                "application/json",
                """
                {"outcome":"linked","mails":[{"recipients":["anna@example.org"],"message":"\(Data(whole.utf8).base64EncodedString())"}]}
                """
            )
        }
        #expect(code == 0 && mails == [whole])
    }

    @Test("An answer that does not fit the mail is not applied: the mail is tried again")
    func misfits() async throws {
        let answers: [@Sendable (SpooledMessage) throws -> (String?, String)] = [
            { try Self.edits($0, "x", length: 7) }, { try Self.edits($0, "x", version: 2) },
            { message in
                let (type, body) = try Self.edits(message, "x")
                return (type, body.replacing("\"length\":29", with: "\"length\":9223372036854775807"))
            },
            { message in
                let (type, body) = try Self.edits(message, "x")
                return (type, body.replacing("\"offset\":", with: "\"offset\":-"))
            },
            { _ in ("application/json", "{}") }, { _ in ("application/json", #"{"outcome":"linked","mails":[]}"#) },
            { _ in (nil, "<html>") },
        ]
        for answer in answers {
            let (code, mails, _) = try await run { message, _ in try answer(message) }
            #expect(code == 75 && mails.isEmpty)
        }
    }

    @Test("A mail that is too large goes out with the plain address: the service is asked about its texts alone")
    func tooLarge() async throws {
        for refusesItself in [true, false] {
            let (code, mails, record) = try await run(limit: refusesItself ? 100 : 64 << 20) { message, isTooLarge in
                guard isTooLarge else { throw OutboundCommand.TooLarge() }
                return try Self.edits(message, "https://desk/1")
            }
            #expect(code == 0 && mails == [Self.mail.replacing(Self.tag, with: "https://desk/1")])
            let asked = record.asked.withLock { $0 }
            #expect(asked.map(\.isTooLarge) == (refusesItself ? [true] : [false, true]))
            let digest = try #require(asked.last?.message)
            #expect(digest == Self.mail.replacing("attached", with: "").replacing("more", with: ""))
        }
    }

    @Test(
        "With a service of before, or one that refuses that as well, a sentence stands in its place; it is never put off"
    )
    func tooLargeForAll() async throws {
        for isOld in [true, false] {
            let (code, mails, _) = try await run(limit: 100) { message, _ in
                guard isOld else { throw OutboundCommand.TooLarge() }
                let digest = Data(try message.bytes(in: 0..<message.length)).base64EncodedString()
                return (nil, #"{"outcome":"linked","mails":[{"recipients":["a@example.org"],"message":"\#(digest)"}]}"#)
            }
            let mail = try #require(mails.first)
            #expect(code == 0 && mails.count == 1)
            #expect(mail.contains("attached") && mail.contains("more") && !mail.contains(Self.tag))
            #expect(mail.contains("a link to your ticket could not be created"))
        }
    }

    @Test("A tag in a text that is too long to be read as one does not go out, whichever way the mail goes")
    func longText() async throws {
        let long =
            "To: anna@example.org\n\n" + String(repeating: "a line of text\n", count: 400_000) + "See \(Self.tag).\n"
        let (code, mails, record) = try await run(long, limit: 1 << 20) { message, _ in
            (
                "application/vnd.otalink.edits+json",
                """
                {"version":1,"outcome":"untouched","warnings":[],"length":\(message.length),"mails":[{"recipients":["a@example.org"],"edits":[]}]}
                """
            )
        }
        #expect(code == 0 && record.asked.withLock { $0.count } == 1)
        let mail = try #require(mails.first)
        #expect(!mail.contains(Self.tag) && mail.hasSuffix(".\n") && mail.utf8.count > long.utf8.count)
    }

    @Test("With -t the blind copy leaves the header, and the rest stays as it is")
    func blindCopy() async throws {
        let blind = "Bcc: bert@example.org\n" + Self.mail
        let (code, mails, _) = try await run(blind, arguments: SendmailArguments(["-t", "-i"])) { message, _ in
            try Self.edits(message, "y")
        }
        #expect(code == 0 && mails == [Self.mail.replacing(Self.tag, with: "y")])
    }

    @Test(
        "Edits are asked for by name and version",
        arguments: [
            ("application/vnd.otalink.edits+json", true), ("application/vnd.otalink.edits+json;version=1", true),
            ("text/html, Application/vnd.otalink.edits+JSON ; version=1 ; q=0.5", true),
            ("application/vnd.otalink.edits+json;version=2", false), ("application/vnd.otalink.edits+json;q=0", false),
            ("*/*", false), ("application/json", false), ("application/*", false), ("", false),
        ])
    func accept(field: String, isAccepted: Bool) {
        #expect(OutboundEdits.isAccepted(by: field) == isAccepted)
        #expect(!OutboundEdits.isAccepted(by: nil))
    }
}
