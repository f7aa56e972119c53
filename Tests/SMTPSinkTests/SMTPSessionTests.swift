import Testing

@testable import SMTPSink

/// Conversations with the session alone: what the client sends, and what the sink replies.
@Suite("The sink's side of a conversation")
struct SMTPSessionTests {
    /// The replies, each with its code alone; `=` stands for a mail that is kept, `#` for the end.
    private func replies(
        to input: String, _ options: SMTPSinkOptions = .init(), _ script: SMTPScript = .init(), pieces: Int = 1
    ) -> String {
        var session = SMTPSession(options: options, script: script)
        var actions = session.begin()
        let bytes = Array(input.utf8)
        let size = max(1, (bytes.count + pieces - 1) / max(1, pieces))
        for start in stride(from: 0, to: bytes.count, by: size) {
            actions += session.receive(bytes[start..<min(start + size, bytes.count)])
        }
        return actions.compactMap { action -> String? in
            switch action {
            case .reply(let text): String(text.prefix(3))
            case .halfReply(let text): "half " + text.prefix(3)
            case .keep: "="
            case .close: "#"
            case .pause: "pause"
            case .standStill: "still"
            case .note: nil
            }
        }.joined(separator: " ")
    }

    private static let start = "EHLO a\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\n"

    @Test("A whole conversation is the same in whatever pieces it comes", arguments: [1, 2, 3, 7, 50, 1000])
    func pieces(count: Int) {
        let input = Self.start + "DATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n"
        #expect(replies(to: input, pieces: count) == "220 250 250 250 354 = 221 #")
    }

    @Test(
        "Each command has its reply",
        arguments: [
            ("HELO a\r\n", "220 250"), ("ehlo a\r\n", "220 250"), ("NOOP\r\n", "220 250"), ("RSET\r\n", "220 250"),
            ("VRFY x\r\n", "220 252"), ("STARTTLS\r\n", "220 502"), ("\r\n", "220 502"), ("BDAT 1\r\n", "220 502"),
            ("MAIL FROM:<a@b.c>\r\n", "220 503"),
            ("EHLO a\r\nRCPT TO:<a@b.c>\r\n", "220 250 503"),
            ("EHLO a\r\nDATA\r\n", "220 250 503"),
            ("EHLO a\r\nMAIL FROM:<>\r\nDATA\r\n", "220 250 250 503"),
            ("EHLO a\r\nMAIL FROM:<a@b.c>\r\nMAIL FROM:<a@b.c>\r\n", "220 250 250 503"),
            ("EHLO a\r\nMAIL FROM:<a@b.c>\r\nRSET\r\nMAIL FROM:<a@b.c>\r\n", "220 250 250 250 250"),
            ("EHLO a\r\nMAIL FROM:a@b.c\r\n", "220 250 501"),
            ("EHLO a\r\nMAIL FROM:<a@b.c\r\n", "220 250 501"),
            ("EHLO a\r\nMAIL FROM: <a@b.c> BODY=8BITMIME SIZE=10 SMTPUTF8 AUTH=<>\r\n", "220 250 250"),
            ("EHLO a\r\nMAIL FROM:<a@b.c> BODY=BINARYMIME\r\n", "220 250 555"),
            ("EHLO a\r\nMAIL FROM:<a@b.c> SIZE=x\r\n", "220 250 501"),
            ("EHLO a\r\nMAIL FROM:<a@b.c> SIZE=99999999999\r\n", "220 250 552"),
            ("EHLO a\r\nMAIL FROM:<ä@b.c>\r\n", "220 250 553"),
            ("EHLO a\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<ä@b.c>\r\n", "220 250 250 553"),
            ("EHLO a\r\nMAIL FROM:<ä@b.c> SMTPUTF8\r\nRCPT TO:<ä@b.c>\r\n", "220 250 250 250"),
            ("EHLO a\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<>\r\n", "220 250 250 501"),
            ("EHLO a\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<a@b.c> NOTIFY=NEVER\r\n", "220 250 250 555"),
            ("EHLO a\n", "220 500"), ("NO\rOP\r\n", "220 500"),
            ("AUTH PLAIN AGEAYg==\r\n", "220 502"),
        ])
    func commands(input: String, expected: String) {
        #expect(replies(to: input) == expected)
    }

    @Test("An endless line ends the conversation")
    func endlessLine() {
        #expect(replies(to: String(repeating: "x", count: 5000)) == "220 500 #")
    }

    @Test(
        "The message is kept without the dots of the transfer",
        arguments: [
            ("", ""), ("a\r\n", "a\r\n"), ("..\r\n", ".\r\n"), ("...a\r\n..\r\n", "..a\r\n.\r\n"), (".a\r\n", "a\r\n"),
            ("a.\r\nb\r\n", "a.\r\nb\r\n"), ("\r\n\r\n", "\r\n\r\n"),
        ])
    func dots(sent: String, kept: String) throws {
        for size in [1, 3, 1000] {
            var session = SMTPSession(options: .init(), script: .init())
            let input = Array((Self.start + "DATA\r\n" + sent + ".\r\nNOOP\r\n").utf8)
            var mails: [ReceivedMail] = []
            for start in stride(from: 0, to: input.count, by: size) {
                for case .keep(let mail, nil) in session.receive(input[start..<min(start + size, input.count)]) {
                    mails.append(mail)
                }
            }
            #expect(mails.map(\.text) == [kept], "in pieces of \(size)")
            #expect(mails.first?.recipients == ["d@e.f"])
        }
    }

    @Test(
        "A message whose lines do not all end with CRLF is refused",
        arguments: ["a\nb\r\n", "a\rb\r\n", "a\r\r\n", "a\n.\nb\r\n", "a\n.\r\nb\r\n", "a\r.\r\n"])
    func bareLineEnds(message: String) {
        #expect(replies(to: Self.start + "DATA\r\n" + message + ".\r\nNOOP\r\n") == "220 250 250 250 354 554 250")
    }

    @Test("A dot after a bare line end does not end the message")
    func smuggling() {
        #expect(replies(to: Self.start + "DATA\r\na\n.\r\nNOOP\r\n") == "220 250 250 250 354")
    }

    @Test("A message that is too large is read to its end and refused", arguments: [1, 30])
    func tooLarge(pieces: Int) {
        let options = SMTPSinkOptions(maximumMessageSize: 100)
        let lines = String(repeating: "0123456789\r\n", count: 20) + ".\r\nNOOP\r\n"
        let oneLine = String(repeating: "x", count: 1000) + "\r\n.\r\nNOOP\r\n"
        for message in [lines, oneLine] {
            let found = replies(to: Self.start + "DATA\r\n" + message, options, pieces: pieces)
            #expect(found == "220 250 250 250 354 552 250")
        }
    }

    @Test(
        "Authentication is demanded, and checked",
        arguments: [
            ("MAIL FROM:<a@b.c>\r\n", "530"),
            ("AUTH PLAIN AG90dG8AZ2VoZWlt\r\nMAIL FROM:<a@b.c>\r\n", "235 250"),
            ("AUTH PLAIN\r\nAG90dG8AZ2VoZWlt\r\nMAIL FROM:<a@b.c>\r\n", "334 235 250"),
            ("AUTH LOGIN\r\nb3R0bw==\r\nZ2VoZWlt\r\n", "334 334 235"),
            ("AUTH LOGIN b3R0bw==\r\nZ2VoZWlt\r\n", "334 235"),
            ("AUTH LOGIN\r\n*\r\nNOOP\r\n", "334 501 250"),
            ("AUTH LOGIN\r\nb3R0bw==\r\nQUIT\r\nNOOP\r\n", "334 334 535 250"),
            ("AUTH LOGIN\r\nnot base64!\r\nNOOP\r\n", "334 501 250"),
            ("AUTH PLAIN AG90dG8AZmFsc2No\r\nMAIL FROM:<a@b.c>\r\n", "535 530"),
            ("AUTH PLAIN =\r\n", "501"),
            ("AUTH CRAM-MD5\r\n", "504"),
            ("AUTH PLAIN AG90dG8AZ2VoZWlt\r\nAUTH PLAIN AG90dG8AZ2VoZWlt\r\n", "235 503"),
        ])
    func authentication(input: String, expected: String) {
        let options = SMTPSinkOptions(credentials: .init(user: "otto", password: "geheim"))
        #expect(replies(to: "EHLO a\r\n" + input, options) == "220 250 " + expected)
    }

    @Test(
        "The script replaces the reply of its step",
        arguments: [
            (SMTPScript.Step.greeting, SMTPScript.Fault.reply("554 No"), "554 250 250 250 354 = 221 #"),
            (.greeting, .cut, "#"),
            (.hello, .hang, "220"),
            (.sender, .reply("451 Later"), "220 250 451 503 503 502 502 502 221 #"),
            (.recipient, .reply("421 Closing"), "220 250 250 421 #"),
            (.data, .cutMidReply, "220 250 250 250 half 354 #"),
            (.data, .pause, "220 250 250 250 pause 354 = 221 #"),
            (.message, .reply("552 Enough"), "220 250 250 250 354 552 #"),
            (.message, .hang, "220 250 250 250 354 still"),
            (.message, .pause, "220 250 250 250 354 pause = 221 #"),
            (.endOfData, .reply("550 No"), "220 250 250 250 354 550 221 #"),
            (.quit, .hang, "220 250 250 250 354 ="),
        ])
    func faults(step: SMTPScript.Step, fault: SMTPScript.Fault, expected: String) {
        let input = Self.start + "DATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n"
        #expect(replies(to: input, .init(), .init(faults: [step: fault])) == expected)
    }
}
