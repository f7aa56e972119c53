import ArgumentParser
import Foundation
import OneTimeLinks

extension DeskCommand {
    struct Events: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what the desk has reported and is not worked off, or was given up, with the reason.",
            discussion: """
                A line has id, state, event, the desk's id of the ticket, its number, attempts, and why the last one failed.

                  otalink desk events --state dead
                """)

        @Option(help: "Only those in this state: queued, done or dead.") var state: String?
        @Option(help: "How many at the most.") var limit = 50
        @OptionGroup var output: ResultOptions

        private struct Row: Encodable {
            let id: String
            let state: String
            let event: String
            let ticketID: Int64
            let ticketNumber: String?
            let articleID: Int64?
            let attempts: Int
            let reportedAt: Date
            let nextAttemptAt: Date?
            let lastError: String?

            var line: String {
                let fate =
                    nextAttemptAt.map { "attempt \(attempts + 1) at \($0.ISO8601Format())" } ?? "\(attempts) attempts"
                let shown = state == "dead" ? Emphasis.bad(state) : state
                return [id, shown, event, "\(ticketID)", ticketNumber ?? "-", fate, lastError ?? "-"]
                    .joined(separator: "  ")
            }
        }

        func validate() throws {
            guard state == nil || ["queued", "done", "dead"].contains(state) else {
                throw ValidationError("--state is queued, done or dead.")
            }
        }

        func run() async throws {
            try await Surroundings.with { surroundings in
                let rows = try await surroundings.store.deskEvents.list(state: state, limit: limit).map { event in
                    Row(
                        id: event.id.text, state: event.state, event: event.event, ticketID: event.ticketID,
                        ticketNumber: event.ticketNumber, articleID: event.articleID == 0 ? nil : event.articleID,
                        attempts: event.attempts, reportedAt: event.reportedAt,
                        nextAttemptAt: event.state == "queued" ? event.nextAttemptAt : nil, lastError: event.lastError)
                }
                try output.print(rows, lines: rows.map(\.line))
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Work on an event of the desk again now: one that was given up, or waits for a later attempt.",
            discussion: """
                An event that was mailed already is not mailed twice.

                  otalink desk retry --all-dead
                """)

        @Argument(help: "Id of the event.") var id: String?
        @Flag(help: "All that were given up.") var allDead = false
        @OptionGroup var output: ResultOptions

        func validate() throws {
            guard (id == nil) == allDead else { throw ValidationError("Name either the id of an event or --all-dead.") }
            guard id.map({ UUID(uuidString: $0) != nil }) ?? true else {
                throw ValidationError("That is not the id of an event.")
            }
        }

        func run() async throws {
            try await Surroundings.with { surroundings in
                let count = try await surroundings.store.deskEvents.retry(
                    id: id.flatMap(UUID.init(uuidString:)), actor: Surroundings.operatorName)
                if count == 0, let id {
                    throw Advice(text: "\(id) is no event that waits or was given up. See: otalink desk events")
                }
                try output.print("due", count, line: "\(count) due now.")
            }
        }
    }
}
