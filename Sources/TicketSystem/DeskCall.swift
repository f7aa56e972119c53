/// A call of the desk that has ended.
public struct DeskCall: Sendable, Hashable {
    /// Such as `TicketGet`.
    public let operation: String
    /// `answered`, `abandoned` if the caller gave up, or the word of what went wrong.
    public let outcome: String
    /// The wait for a turn included.
    public let duration: Duration
}

/// How the desk stands, as a connector sees it.
public struct DeskStanding: Sendable, Hashable {
    /// The desk failed so often that callers are refused at once.
    public let isLeftAlone: Bool
    /// Calls that wait for their turn.
    public let waitingCalls: Int

    public init(isLeftAlone: Bool, waitingCalls: Int) {
        self.isLeftAlone = isLeftAlone
        self.waitingCalls = waitingCalls
    }
}

extension TicketSystemError.Kind {
    /// One word, of few, for those who count.
    public var word: String {
        switch self {
        case .unreachable: "unreachable"
        case .untrusted, .plainPort: "untrusted"
        case .misconfigured: "misconfigured"
        case .timedOut: "timed-out"
        case .gateway: "gateway"
        case .circuitOpen: "left-alone"
        case .loginRefused: "login-refused"
        case .serviceMissing: "service-missing"
        case .operationMissing: "operation-missing"
        case .refused: "refused"
        case .invisible: "invisible"
        case .badAnswer: "bad-answer"
        }
    }
}
