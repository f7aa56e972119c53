/// What a listening connection is doing: a pure state machine. Events go in, and the owner of the socket does what
/// comes out.
struct ListenState {
    typealias Instant = ContinuousClock.Instant

    enum Phase: Equatable {
        /// No connection; the next attempt is due then. Becomes `connecting`.
        case waiting(until: Instant)
        /// Becomes `starting`, or `waiting`.
        case connecting(until: Instant)
        /// LISTEN is on its way. Becomes `idle`, or `waiting`.
        case starting(sentAt: Instant)
        /// Listening. Becomes `asking` when the next round trip is due, or `waiting`.
        case idle(nextRoundTrip: Instant)
        /// A round trip is on its way. Becomes `idle`, or `waiting`.
        case asking(sentAt: Instant)
    }

    enum Event {
        case timer
        case connected
        /// The server has answered everything that was sent.
        case answered
        /// The connection broke, could not be made, or the server refused.
        case failed
    }

    enum Action: Equatable {
        case wait
        case connect
        case sendListen
        case sendRoundTrip
        /// Notifications that arrived before the answer have to be delivered first.
        case reportListening(sentAt: Instant)
        /// Notifications that arrived before the answer have to be delivered first.
        case reportConfirmed(sentAt: Instant)
        /// Close the connection; tell the receiver if it had been told that it listens.
        case disconnect(wasListening: Bool)
    }

    private(set) var phase: Phase
    let roundTripEvery: Duration
    let answerLimit: Duration
    let connectTimeout: Duration
    private var backoff = Backoff()

    init(roundTripEvery: Duration, answerLimit: Duration, connectTimeout: Duration, now: Instant) {
        self.roundTripEvery = roundTripEvery
        self.answerLimit = answerLimit
        self.connectTimeout = connectTimeout
        phase = .waiting(until: now)
    }

    /// When the next ``Event/timer`` is due.
    var timer: Instant {
        switch phase {
        case .waiting(let until), .connecting(let until): until
        case .idle(let nextRoundTrip): nextRoundTrip
        case .starting(let sentAt), .asking(let sentAt): sentAt + answerLimit
        }
    }

    mutating func handle(_ event: Event, now: Instant) -> Action {
        switch (event, phase) {
        case (.timer, _) where now < timer:
            return .wait
        case (.timer, .waiting):
            phase = .connecting(until: now + connectTimeout)
            return .connect
        case (.timer, .idle):
            phase = .asking(sentAt: now)
            return .sendRoundTrip
        case (.connected, .connecting):
            phase = .starting(sentAt: now)
            return .sendListen
        case (.answered, .starting(let sentAt)):
            backoff.reset()
            phase = .idle(nextRoundTrip: sentAt + roundTripEvery)
            return .reportListening(sentAt: sentAt)
        case (.answered, .asking(let sentAt)):
            phase = .idle(nextRoundTrip: sentAt + roundTripEvery)
            return .reportConfirmed(sentAt: sentAt)
        case (.failed, .waiting):
            return .wait
        case (.timer, .connecting), (.timer, .starting), (.failed, .connecting), (.failed, .starting):
            phase = .waiting(until: now + backoff.pause())
            return .disconnect(wasListening: false)
        case (.timer, .asking), (.failed, .idle), (.failed, .asking):
            // The first attempt follows at once: most often one connection broke and the server is well.
            phase = .waiting(until: now)
            return .disconnect(wasListening: true)
        case (.connected, _), (.answered, _):
            return .wait
        }
    }
}
