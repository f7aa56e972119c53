import ArgumentParser
import Foundation
import LinkStore
import MailFlow
import OneTimeLinks

struct MailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail", abstract: "Filter mail.", subcommands: [Inbound.self])

    struct Inbound: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Stand between the mail server and the desk's mail reader: find or make the sender's customer user.",
            discussion: """
                Reads a message from standard input and writes it to standard output, its body byte for byte the same. \
                Headers that the desk's reader obeys (X-OTOBO-*, X-OTRS-*, X-Znuny-*) are removed, and set again from what \
                is stored. Needs OTALINK_DATABASE_URL only.

                Exit codes:
                  0   the message is on standard output
                  75  temporary failure, nothing is on standard output: the mail server keeps the mail and tries again
                """)

        @Option(help: "The envelope sender, as the mail server knows it.") var envelopeSender: String?

        func run() async throws {
            // A reader that went away is an error of writing, and the mail server keeps the mail.
            signal(SIGPIPE, SIG_IGN)
            let context = RequestContextFacts(requestID: UUID.version7().text)
            let code: InboundCommand.ExitCode
            do {
                code = try await Surroundings.with { surroundings in
                    let store = surroundings.store
                    let command = InboundCommand(spoolDirectory: NSTemporaryDirectory(), logger: surroundings.logger) {
                        InboundFilter(
                            customerUsers: store.customerUsers,
                            setting: try await store.settings.read().createCustomerUser)
                    }
                    return await command.run(envelopeSender: envelopeSender, context: context)
                }
            } catch {
                // A wrong configuration is put right some time; until then no mail may be lost.
                let line = "otalink mail inbound: the mail server keeps the mail and tries again: \(error)\n"
                FileHandle.standardError.write(Data(line.utf8))
                code = .temporaryFailure
            }
            if code != .ok { throw ExitCode(code.rawValue) }
        }
    }
}
