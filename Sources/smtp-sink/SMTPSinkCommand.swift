import ArgumentParser
import Foundation
import Logging
import SMTPSink
import ServiceLifecycle

@main
struct SMTPSinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "smtp-sink",
        abstract: "A mail server that delivers nothing: it takes every mail and keeps it in a directory.",
        discussion: """
            For demonstrations and tests. Each mail becomes a file DIR/<n>.eml, numbered on from what is there, that \
            begins with its envelope in the fields X-Envelope-From and X-Envelope-To. A file appears under its name \
            once it is complete. One line for each mail goes to standard output: number, sender, recipients and file, \
            separated by tabs. The line that names the port goes to standard error.

            SMTP in the clear, without TLS: bind it to a loopback address.

            Example:
              smtp-sink --listen 127.0.0.1:2525 --directory /tmp/mails
            """)

    @Option(help: ArgumentHelp("Address and port; port 0: a free one.", valueName: "host:port"))
    var listen = ListenAddress(host: "127.0.0.1", port: 2525)

    @Option(
        help: ArgumentHelp(
            "Where the mails are kept; made if missing. Without it, they are only listed.", valueName: "dir"),
        completion: .directory)
    var directory: String?

    @Option(help: ArgumentHelp("Demand this user's name and password (AUTH).", valueName: "user:password"))
    var credentials: Credentials?

    @Option(
        help: ArgumentHelp(
            "Reply in place of the ordinary one at a step, e.g. \"recipient=550 5.1.1 No such user\". Steps: "
                + SMTPScript.Step.allCases.map(\.rawValue).joined(separator: ", ") + ". May be repeated.",
            valueName: "step=reply"))
    var refuse: [Refusal] = []

    @Flag(help: "Send each mail back: it is followed by a bounce to its sender.")
    var bounce = false

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        let logger = Logger(label: "smtp-sink")
        let directory = try directory.map { try MailDirectory(path: $0) }
        let sink = SMTPSink(
            host: listen.host,
            port: listen.port,
            options: SMTPSinkOptions(
                hostName: "smtp-sink.localhost",
                credentials: credentials.map { .init(user: $0.user, password: $0.password) },
                maximumMails: 1),
            script: SMTPScript(
                faults: Dictionary(refuse.map { ($0.step, .reply($0.reply)) }, uniquingKeysWith: { $1 }),
                bounces: bounce),
            logger: logger
        ) { mail, number in
            let place = try await directory?.store(mail)
            let line = [
                place.map { "\($0.number)" } ?? "\(number)", "<\(mail.envelopeFrom)>",
                mail.recipients.map { "<\($0)>" }.joined(separator: ","), place?.path ?? "-",
            ]
            try FileHandle.standardOutput.write(contentsOf: Data((line.joined(separator: "\t") + "\n").utf8))
        }
        let group = ServiceGroup(
            configuration: .init(services: [sink], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }
}
