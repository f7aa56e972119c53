import CurlClient
import SMTPSink
import Testing

@Suite("Mail servers that want a password, and addresses that are not ASCII")
struct MailAuthenticationTests {
    private let options = SMTPSinkOptions(credentials: .init(user: "otto@desk", password: "ge:heim ß"))

    @Test("The right user and password are accepted")
    func accepted() async throws {
        try await withMailSink(options) { fixture in
            let server = try fixture.server(user: "otto%40desk", password: "ge:heim ß")
            _ = try await fixture.client.submit(.sample(), to: server)
            #expect(await fixture.sink.mailCount() == 1)
        }
    }

    @Test("A wrong password is no refusal of this mail, and is not shown")
    func wrongPassword() async throws {
        try await withMailSink(options) { fixture in
            let server = try fixture.server(user: "otto%40desk", password: "falsch")
            let error = await #expect(throws: MailSubmissionError.self) {
                try await fixture.client.submit(.sample(), to: server)
            }
            #expect(error?.stage == .authentication)
            #expect(error?.replyCode == 535)
            #expect(error?.isPermanent == false)
            #expect(
                error?.description == "the mail was not accepted, at authentication: the server refused with 535 "
                    + "5.7.8 Authentication failed")
        }
    }

    @Test("A probe tells whether a mail would get as far as its sender, and sends none")
    func probe() async throws {
        try await withMailSink(options) { fixture in
            try await fixture.client.probe(try fixture.server(user: "otto%40desk", password: "ge:heim ß"))
            let error = await #expect(throws: MailSubmissionError.self) {
                try await fixture.client.probe(try fixture.server(user: "otto%40desk", password: "falsch"))
            }
            #expect(error?.stage == .authentication)
            await fixture.sink.follow(SMTPScript(faults: [.greeting: .reply("554 5.3.2 Not here")]))
            let refused = await #expect(throws: MailSubmissionError.self) {
                try await fixture.client.probe(fixture.server())
            }
            #expect(refused?.stage == .greeting && refused?.replyCode == 554)
            #expect(await fixture.sink.mailCount() == 0)
        }
    }

    @Test("A server that wants a password when there is none is no refusal of this mail")
    func passwordMissing() async throws {
        try await withMailSink(options) { fixture in
            let error = await #expect(throws: MailSubmissionError.self) { try await fixture.submit() }
            #expect(error?.stage == .sender)
            #expect(error?.replyCode == 530)
            #expect(error?.isPermanent == false)
        }
    }

    @Test("A password that the server does not ask for is an error, and the mail is not sent")
    func notOffered() async throws {
        try await withMailSink { fixture in
            let server = try fixture.server(user: "otto", password: "geheim")
            let error = await #expect(throws: MailSubmissionError.self) {
                try await fixture.client.submit(.sample(), to: server)
            }
            #expect(error == MailSubmissionError(stage: .authentication, cause: .noAuthentication))
            #expect(await fixture.sink.mailCount() == 0)
        }
    }

    @Test("An address outside of ASCII goes to a server that can take it")
    func internationalAddress() async throws {
        try await withMailSink { fixture in
            let submission = MailSubmission.sample(to: ["grüße@example.com"])
            _ = try await fixture.client.submit(submission, to: fixture.server())
            let mail = try await fixture.sink.nextMail()
            #expect(mail.recipients == ["grüße@example.com"])
        }
    }

    @Test(
        "To another server it is not sent", arguments: [("grüße@a.test", "kim@b.test"), ("kim@b.test", "grüße@a.test")])
    func internationalAddressRefused(sender: String, recipient: String) async throws {
        try await withMailSink(SMTPSinkOptions(supportsSMTPUTF8: false)) { fixture in
            let submission = MailSubmission.sample(from: sender, to: [recipient])
            let error = await #expect(throws: MailSubmissionError.self) {
                try await fixture.client.submit(submission, to: fixture.server())
            }
            #expect(error == MailSubmissionError(stage: .sender, cause: .nonASCIIAddress))
            #expect(error?.isPermanent == true)
        }
    }

    @Test(
        "Addresses that would break the dialogue are refused before it begins",
        arguments: [
            "", "a b@c.test", "a@c.test>\r\nRCPT TO:<d@e.test", "a@c.test\n", "<a@c.test>", "a@c.test> SIZE=1",
            "a\0@c.test",
            "a\t@c.test",
        ])
    func brokenAddresses(address: String) async throws {
        try await withMailSink { fixture in
            let asRecipient = await #expect(throws: MailSubmissionError.self) {
                try await fixture.client.submit(.sample(to: ["kim@b.test", address]), to: fixture.server())
            }
            #expect(asRecipient == MailSubmissionError(stage: .recipient, cause: .invalidAddress))
            #expect(asRecipient?.isPermanent == true)
            if !address.isEmpty {
                let asSender = await #expect(throws: MailSubmissionError.self) {
                    try await fixture.client.submit(.sample(from: address), to: fixture.server())
                }
                #expect(asSender == MailSubmissionError(stage: .sender, cause: .invalidAddress))
            }
            #expect(await fixture.sink.connectionCount() == 0)
        }
    }

    @Test("A mail to nobody is refused")
    func nobody() async throws {
        try await withMailSink { fixture in
            let error = await #expect(throws: MailSubmissionError.self) {
                try await fixture.client.submit(.sample(to: []), to: fixture.server())
            }
            #expect(error == MailSubmissionError(stage: .recipient, cause: .invalidAddress))
        }
    }
}
