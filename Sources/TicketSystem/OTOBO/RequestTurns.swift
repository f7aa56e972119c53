/// Lets a bounded number of requests run at a time; the others wait in line, each for a bounded time.
///
/// The line is fair. The more urgent purpose goes first; of one purpose, the party that was served least recently. A party has a quarter
/// of the turns at the most, so that a hundred requests of one session leave room for everybody else. One turn is kept for sign-ins,
/// and what nobody waits for has half of them.
actor RequestTurns {
    private enum Wait {
        case turn, expired, cancelled
    }

    private struct Waiting {
        let id: Int
        let caller: DeskCaller
        let continuation: CheckedContinuation<Wait, Never>
    }

    /// Beyond this a request is told at once that it would wait too long.
    private static let longestLine = 1_000
    /// So many turns in a row go to the more urgent while something else waits.
    private static let longestPrecedence = 8

    private let limit: Int
    private var running = 0
    private var runningByPurpose: [DeskCaller.Purpose: Int] = [:]
    private var runningByParty: [String: Int] = [:]
    /// When each party was served last, counted in turns; those who are in no particular party share one entry.
    private var lastServed: [String?: Int] = [:]
    private var served = 0
    /// Turns in a row that passed over somebody less urgent.
    private var precedence = 0
    private var line: [Waiting] = []
    private var nextID = 0

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// How many wait in line.
    var waiting: Int { line.count }

    /// Waits for a turn; it must be handed back with ``leave(_:)``.
    ///
    /// False when none came within the time. Throws `CancellationError` and holds no turn when the task is cancelled.
    func enter(_ caller: DeskCaller, within patience: Duration) async throws -> Bool {
        try Task.checkCancellation()
        if mayRun(caller) {
            begin(caller)
            return true
        }
        guard line.count < Self.longestLine else { return false }
        let id = nextID
        nextID += 1
        let alarm = Task {
            try await Task.sleep(for: patience)
            self.end(id, with: .expired)
        }
        defer { alarm.cancel() }
        let wait = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // The handler may have run before there was anything to end.
                if Task.isCancelled {
                    continuation.resume(returning: Wait.cancelled)
                } else {
                    line.append(Waiting(id: id, caller: caller, continuation: continuation))
                }
            }
        } onCancel: {
            Task { await self.end(id, with: .cancelled) }
        }
        switch wait {
        case .turn: return true
        case .expired: return false
        case .cancelled: throw CancellationError()
        }
    }

    /// Hands a turn back, to whom it is due next.
    func leave(_ caller: DeskCaller) {
        running -= 1
        runningByPurpose[caller.purpose, default: 1] -= 1
        if let party = caller.party {
            let left = runningByParty[party, default: 1] - 1
            runningByParty[party] = left > 0 ? left : nil
        }
        while let index = next() {
            let waiting = line.remove(at: index)
            begin(waiting.caller)
            waiting.continuation.resume(returning: .turn)
        }
    }

    private func end(_ id: Int, with wait: Wait) {
        guard let index = line.firstIndex(where: { $0.id == id }) else { return }
        line.remove(at: index).continuation.resume(returning: wait)
    }

    // MARK: Whose turn it is

    private func begin(_ caller: DeskCaller) {
        running += 1
        runningByPurpose[caller.purpose, default: 0] += 1
        if let party = caller.party { runningByParty[party, default: 0] += 1 }
        let isPassingOver = line.contains { $0.caller.purpose > caller.purpose && isWithinShares($0.caller) }
        precedence = isPassingOver ? precedence + 1 : 0
        served += 1
        // What was forgotten counts as served long ago, which is true of nearly all of them.
        if lastServed.count > Self.longestLine { lastServed = [:] }
        lastServed[caller.party] = served
    }

    private func mayRun(_ caller: DeskCaller) -> Bool { running < limit && isWithinShares(caller) }

    private func isWithinShares(_ caller: DeskCaller) -> Bool {
        if let party = caller.party, runningByParty[party, default: 0] >= max(1, limit / 4) { return false }
        guard caller.purpose != .signIn else { return true }
        let others = running - runningByPurpose[.signIn, default: 0]
        return others < max(1, limit - 1) && runningByPurpose[caller.purpose, default: 0] < share(of: caller.purpose)
    }

    private func share(of purpose: DeskCaller.Purpose) -> Int {
        switch purpose {
        case .signIn: limit
        case .page, .answer: max(1, limit - 1)
        case .attachment, .background: max(1, limit / 2)
        }
    }

    /// Where in the line the next stands who may run.
    private func next() -> Int? {
        let candidates = line.indices.filter { mayRun(line[$0].caller) }
        func rank(_ index: Int) -> (Int, Int, Int) {
            let caller = line[index].caller
            let urgency = precedence >= Self.longestPrecedence ? -caller.purpose.rawValue : caller.purpose.rawValue
            return (urgency, lastServed[caller.party] ?? 0, line[index].id)
        }
        return candidates.min { rank($0) < rank($1) }
    }
}
