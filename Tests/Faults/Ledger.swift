import Foundation
import Synchronization

/// What was told to clients while a fault lasted: each promise with what it was about.
final class Ledger: Sendable {
    /// Something that a client was told, and that has to be true afterwards, exactly once.
    enum Promise: Sendable, Hashable {
        /// By a call that had a name, however often it was repeated: the only one for its ticket.
        case issued(link: String, onlyOneFor: String?)
        /// The cookies are those of the browser that was signed in.
        case signedIn(link: String, cookies: String)
        case revoked(link: String, cookies: String)
        /// A new link is mailed for the ticket.
        case mailQueued(ticket: String)
        case customerCreated(login: String)
    }

    /// How one attempt of an operation ended.
    enum Outcome: Sendable {
        case promised(Promise)
        /// It failed as it should: nothing was answered, or that it may be tried again.
        case failed
        /// It was answered with something that nobody should get.
        case wrong(String)
    }

    private struct State {
        var attempts = 0
        var failures = 0
        var promises: [Promise] = []
        var wrong: [String: Int] = [:]
        var answers: [ContinuousClock.Instant] = []
        var givenUp = 0
        var end: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    func note(_ outcome: Outcome) {
        state.withLock { state in
            state.attempts += 1
            switch outcome {
            case .promised(let promise):
                state.promises.append(promise)
                state.answers.append(.now)
            case .failed: state.failures += 1
            case .wrong(let what): state.wrong[what, default: 0] += 1
            }
        }
    }

    /// An operation was tried to no avail for as long as anybody would.
    func noteGivenUp() { state.withLock { $0.givenUp += 1 } }

    /// No new story begins from now on.
    func noteEnd() { state.withLock { $0.end = .now } }

    var attempts: Int { state.withLock(\.attempts) }
    var promises: [Promise] { state.withLock(\.promises) }
    var wrongAnswers: [String: Int] { state.withLock(\.wrong) }
    var givenUp: Int { state.withLock(\.givenUp) }

    /// The longest time in which nothing was answered while new stories began.
    var longestOutage: Duration {
        let (answers, end) = state.withLock { ($0.answers.sorted(), $0.end) }
        let moments = end.map { end in answers.filter { $0 < end } + [end] } ?? answers
        return zip(moments, moments.dropFirst()).map { $1 - $0 }.max() ?? .zero
    }

    /// How long after an instant the first answer came.
    func firstAnswer(after instant: ContinuousClock.Instant) -> Duration? {
        state.withLock(\.answers).filter { $0 > instant }.min().map { $0 - instant }
    }
}
