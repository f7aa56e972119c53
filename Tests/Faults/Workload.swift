import CurlClient
import Foundation
import ReplicaSupport
import Synchronization
import TestSupport

/// What customers, the desk and programs do all day, on several lanes at once: mails come in, links are issued, clicked and taken
/// back, old ones clicked again. Each operation is tried until it is answered, as a person or a mail server would, and what was
/// answered goes into the ledger.
struct Workload: Sendable {
    let installation: Installation
    let ledger = Ledger()
    var lanes = 4
    /// Stories that all lanes together begin at most.
    var limit = 5_000
    /// Milliseconds that a lane rests after a story, so that the load lasts as long as the fault and leaves the machine some air.
    var rest: ClosedRange<Int> = 20...120
    /// A mail filter is a process of its own, so not every story begins with one.
    var mailsIn: ClosedRange<Int> = 0...5
    /// How long an operation is tried.
    var patience: Duration = .seconds(150)
    /// As many lanes more whose calls for links have names. A replica that dies with such a call keeps its repeats waiting for a
    /// minute and a half, and the lane with them.
    var namesCalls = false
    let seed: UInt64

    private static let pause: Duration = .milliseconds(100)

    /// Runs until the body has ended and every lane has come to the end of its story.
    func run<R: Sendable>(during body: @Sendable () async throws -> R) async throws -> R {
        let stories = Stories(limit: limit)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<(namesCalls ? 2 * lanes : lanes) {
                group.addTask {
                    var random = SeededGenerator(seed: seed &* 1_000 &+ UInt64(lane))
                    while let number = stories.next() {
                        try await tell(number, isNaming: lane >= lanes, &random)
                        try await Task.sleep(for: .milliseconds(Int.random(in: rest, using: &random)))
                    }
                }
            }
            // What the body throws cancels the lanes.
            let result = try await body()
            stories.stop()
            ledger.noteEnd()
            try await group.waitForAll()
            return result
        }
    }

    /// Waits until something was answered that was asked after this moment.
    ///
    /// - Returns: how long that took.
    @discardableResult
    func untilAnswered() async throws -> Duration {
        let start = ContinuousClock.now
        while ContinuousClock.now - start < patience {
            if let first = ledger.firstAnswer(after: start) { return first }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Broken("nothing was answered within \(patience.text)")
    }

    /// One ticket: from the mail that opens it to the end of its link.
    private func tell(_ number: Int, isNaming: Bool, _ random: inout SeededGenerator) async throws {
        let login = "c\(number % 2_000 + 1)@example.org"
        if mailsIn.contains(Int.random(in: 0...23, using: &random)) {
            try await persist { try await receiveMail(from: "n\(number)-\(seed)@example.org") }
        }
        let ticket = await installation.newTicket(of: login)
        let issued = Mutex<IssuedLink?>(nil)
        try await persist { _ in
            let name = isNaming ? "story-\(number)-of-\(seed)" : nil
            let (link, outcome) = try await issue(ticket: ticket, login: login, name: name)
            issued.withLock { $0 = link }
            return outcome
        }
        guard let link = issued.withLock({ $0 }) else { return }
        let browser = Browser(client: installation.client, base: installation.balancer.url)
        let isSignedIn = try await persist { try await click(link, browser, ticket: ticket, isRepeated: $0) }
        guard isSignedIn else { return }
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4: try await persist { try await revoke(link, cookies: browser.cookies, isRepeated: $0) }
        case 4..<8:
            let other = Browser(client: installation.client, base: installation.balancer.url)
            try await persist { try await clickAgain(link, other, ticket: ticket, isRepeated: $0) }
        default: break
        }
    }

    /// Tries an operation until it is answered.
    ///
    /// - Parameter attempt: told whether an earlier attempt was made, whose outcome nobody knows.
    /// - Returns: false if it never was, or with something else than a promise.
    @discardableResult
    private func persist(_ attempt: (_ isRepeated: Bool) async throws -> Ledger.Outcome) async throws -> Bool {
        let end = ContinuousClock.now + patience
        var isRepeated = false
        while true {
            var outcome = Ledger.Outcome.failed
            do { outcome = try await attempt(isRepeated) } catch is CurlError {}
            ledger.note(outcome)
            switch outcome {
            case .promised: return true
            case .wrong: return false
            case .failed:
                guard ContinuousClock.now < end else {
                    ledger.noteGivenUp()
                    return false
                }
                isRepeated = true
                try await Task.sleep(for: Self.pause)
            }
        }
    }

    @discardableResult
    private func persist(_ attempt: () async throws -> Ledger.Outcome) async throws -> Bool {
        try await persist { _ in try await attempt() }
    }
}

/// Numbers the stories of all lanes until there are enough.
private final class Stories: Sendable {
    private let state: Mutex<(next: Int, limit: Int)>

    init(limit: Int) {
        state = Mutex((0, limit))
    }

    func next() -> Int? {
        state.withLock { state in
            guard state.next < state.limit else { return nil }
            state.next += 1
            return state.next
        }
    }

    func stop() { state.withLock { $0.limit = 0 } }
}
