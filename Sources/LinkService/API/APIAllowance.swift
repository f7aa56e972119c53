import LinkStore

/// How many calls an API key may make within a minute, counted over all replicas without a query for each: a replica sets a
/// twentieth of the allowance aside at a time. A key that has used it up costs no query until the minute is over.
actor APIAllowance {
    private enum Share {
        case left(calls: Int, until: ContinuousClock.Instant)
        case usedUp(until: ContinuousClock.Instant)
    }

    private let take: @Sendable (_ calls: Int, _ limit: Int, _ apiKey: String) async throws -> APIUse.Share
    private let now: @Sendable () -> ContinuousClock.Instant
    private var shares: [String: Share] = [:]
    private var takes: [String: Task<Void, any Error>] = [:]

    /// - Parameter take: sets calls aside for this replica; see ``APIUse/take(calls:of:apiKey:now:)``.
    init(
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        take: @escaping @Sendable (_ calls: Int, _ limit: Int, _ apiKey: String) async throws -> APIUse.Share
    ) {
        self.now = now
        self.take = take
    }

    /// Counts a call.
    ///
    /// - Parameter limit: calls within a minute; 0: any number.
    /// - Returns: nil; or how many seconds the key has to wait.
    func secondsToWait(_ apiKey: String, limit: Int) async throws -> Int? {
        guard limit > 0 else { return nil }
        while true {
            switch shares[apiKey] {
            case .usedUp(let until) where now() < until:
                return max(1, Int((until - now()).components.seconds) + 1)
            case .left(let calls, let until) where calls > 0 && now() < until:
                shares[apiKey] = .left(calls: calls - 1, until: until)
                return nil
            default: try await takeMore(apiKey, limit: limit)
            }
        }
    }

    /// Those who find nothing left at the same time take together.
    private func takeMore(_ apiKey: String, limit: Int) async throws {
        if let under = takes[apiKey] { return try await under.value }
        let task = Task {
            // Here and not after the wait for it: those who waited come back first, and are to take again, not to find this one.
            defer { takes[apiKey] = nil }
            let start = now()
            let share = try await take(max(1, limit / 20), limit, apiKey)
            let until = start + .seconds(share.seconds)
            shares[apiKey] = share.calls > 0 ? .left(calls: share.calls, until: until) : .usedUp(until: until)
        }
        takes[apiKey] = task
        try await task.value
    }
}
