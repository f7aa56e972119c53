import ArgumentParser
import Foundation
import OneTimeLinks

extension MailCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List our own mails that wait, and those that were given up, with what the mail server said.",
            discussion: """
                A line has id, state, kind, recipient, ticket, attempts, and the last words of the mail server.

                  otalink mail list --state dead
                """)

        @Option(help: "Only those in this state: queued, sent, dead or dropped.") var state: String?
        @Option(help: "How many at the most.") var limit = 50
        @OptionGroup var output: ResultOptions

        private struct Row: Encodable {
            let id: String
            let state: String
            let kind: String
            let recipient: String
            let ticketNumber: String
            let attempts: Int
            let createdAt: Date
            let nextAttemptAt: Date?
            let lastError: String?

            var line: String {
                let fate = QueuedRow.fate(attempts: attempts, nextAttemptAt: nextAttemptAt)
                return [id, QueuedRow.shown(state), kind, recipient, ticketNumber, fate, lastError ?? "-"].joined(
                    separator: "  ")
            }
        }

        func validate() throws {
            guard state == nil || ["queued", "sent", "dead", "dropped"].contains(state) else {
                throw ValidationError("--state is queued, sent, dead or dropped.")
            }
        }

        func run() async throws {
            try await Surroundings.with { surroundings in
                let listed = try await surroundings.store.outbox.listed(state: state, limit: limit)
                let rows = listed.rows.map { mail in
                    Row(
                        id: mail.id.text, state: mail.state, kind: mail.kind, recipient: mail.recipient,
                        ticketNumber: mail.ticketNumber, attempts: mail.attempts, createdAt: mail.createdAt,
                        nextAttemptAt: mail.state == "queued" ? mail.nextAttemptAt : nil, lastError: mail.lastError)
                }
                try output.print(rows, leavingOut: listed.unreadable, lines: rows.map(\.line))
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send a mail again now: a dead letter, or one that waits for a later attempt.",
            discussion: """
                A mail whose link has meanwhile been superseded or revoked is dropped then, as ever.

                  otalink mail retry --all-dead
                """)

        @Argument(help: "Id of the mail.") var id: String?
        @Flag(help: "All dead letters.") var allDead = false
        @OptionGroup var output: ResultOptions

        func validate() throws {
            try QueuedRow.mail.validate(id: id, allDead: allDead)
        }

        func run() async throws {
            try await Surroundings.with { surroundings in
                let count = try await surroundings.store.outbox.retry(
                    id: id.flatMap(UUID.init(uuidString:)), actor: Surroundings.operatorName)
                try QueuedRow.mail.tell(due: count, id: id, output)
            }
        }
    }

    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give up a mail that waits or is a dead letter; the person's older link keeps working.",
            discussion: """
                  otalink mail drop 0198c2f0-0000-7000-8000-000000000005
                """)

        @Argument(help: "Id of the mail.") var id: String
        @OptionGroup var output: ResultOptions

        func validate() throws { try QueuedRow.mail.validate(id: id) }

        func run() async throws {
            try await Surroundings.with { surroundings in
                guard let uuid = UUID(uuidString: id),
                    try await surroundings.store.outbox.drop(id: uuid, actor: Surroundings.operatorName)
                else {
                    throw Advice(
                        text: "\(id) is no mail that waits, or it is being sent at this moment. See: otalink mail list")
                }
                try output.print("dropped", 1, line: "Dropped.")
            }
        }
    }
}
