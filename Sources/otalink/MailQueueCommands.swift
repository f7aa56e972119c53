import ArgumentParser
import Foundation
import OneTimeLinks

extension MailCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List our own mails that wait, and those that were given up, with what the mail server said.")

        @Option(help: "Only those in this state: queued, sent, dead or dropped.") var state: String?
        @Option(help: "How many at the most.") var limit = 50

        func validate() throws {
            guard state == nil || ["queued", "sent", "dead", "dropped"].contains(state) else {
                throw ValidationError("--state is queued, sent, dead or dropped.")
            }
        }

        func run() async throws {
            try await Surroundings.with { surroundings in
                for mail in try await surroundings.store.outbox.list(state: state, limit: limit) {
                    let fate =
                        mail.state == "queued"
                        ? "attempt \(mail.attempts + 1) at \(mail.nextAttemptAt.ISO8601Format())"
                        : "\(mail.attempts) attempts"
                    print(
                        [
                            mail.id.text, mail.state, mail.kind, mail.recipient, mail.ticketNumber,
                            fate,
                            mail.lastError ?? "-",
                        ].joined(separator: "  "))
                }
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send a mail again now: a dead letter, or one that waits for a later attempt.",
            discussion: "A mail whose link has meanwhile been superseded or revoked is dropped then, as ever.")

        @Argument(help: "Id of the mail.") var id: String?
        @Flag(help: "All dead letters.") var allDead = false

        func validate() throws {
            guard (id == nil) == allDead else { throw ValidationError("Name either the id of a mail or --all-dead.") }
            if let id { try validateMailID(id) }
        }

        func run() async throws {
            try await Surroundings.with { surroundings in
                let count = try await surroundings.store.outbox.retry(
                    id: id.flatMap(UUID.init(uuidString:)), actor: Surroundings.operatorName)
                if count == 0, let id {
                    throw Advice(text: "\(id) is no mail that waits or was given up. See: otalink mail list")
                }
                print("\(count) due now.")
            }
        }
    }

    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give up a mail that waits or is a dead letter; the person's older link keeps working.")

        @Argument(help: "Id of the mail.") var id: String

        func validate() throws { try validateMailID(id) }

        func run() async throws {
            try await Surroundings.with { surroundings in
                guard let uuid = UUID(uuidString: id),
                    try await surroundings.store.outbox.drop(id: uuid, actor: Surroundings.operatorName)
                else {
                    throw Advice(
                        text: "\(id) is no mail that waits, or it is being sent at this moment. See: otalink mail list")
                }
                print("Dropped.")
            }
        }
    }
}

private func validateMailID(_ id: String) throws {
    guard UUID(uuidString: id) != nil else { throw ValidationError("\(id) is not the id of a mail.") }
}
