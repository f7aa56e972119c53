import CurlClient
import Foundation
import SMTPSink
import TestSupport
import Testing

@Suite("Submitting mails", .timeLimit(.minutes(10)))
struct MailSubmissionTests {
    @Test("A mail arrives with its envelope, and the server's words come back")
    func envelope() async throws {
        try await withMailSink { fixture in
            let submission = MailSubmission.sample(to: ["kim@example.com", "o'neil+tag@example.com"])
            let acceptance = try await fixture.client.submit(submission, to: fixture.server())
            #expect(acceptance.reply == "250 2.0.0 Ok: queued as 1")
            let mail = try await fixture.sink.nextMail()
            #expect(mail.envelopeFrom == "desk@example.org")
            #expect(mail.recipients == ["kim@example.com", "o'neil+tag@example.com"])
            #expect(mail.text == "Subject: Hello\r\n\r\nText\r\n")
        }
    }

    @Test("A mail without a sender has the empty path")
    func noSender() async throws {
        try await withMailSink { fixture in
            _ = try await fixture.client.submit(.sample(from: ""), to: fixture.server())
            let mail = try await fixture.sink.nextMail()
            #expect(mail.envelopeFrom == "")
        }
    }

    @Test(
        "Every byte arrives, but line ends are CRLF",
        arguments: [
            ("", "\r\n"),
            ("no end", "no end\r\n"),
            ("one\n", "one\r\n"),
            ("one\r\ntwo\rthree\n\rfour\r\r\n", "one\r\ntwo\r\nthree\r\n\r\nfour\r\n\r\n"),
            (".", ".\r\n"),
            (".\n", ".\r\n"),
            ("..\n.\n", "..\r\n.\r\n"),
            (".first\n..second\n...\n", ".first\r\n..second\r\n...\r\n"),
            ("a\n.\nQUIT\n", "a\r\n.\r\nQUIT\r\n"),
            ("a\r.\rb", "a\r\n.\r\nb\r\n"),
            ("a\n\n\n", "a\r\n\r\n\r\n"),
            ("\n.", "\r\n.\r\n"),
            ("Grüße, 日本\n", "Grüße, 日本\r\n"),
        ])
    func bytes(message: String, expected: String) async throws {
        try await withMailSink { fixture in
            try await fixture.submit(message)
            let text = try await fixture.sink.nextMail().text
            #expect(Array(text.utf8) == Array(expected.utf8))
        }
    }

    @Test("Bytes that are no text, and lines of any length, arrive as they are")
    func anyBytes() async throws {
        try await withMailSink { fixture in
            let lineEnds: Set<UInt8> = [10, 13]
            let allBytes = (0...255).map { UInt8($0) }.filter { !lineEnds.contains($0) }
            let longLine = [UInt8](repeating: UInt8(ascii: "x"), count: 300_000)
            let dots = Array(repeating: Array("..\r\n.\r\n".utf8), count: 40_000).flatMap { $0 }
            let message = allBytes + [13, 10] + longLine + [13, 10] + dots
            let submission = MailSubmission(envelopeFrom: "a@b.test", recipients: ["c@d.test"], message: message)
            _ = try await fixture.client.submit(submission, to: fixture.server())
            let received = try await fixture.sink.nextMail().data
            #expect(received == message, "\(received.count) bytes of \(message.count)")
        }
    }

    @Test("Mails at once are all delivered, over no more connections than allowed at a time")
    func concurrent() async throws {
        let script = SMTPScript(faults: [.data: .pause])
        try await withMailSink(script: script, CurlConfiguration(maximumMailConnections: 3)) { fixture in
            try await withThrowingTaskGroup { group in
                for number in 0..<40 { group.addTask { try await fixture.submit("Subject: \(number)\n") } }
                try await fixture.sink.untilReached(.data, times: 3)
                #expect(await fixture.sink.connectionCount() == 3)
                await fixture.sink.follow(.init())
                await fixture.sink.resume()
                try await group.waitForAll()
            }
            let subjects = Set(await fixture.sink.mails().map(\.text))
            #expect(subjects == Set((0..<40).map { "Subject: \($0)\r\n" }))
            #expect(await fixture.sink.connectionCount() == 40)
        }
    }

    @Test("A mail server that does not answer the final dot holds up no request")
    func slowMailAndRequests() async throws {
        try await withMailSink(script: .init(faults: [.endOfData: .hang])) { fixture in
            let mail = Task { try await fixture.submit(timeout: .seconds(600)) }
            _ = try await fixture.sink.nextMail()
            let peer = try await PythonPeer.start("http_peer.py")
            let request = HTTPRequest(url: "http://127.0.0.1:\(peer.port)/bytes/3", timeout: .seconds(30))
            let response = try await fixture.client.send(request)
            #expect(response.text == "xxx")
            await peer.end()
            mail.cancel()
            await #expect(throws: CancellationError.self) { try await mail.value }
        }
    }

    @Test("An acceptance comes back though the server never answers QUIT")
    func hangingQuit() async throws {
        try await withMailSink(script: .init(faults: [.quit: .hang])) { fixture in
            let acceptance = try await fixture.submit(timeout: .seconds(600))
            #expect(acceptance.reply.hasPrefix("250"))
        }
    }

    @Test("The name for EHLO is the server's setting", arguments: ["client.test", "[127.0.0.1]"])
    func heloName(name: String) async throws {
        let authority = try await TestAuthority()
        defer { authority.remove() }
        let identity = try await authority.identity(for: "DNS:x")
        let peer = try await PythonPeer.start("smtp_peer.py", identity.peerArguments)
        try await withCurlClient { client in
            let server = try MailServer(url: "smtp://127.0.0.1:\(peer.port)?starttls=never", heloName: name)
            _ = try await client.submit(.sample(), to: server)
        }
        #expect(await peer.end().first == "clear EHLO \(name)")
    }
}
