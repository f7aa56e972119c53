/// What a listening connection is doing: a pure state machine. Events go in, and the owner of the socket does what
/// comes out.
struct ListenState {
    typealias Instant = ContinuousClock.Instant

    enum Phase: Equatable {
        /// No connection; the next attempt is due then. Becomes `connecting`.
        case waiting(until: Instant)
        /// Becomes `starting`, or `waiting`.
        case connecting(until: Instant)
        /// LISTEN is on its way. Becomes `expectingNotice`, or `asking`, or `waiting`.
        case starting(sentAt: Instant)
        /// Another connection commits a notice for this one, which sends nothing meanwhile: a pooler in transaction mode has given the
        /// server's connection away by now, and the notice goes astray. Becomes `asking`, or `waiting`.
        case expectingNotice(since: Instant, isSent: Bool)
        /// Listening. Becomes `asking` when the next round trip is due, or `waiting`.
        case idle(nextRoundTrip: Instant)
        /// A round trip is on its way. Becomes `idle`, or `waiting`.
        case asking(sentAt: Instant)
    }

    enum Event {
        case timer
        case connected
        /// The server has answered LISTEN.
        case listenAnswered
        /// The notice was committed on another connection.
        case noticeSent
        /// The notice has arrived.
        case noticeHeard
        /// The server has answered a round trip; true if the same server process as before LISTEN listens on every channel.
        case roundTripAnswered(isProof: Bool)
        /// The connection broke, could not be made, or the server refused.
        case failed
    }

    enum Action: Equatable {
        case wait
        case connect
        case sendListen
        /// Let another connection commit a notice for this one.
        case requestNotice
        case sendRoundTrip
        /// Notifications that arrived before the answer have to be delivered first.
        case reportListening(sentAt: Instant)
        /// Notifications that arrived before the answer have to be delivered first.
        case reportConfirmed(sentAt: Instant)
        /// Close the connection; tell the receiver if it had been told that it listens.
        case disconnect(wasListening: Bool)
        /// The same, and tell the receiver that the connection reaches the database and does not hear of commits.
        case giveUp(wasListening: Bool)
    }

    /// How long a committed notice may take, and after how long a connection that did not hear is tried again.
    static let noticeLimit = Duration.seconds(5)
    static let pauseUnproven = Duration.seconds(60)
    /// How long another connection may take to commit the notice.
    private static let sendLimit = Duration.seconds(20)

    private(set) var phase: Phase
    /// True once this connection was proved to listen.
    private var isProven = false
    let roundTripEvery: Duration
    let answerLimit: Duration
    let connectTimeout: Duration
    /// Whether there is another connection that can commit a notice.
    let canRequestNotice: Bool
    private var backoff = Backoff()

    init(
        roundTripEvery: Duration, answerLimit: Duration, connectTimeout: Duration, canRequestNotice: Bool = false,
        now: Instant
    ) {
        self.roundTripEvery = roundTripEvery
        self.answerLimit = answerLimit
        self.connectTimeout = connectTimeout
        self.canRequestNotice = canRequestNotice
        phase = .waiting(until: now)
    }

    /// When the next ``Event/timer`` is due.
    var timer: Instant {
        switch phase {
        case .waiting(let until), .connecting(let until): until
        case .idle(let nextRoundTrip): nextRoundTrip
        case .starting(let sentAt), .asking(let sentAt): sentAt + answerLimit
        case .expectingNotice(let since, let isSent): since + (isSent ? Self.noticeLimit : Self.sendLimit)
        }
    }

    mutating func handle(_ event: Event, now: Instant) -> Action {
        switch (event, phase) {
        case (.timer, _) where now < timer:
            return .wait
        case (.timer, .waiting):
            phase = .connecting(until: now + connectTimeout)
            isProven = false
            return .connect
        case (.timer, .idle):
            phase = .asking(sentAt: now)
            return .sendRoundTrip
        case (.connected, .connecting):
            phase = .starting(sentAt: now)
            return .sendListen
        case (.listenAnswered, .starting) where canRequestNotice:
            phase = .expectingNotice(since: now, isSent: false)
            return .requestNotice
        case (.listenAnswered, .starting), (.noticeHeard, .expectingNotice):
            phase = .asking(sentAt: now)
            return .sendRoundTrip
        case (.noticeSent, .expectingNotice):
            phase = .expectingNotice(since: now, isSent: true)
            return .wait
        case (.roundTripAnswered(isProof: true), .asking(let sentAt)):
            phase = .idle(nextRoundTrip: sentAt + roundTripEvery)
            if isProven { return .reportConfirmed(sentAt: sentAt) }
            isProven = true
            backoff.reset()
            return .reportListening(sentAt: sentAt)
        case (.roundTripAnswered(isProof: false), .asking), (.timer, .expectingNotice(_, isSent: true)):
            phase = .waiting(until: now + Self.pauseUnproven)
            return .giveUp(wasListening: isProven)
        case (.failed, .waiting):
            return .wait
        case (.timer, .connecting), (.timer, .starting), (.timer, .expectingNotice), (.timer, .asking), (.failed, _):
            // After a loss the first attempt follows at once: most often one connection broke and the server is well.
            phase = .waiting(until: isProven ? now : now + backoff.pause())
            return .disconnect(wasListening: isProven)
        case (.connected, _), (.listenAnswered, _), (.noticeSent, _), (.noticeHeard, _), (.roundTripAnswered, _):
            return .wait
        }
    }
}
