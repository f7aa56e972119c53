import Testing

@testable import TicketSystem

@Suite("The circuit breaker")
struct CircuitBreakerTests {
    /// What happens, and what the breaker must say or be.
    enum Step {
        /// Someone asks at the given second and is let through.
        case letThrough(Int)
        /// Someone asks at the given second and is refused for so many more.
        case refuse(Int, Int)
        /// The exchange that was let through as the given one (from zero) ends.
        case end(Int, CircuitBreaker.Outcome, at: Int)
    }

    static let stories: [(name: String, steps: [Step])] = [
        ("answers keep it closed", [.letThrough(0), .end(0, .answered, at: 1), .letThrough(2)]),
        (
            "three failures in a row open it",
            [
                .letThrough(0), .end(0, .failed, at: 0), .letThrough(1), .end(1, .failed, at: 1), .letThrough(2),
                .end(2, .failed, at: 2), .refuse(3, 9), .refuse(11, 1), .letThrough(12),
            ]
        ),
        (
            "an answer in between starts the count again",
            [
                .letThrough(0), .end(0, .failed, at: 0), .letThrough(0), .end(1, .failed, at: 0), .letThrough(0),
                .end(2, .answered, at: 0), .letThrough(0), .end(3, .failed, at: 0), .letThrough(0),
                .end(4, .failed, at: 0), .letThrough(1),
            ]
        ),
        (
            "giving up counts for nothing",
            [
                .letThrough(0), .end(0, .failed, at: 0), .letThrough(0), .end(1, .failed, at: 0), .letThrough(0),
                .end(2, .abandoned, at: 0), .letThrough(0), .letThrough(0),
            ]
        ),
        ("a single one tries after the pause", openSteps + [.letThrough(10), .refuse(10, 6), .refuse(12, 4)]),
        (
            "a good try closes it",
            openSteps + [.letThrough(10), .end(3, .answered, at: 11), .letThrough(11), .letThrough(11)]
        ),
        (
            "failed tries double the pause up to the longest",
            openSteps + [
                .letThrough(10), .end(3, .failed, at: 11), .refuse(11, 20), .letThrough(31), .end(4, .failed, at: 31),
                .refuse(31, 40), .letThrough(71), .end(5, .failed, at: 71), .refuse(71, 45),
            ]
        ),
        (
            "an abandoned try lets the next one try at once",
            openSteps + [.letThrough(10), .end(3, .abandoned, at: 11), .letThrough(11)]
        ),
        (
            "a try that never ends is replaced, and its late end ignored",
            openSteps + [.letThrough(10), .refuse(15, 1), .letThrough(16), .end(3, .answered, at: 17), .refuse(17, 5)]
        ),
        (
            "whoever was let through before it opened changes nothing afterwards",
            [.letThrough(0)] + openSteps(after: 1) + [.end(0, .answered, at: 1), .refuse(1, 9), .letThrough(10)]
        ),
    ]

    /// Opens the breaker at second zero, with the first three exchanges.
    private static let openSteps = openSteps(after: 0)

    private static func openSteps(after earlier: Int) -> [Step] {
        (earlier..<earlier + 3).flatMap { [Step.letThrough(0), .end($0, .failed, at: 0)] }
    }

    @Test("It behaves as told", arguments: stories)
    func story(_ story: (name: String, steps: [Step])) throws {
        var breaker = CircuitBreaker(
            settings: .init(
                failuresToOpen: 3, pause: .seconds(10), longestPause: .seconds(45), longestTrial: .seconds(6)))
        var permits: [CircuitBreaker.Permit] = []
        for (index, step) in story.steps.enumerated() {
            switch step {
            case .letThrough(let second):
                guard case .permitted(let permit) = breaker.admit(at: .seconds(second)) else {
                    Issue.record("step \(index) of \(story.name): refused")
                    return
                }
                permits.append(permit)
            case .refuse(let second, let remaining):
                #expect(
                    breaker.admit(at: .seconds(second)) == .refused(retryAfter: .seconds(remaining)),
                    "step \(index) of \(story.name)")
            case .end(let permit, let outcome, let second):
                breaker.record(outcome, of: permits[permit], at: .seconds(second))
            }
        }
    }
}
