import ArgumentParser
import CurlClient
import Foundation
import IncomingMail
import LinkStore
import MailCommands
import OneTimeLinks
import TicketSystem

struct MailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail", abstract: "Filter mail, and look after our own mails.",
        discussion: """
            docs/incoming-mail.md and docs/desk-mail.md say where the filters stand, docs/outgoing-mail.md how our own mails get out.

              otalink mail list
            """,
        subcommands: [Inbound.self, Outbound.self, List.self, Retry.self, Drop.self])

    struct Inbound: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Stand between the mail server and the desk's mail reader: find or make the sender's customer user.",
            discussion: """
                Reads a message from standard input and writes it to standard output, its body byte for byte the same. \
                Headers that the desk's reader obeys (X-OTOBO-*, X-OTRS-*, X-Znuny-*) are removed, and set again from what \
                is stored. Needs OTALINK_DATABASE_URL; OTALINK_CUSTOMER_DATABASE_URL too if the setting CustomerDatabase is set, or every mail is \
                kept; and the desk's variables (OTALINK_DESK_URL, OTALINK_DESK_LOGIN and the password), since the desk says which mails answer \
                a ticket: without them, the tickets that are known here do. The log names what is missing (OTALINK_LOG_LEVEL=warning).

                With --then, the message goes to a command instead, which starts once everything is decided:

                  otalink mail inbound --then 'bin/otobo.Console.pl Maint::PostMaster::Read'

                Do not put a pipe between the two: a pipe starts the reader at once and hides our exit code from the \
                mail server.

                Exit codes:
                  0   the message is on standard output; with --then: the command took it
                  65  the header is longer than 1 MiB or has more than 10,000 fields: the mail server gives the mail back
                  65, 67, 68, 69, 76, 77
                      with --then: the command refused the mail for good
                  75  temporary failure: the mail server keeps the mail and tries again; with --then, any other code of \
                the command too
                """)

        @Option(help: "The envelope sender, as the mail server knows it.") var envelopeSender: String?
        @Option(help: "A command for the shell that takes the message on its standard input.") var then: String?

        @Flag(
            help: """
                Header fields that steer the desk come from a program of yours and stay. Those that name a customer stay only \
                without spoof protection.
                """)
        var trusted = false
        @Flag(help: "If the filter fails, hand the mail on all the same, without forged fields.") var failOpen = false

        func run() async throws {
            // A reader that went away is an error of writing, and the mail server keeps the mail.
            signal(SIGPIPE, SIG_IGN)
            let context = RequestContextFacts(requestID: UUID.version7().text)
            var code = InboundCommand.ExitCode.temporaryFailure
            do {
                let spool = try ServiceEnvironment().spoolDirectory() ?? NSTemporaryDirectory()
                let handover = try then.map { _ in try CommandHandover(directory: spool) }
                code = try await Surroundings.with(work: .page) { surroundings in
                    let store = surroundings.store
                    // The desk is asked about answers only, and only if its address is configured.
                    let curl = surroundings.curlClient()
                    let desk = Self.desk(surroundings, curl)
                    let command = InboundCommand(spoolDirectory: spool, logger: surroundings.logger) {
                        let settings = try await store.settings.read()
                        return try await InboundFilter(
                            store: store, directory: try surroundings.customers(settings, renewsCopies: false),
                            desk: desk,
                            settings: settings)
                    }
                    let code = await command.run(
                        output: handover?.file ?? 1, envelopeSender: envelopeSender, isTrusted: trusted,
                        failsOpen: failOpen, context: context)
                    await curl.close()
                    return code
                }
                if code == .ok, let then { try handover?.become(then) }
            } catch {
                // A wrong configuration is put right some time; until then no mail may be lost.
                let line = "otalink mail inbound: the mail server keeps the mail and tries again: \(error)\n"
                FileHandle.standardError.write(Data(ForeignText.printable(line, keepingLines: true).utf8))
                code = .temporaryFailure
            }
            if code != .ok { throw ExitCode(code.rawValue) }
        }

        /// Nil where the desk cannot be asked; a mail is not kept back for that.
        private static func desk(_ surroundings: Surroundings, _ curl: CurlClient) -> OTOBOConnector? {
            let missing = surroundings.environment.missingDeskVariables
            guard missing.isEmpty else {
                // Not an error: some mail programs take a word on standard error for a failure.
                surroundings.logger.warning(
                    "The desk is not configured here: the tickets that are known here say which mails are answers",
                    metadata: ["missing": "\(missing.joined(separator: ", "))"])
                return nil
            }
            do {
                return OTOBOConnector(
                    configuration: try surroundings.environment.desk(), client: curl, logger: surroundings.logger)
            } catch {
                surroundings.logger.error(
                    "The desk cannot be asked: the tickets that are known here say which mails are answers",
                    metadata: ["error": "\(error)"])
                return nil
            }
        }
    }
}
