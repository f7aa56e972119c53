/// Growing pauses between attempts: each is twice the one before, up to a longest, and by chance up to a quarter
/// longer, so that what failed together is not tried again together.
public struct BackOff: Sendable, Hashable {
    public var first: Duration
    public var longest: Duration

    public init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    /// The pause after an attempt has failed.
    ///
    /// - Parameters:
    ///   - attempt: its number, from 1.
    ///   - chance: from 0 to 1.
    public func pause(afterAttempt attempt: Int, chance: Double = .random(in: 0..<1)) -> Duration {
        let doublings = min(max(attempt - 1, 0), 30)
        return min(first * (1 << doublings), longest) * (1 + chance / 4)
    }
}
