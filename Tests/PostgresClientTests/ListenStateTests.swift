import Testing

@testable import PostgresClient

/// The state machine of a listening connection, driven without a socket and on an invented clock.
@Suite("State of a listening connection")
struct ListenStateTests {
    private static let start = ContinuousClock.now

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant { Self.start + .milliseconds(milliseconds) }

    private func fresh() -> ListenState {
        ListenState(
            roundTripEvery: .milliseconds(300), answerLimit: .seconds(2), connectTimeout: .seconds(5), now: Self.start)
    }

    /// Listening since 10 ms, with LISTEN sent then.
    private func listening() -> ListenState {
        var state = fresh()
        _ = state.handle(.timer, now: at(0))
        _ = state.handle(.connected, now: at(10))
        _ = state.handle(.answered, now: at(20))
        return state
    }

    @Test("It connects, listens, and confirms from the times at which questions were sent")
    func life() {
        var state = fresh()
        #expect(state.handle(.timer, now: at(0)) == .connect)
        #expect(state.handle(.connected, now: at(10)) == .sendListen)
        #expect(state.handle(.answered, now: at(20)) == .reportListening(sentAt: at(10)))
        #expect(state.handle(.timer, now: at(309)) == .wait)
        #expect(state.handle(.timer, now: at(310)) == .sendRoundTrip)
        #expect(state.handle(.answered, now: at(500)) == .reportConfirmed(sentAt: at(310)))
        #expect(state.handle(.timer, now: at(610)) == .sendRoundTrip)
    }

    @Test("An answer that takes longer than the limit is a loss, and the next attempt follows at once")
    func silence() {
        var state = listening()
        _ = state.handle(.timer, now: at(310))
        #expect(state.handle(.timer, now: at(2_309)) == .wait)
        #expect(state.handle(.timer, now: at(2_310)) == .disconnect(wasListening: true))
        #expect(state.handle(.timer, now: at(2_310)) == .connect)
    }

    @Test("A connection that breaks while nothing is asked is a loss too")
    func broken() {
        var state = listening()
        #expect(state.handle(.failed, now: at(100)) == .disconnect(wasListening: true))
        #expect(state.handle(.failed, now: at(100)) == .wait)
    }

    @Test("Attempts that fail are reported to nobody, and the pauses grow")
    func backoff() {
        var state = fresh()
        var now = Self.start
        var pauses: [Duration] = []
        for _ in 0..<8 {
            #expect(state.handle(.timer, now: now) == .connect)
            #expect(state.handle(.failed, now: now) == .disconnect(wasListening: false))
            pauses.append(state.timer - now)
            now = state.timer
        }
        #expect(pauses.first.map { $0 <= .milliseconds(100) } ?? false)
        #expect(pauses.last.map { $0 >= .milliseconds(2_500) && $0 <= .seconds(5) } ?? false)
    }

    @Test("A connection that is not made within its limit is given up")
    func connectTimeout() {
        var state = fresh()
        _ = state.handle(.timer, now: at(0))
        #expect(state.handle(.timer, now: at(4_999)) == .wait)
        #expect(state.handle(.timer, now: at(5_000)) == .disconnect(wasListening: false))
    }
}
