import ArgumentParser
import Foundation

/// What the commands about our queues, of mails and of the desk's events, have in common.
struct QueuedRow {
    static let mail = QueuedRow(name: "mail", article: "a", list: "otalink mail list")
    static let event = QueuedRow(name: "event", article: "an", list: "otalink desk events")

    let name: String
    let article: String
    /// The command that lists them.
    let list: String

    /// What becomes of a row, for a list: its next attempt, or how many there were.
    static func fate(attempts: Int, nextAttemptAt: Date?) -> String {
        nextAttemptAt.map { "attempt \(attempts + 1) at \($0.ISO8601Format())" } ?? "\(attempts) attempts"
    }

    static func shown(_ state: String) -> String { state == "dead" ? Emphasis.bad(state) : state }

    func validate(id: String) throws {
        guard UUID(uuidString: id) != nil else { throw ValidationError("\(id) is not the id of \(article) \(name).") }
    }

    func validate(id: String?, allDead: Bool) throws {
        guard (id == nil) == allDead else {
            throw ValidationError("Name either the id of \(article) \(name) or --all-dead.")
        }
        if let id { try validate(id: id) }
    }

    /// Says how many are due now.
    ///
    /// - Throws: `Advice` if the one that was named is not there.
    func tell(due count: Int, id: String?, _ output: ResultOptions) throws {
        if count == 0, let id {
            throw Advice(text: "\(id) is no \(name) that waits or was given up. See: \(list)")
        }
        try output.print("due", count, line: "\(count) due now.")
    }
}
