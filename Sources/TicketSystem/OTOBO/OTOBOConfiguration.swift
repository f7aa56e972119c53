import Foundation

/// Where the desk's web service is, and how to speak to it.
public struct OTOBOConfiguration: Sendable {
    /// When to leave the desk alone, and for how long.
    public struct Breaker: Hashable, Sendable {
        /// Failures in a row that open the breaker.
        public var failuresToOpen: Int
        /// The first pause; each failed try doubles it.
        public var pause: Duration
        public var longestPause: Duration

        public init(
            failuresToOpen: Int = 5, pause: Duration = .seconds(5), longestPause: Duration = .seconds(60)
        ) {
            self.failuresToOpen = failuresToOpen
            self.pause = pause
            self.longestPause = longestPause
        }
    }

    /// Up to and including the web service's name: `https://desk.example/otobo/nph-genericinterface.pl/Webservice/Name`.
    public var url: String
    /// Login of an agent that may read all tickets that get links.
    public var login: String
    public var password: String
    /// The zone of the times that the desk writes (`OTOBOTimeZone`).
    public var timeZone: TimeZone
    /// For one request, from sending to the last byte of the answer.
    public var requestTimeout: Duration
    /// Requests under way at a time; more wait their turn within their own time.
    public var maximumConnections: Int
    /// Bytes of one answer.
    public var maximumAnswerSize: Int
    public var breaker: Breaker
    /// The first pause after a refused login; each further refusal doubles it.
    public var loginPause: Duration
    public var longestLoginPause: Duration

    public init(
        url: String, login: String, password: String, timeZone: TimeZone, requestTimeout: Duration = .seconds(3),
        maximumConnections: Int = 4, maximumAnswerSize: Int = 16 << 20, breaker: Breaker = Breaker(),
        loginPause: Duration = .seconds(2), longestLoginPause: Duration = .seconds(120)
    ) {
        var url = url
        // The web service answers HTTP 500 to doubled slashes.
        while url.hasSuffix("/") { url.removeLast() }
        self.url = url
        self.login = login
        self.password = password
        self.timeZone = timeZone
        self.requestTimeout = requestTimeout
        self.maximumConnections = maximumConnections
        self.maximumAnswerSize = maximumAnswerSize
        self.breaker = breaker
        self.loginPause = loginPause
        self.longestLoginPause = longestLoginPause
    }
}

extension OTOBOConfiguration: CustomStringConvertible {
    /// Without URL, login and password, so that nothing that holds a configuration prints them.
    public var description: String { "OTOBOConfiguration(\(timeZone.identifier))" }
}

/// The time, as the connector sees it; tests hand in their own.
public struct ConnectorClock: Sendable {
    /// The time of day.
    public var date: @Sendable () -> Date
    /// Since any fixed moment; never goes back and runs on while the machine sleeps.
    public var elapsed: @Sendable () -> Duration

    public init(date: @escaping @Sendable () -> Date, elapsed: @escaping @Sendable () -> Duration) {
        self.date = date
        self.elapsed = elapsed
    }

    /// The machine's clocks.
    public static var system: ConnectorClock {
        let start = ContinuousClock.now
        return ConnectorClock(date: { Date() }, elapsed: { start.duration(to: .now) })
    }
}
