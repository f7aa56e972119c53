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
                let fate = QueuedRow.fate(attempts: attempts, nextAttemptAt: nextAttemptAt)
                return [id, QueuedRow.shown(state), event, "\(ticketID)", ticketNumber ?? "-", fate, lastError ?? "-"]
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
                let listed = try await surroundings.store.deskEvents.listed(state: state, limit: limit)
                let rows = listed.rows.map { event in
                    Row(
                        id: event.id.text, state: event.state, event: event.event, ticketID: event.ticketID,
                        ticketNumber: event.ticketNumber, articleID: event.articleID == 0 ? nil : event.articleID,
                        attempts: event.attempts, reportedAt: event.reportedAt,
                        nextAttemptAt: event.state == "queued" ? event.nextAttemptAt : nil, lastError: event.lastError)
                }
                try output.print(rows, leavingOut: listed.unreadable, lines: rows.map(\.line))
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
            try QueuedRow.event.validate(id: id, allDead: allDead)
        }

        func run() async throws {
            try await Surroundings.with { surroundings in
                let count = try await surroundings.store.deskEvents.retry(
                    id: id.flatMap(UUID.init(uuidString:)), actor: Surroundings.operatorName)
                try QueuedRow.event.tell(due: count, id: id, output)
            }
        }
    }
}
