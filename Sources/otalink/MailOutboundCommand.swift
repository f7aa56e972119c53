import ArgumentParser
import CurlClient
import Foundation
import Logging
import MailCommands
import MailMessage
import OutgoingMail

extension MailCommand {
    struct Outbound: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stand in for sendmail: put the customer's link where the desk's tag stands.",
            usage: "otalink mail outbound [--fail-open] [sendmail's own arguments]",
            discussion: """
                For the desk's SendmailModule::CMD, or as Postfix's content filter. Takes the arguments of sendmail (-i, -t, -f, --, \
                recipients and whatever else), reads a message from standard input, and hands it to sendmail.

                A message without the tag goes on byte for byte, and the service is not asked. One with <OTOBO_OTACustomerTicketLink>, \
                <OTRS_OTACustomerTicketLink>, or otalink:ticket=...;customer=... in a text goes to the service, which puts the link in \
                if the mail's only recipient is the ticket's customer user, and the plain address of the ticket otherwise; so it does with \
                mails over 64 MiB (8 MiB if the service has no directory for them), which are never put off for their size.

                  OTALINK_SERVICE_URL  any replica or the load balancer, such as https://tickets.example.org
                  OTALINK_API_KEY      a key of scope mail:outbound; or OTALINK_API_KEY_FILE
                  OTALINK_SENDMAIL     the real sendmail; default: /usr/sbin/sendmail
                  OTALINK_SPOOL_DIRECTORY  where mails lie meanwhile; default: the directory for temporary files

                In the desk's SysConfig (Znuny 6.5: in Kernel/Config.pm only), SendmailModule::CMD is then:

                  otalink mail outbound -i -f

                --fail-open sends a mail with a sentence in place of the link if the service is out of reach. Without it, the desk must \
                keep the mail for as long as that takes: by itself it gives a mail up after six minutes. otalink desk config prints the \
                line that makes it two and a half days.

                Exit codes:
                  0   the mail server has taken the mail
                  75  temporary failure: the desk keeps the mail and tries again, as often as its MailQueue says
                  else sendmail's own
                """)

        @Argument(parsing: .captureForPassthrough) var arguments: [String] = []

        func run() async throws {
            signal(SIGPIPE, SIG_IGN)
            if ["--help", "-h", "help"].contains(arguments.first) {
                print(MailCommand.helpMessage(for: Self.self))
                return
            }
            let failsOpen = arguments.contains("--fail-open")
            let passed = arguments.filter { $0 != "--fail-open" }
            var code: Int32
            do {
                code = try await filter(passed, failsOpen: failsOpen)
            } catch {
                Otalink.tell("otalink mail outbound: the mail is to be tried again: \(error)")
                code = 75
            }
            if code != 0 { throw ExitCode(code) }
        }

        private func filter(_ arguments: [String], failsOpen: Bool) async throws -> Int32 {
            let environment = ServiceEnvironment()
            let sendmail = environment.sendmail
            let parsed = SendmailArguments(arguments)
            // Without any recipient, sendmail says what it thinks of that.
            guard parsed.isSubmission, parsed.readsHeader || !parsed.recipients.isEmpty else {
                try CommandHandover.become(sendmail, arguments)
            }
            let directory = try environment.spoolDirectory() ?? NSTemporaryDirectory()
            let message = try SpooledMessage.read(from: 0, spoolingIn: directory)
            let handover = try CommandHandover(directory: directory)
            // What has no tag goes on as it came.
            let look = try OutboundFilter.look(at: message)
            guard look.hasTags else {
                if look.isPartlyUnread {
                    try? Surroundings.logger(environment).warning(
                        "\(OutboundWarning.unread.sentence)", metadata: ["bytes": "\(message.length)"])
                }
                try EditedMessage(message).write(to: handover.file)
                try handover.become(sendmail, arguments)
            }
            let logger = try Surroundings.logger(environment)
            let curl = CurlClient(
                CurlConfiguration(certificateAuthorityFile: environment.certificateAuthorityFile), logger: logger)
            let service = try OutboundService(environment, curl: curl)
            let way = OutboundCommand.Way(
                filter: { try await service.filter($0, recipients: $1, isTooLarge: $2) },
                reportAcceptance: { try await service.reportAcceptance(of: $0) },
                submit: { try CommandHandover.run(sendmail, $1, input: $0, directory: directory) })
            let command = OutboundCommand(
                way: way, failsOpen: failsOpen, spoolDirectory: directory, logger: logger)
            let code = await command.run(message, parsed)
            await curl.close()
            return code
        }
    }
}

/// The service, as the command on the desk's host sees it.
private struct OutboundService {
    let base: String
    let key: String
    let curl: CurlClient

    init(_ environment: ServiceEnvironment, curl: CurlClient) throws {
        base = try environment.serviceURL()
        key = try environment.apiKey()
        self.curl = curl
    }

    func filter(_ message: SpooledMessage, recipients: [String], isTooLarge: Bool) async throws -> OutboundAnswer {
        let query = recipients.map { recipient in
            "recipient=" + (recipient.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
        }
        let path = "/mail/outbound?" + (query + (isTooLarge ? ["tooLarge=1"] : [])).joined(separator: "&")
        let answer = try await post(path, message)
        return try OutboundAnswer(
            decoding: Data(answer.body), mediaType: answer.header("Content-Type"), to: message)
    }

    func reportAcceptance(of link: String) async throws {
        _ = try await post("/mail/outbound/\(link)/accepted", SpooledMessage([]))
    }

    private func post(_ path: String, _ message: SpooledMessage) async throws -> HTTPResponse {
        var request = HTTPRequest(
            method: .post, url: "\(base)/api/v1\(path)",
            headers: [
                ("Authorization", "Bearer \(key)"), ("Content-Type", "message/rfc822"),
                ("Accept", "\(OutboundEdits.mediaType);version=\(OutboundEdits.version), application/json;q=0.5"),
            ],
            // A service that knows no edits answers with whole mails, of which there may be two, in base64.
            timeout: .seconds(30 + message.length >> 18), maximumBodySize: (16 << 20) + message.length * 3)
        request.upload = HTTPUpload(length: message.length) { try message.read(into: $0, at: $1) }
        let answer = try await curl.send(request)
        if answer.status == 413 { throw OutboundCommand.TooLarge() }
        guard (200..<300).contains(answer.status) else {
            throw Advice(
                text: OutboundRefusal.explanation(status: answer.status, body: answer.body, service: base))
        }
        return answer
    }
}
