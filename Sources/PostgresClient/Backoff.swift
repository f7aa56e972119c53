/// Pauses between attempts to connect: they double from 100 ms to 5 s, and each is shortened by up to half by chance, so
/// that replicas that lost the same server do not come back in step.
struct Backoff {
    private static let shortest = 0.1
    private static let longest = 5.0

    private(set) var failures = 0

    /// Counts a failure, and says how long to wait after it. `chance` is between 0 and 1.
    mutating func pause(chance: Double = .random(in: 0..<1)) -> Duration {
        failures += 1
        let seconds = Self.shortest * Double(1 << min(failures - 1, 10))
        return .seconds(min(seconds, Self.longest) * (1 - chance / 2))
    }

    mutating func reset() {
        failures = 0
    }
}
