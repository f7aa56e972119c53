/// Keeps callers away from a desk that does not answer, and lets a single one look whether it has recovered.
///
/// A value without clock or input: the owner says what time it is and how an exchange ended. Times are durations
/// since any fixed moment. Only transport trouble counts; a desk that answers with an error is a healthy one.
struct CircuitBreaker: Equatable {
    /// When to open, and for how long.
    struct Settings: Hashable, Sendable {
        /// Failures in a row that open the breaker.
        var failuresToOpen: Int
        /// The first pause.
        var pause: Duration
        /// Each failed try doubles the pause up to this.
        var longestPause: Duration
        /// A try that has not ended by then is given up, so that its death does not keep the breaker shut for good.
        var longestTrial: Duration
    }

    /// Leave to make one exchange, to be handed back with its outcome.
    struct Permit: Equatable, Sendable {
        fileprivate var period: Int
        /// The single exchange of a half-open breaker.
        fileprivate(set) var isTrial: Bool
    }

    enum Admission: Equatable, Sendable {
        case permitted(Permit)
        case refused(retryAfter: Duration)
    }

    enum Outcome: Sendable {
        /// The desk answered, be it with an error.
        case answered
        /// Connection, time-out or gateway trouble.
        case failed
        /// The caller gave up; nothing was learnt.
        case abandoned
    }

    enum State: Equatable {
        /// Business as usual. Becomes `open` after the last of too many failures in a row.
        case closed(failures: Int)
        /// Refuses everyone. Becomes `halfOpen` with the first caller after `until`.
        case open(until: Duration, pause: Duration)
        /// One exchange is under way, all others are refused. Becomes `closed` if it is answered, `open` for longer
        /// if it fails; a new trial begins if it was abandoned or has not ended by `giveUpAt`.
        case halfOpen(giveUpAt: Duration, pause: Duration)
    }

    private(set) var state: State = .closed(failures: 0)
    let settings: Settings
    /// Counts the changes of state, so that an outcome that belongs to an earlier state changes nothing.
    private var period = 0

    init(settings: Settings) {
        self.settings = settings
    }

    /// How long callers would be refused as of now; nil when one would be let through.
    func refusal(at now: Duration) -> Duration? {
        switch state {
        case .closed: nil
        case .open(let end, _), .halfOpen(let end, _): now < end ? end - now : nil
        }
    }

    /// Asks for leave to make an exchange.
    mutating func admit(at now: Duration) -> Admission {
        if let retryAfter = refusal(at: now) { return .refused(retryAfter: retryAfter) }
        switch state {
        case .closed:
            return .permitted(Permit(period: period, isTrial: false))
        case .open(_, let pause), .halfOpen(_, let pause):
            change(to: .halfOpen(giveUpAt: now + settings.longestTrial, pause: pause))
            return .permitted(Permit(period: period, isTrial: true))
        }
    }

    /// Takes note of how an exchange ended.
    mutating func record(_ outcome: Outcome, of permit: Permit, at now: Duration) {
        guard permit.period == period else { return }
        switch (state, outcome) {
        case (.closed, .answered):
            state = .closed(failures: 0)
        case (.closed(let failures), .failed):
            if failures + 1 >= settings.failuresToOpen {
                open(at: now, pause: settings.pause)
            } else {
                state = .closed(failures: failures + 1)
            }
        case (.halfOpen, .answered):
            change(to: .closed(failures: 0))
        case (.halfOpen(_, let pause), .failed):
            open(at: now, pause: min(pause * 2, settings.longestPause))
        case (.halfOpen(_, let pause), .abandoned):
            change(to: .open(until: now, pause: pause))
        case (.closed, .abandoned), (.open, _):
            break
        }
    }

    private mutating func open(at now: Duration, pause: Duration) {
        change(to: .open(until: now + pause, pause: pause))
    }

    private mutating func change(to state: State) {
        self.state = state
        period += 1
    }
}
