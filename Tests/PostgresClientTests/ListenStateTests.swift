import Testing

@testable import PostgresClient

/// The state machine of a listening connection, driven without a socket and on an invented clock.
@Suite("State of a listening connection")
struct ListenStateTests {
    private static let start = ContinuousClock.now

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant { Self.start + .milliseconds(milliseconds) }

    private func fresh(canRequestNotice: Bool = false) -> ListenState {
        ListenState(
            roundTripEvery: .milliseconds(300), answerLimit: .seconds(2), connectTimeout: .seconds(5),
            canRequestNotice: canRequestNotice, now: Self.start)
    }

    /// Listening since 20 ms, with the round trip that proves it sent then.
    private func listening() -> ListenState {
        var state = fresh()
        _ = state.handle(.timer, now: at(0))
        _ = state.handle(.connected, now: at(10))
        _ = state.handle(.listenAnswered, now: at(20))
        _ = state.handle(.roundTripAnswered(isProof: true), now: at(30))
        return state
    }

    /// LISTEN was answered, and a notice was asked for at 20 ms.
    private func expectingNotice() -> ListenState {
        var state = fresh(canRequestNotice: true)
        _ = state.handle(.timer, now: at(0))
        _ = state.handle(.connected, now: at(10))
        _ = state.handle(.listenAnswered, now: at(20))
        return state
    }

    @Test("It connects, listens, and confirms from the times at which questions were sent")
    func life() {
        var state = fresh()
        #expect(state.handle(.timer, now: at(0)) == .connect)
        #expect(state.handle(.connected, now: at(10)) == .sendListen)
        #expect(state.handle(.listenAnswered, now: at(20)) == .sendRoundTrip)
        #expect(state.handle(.roundTripAnswered(isProof: true), now: at(30)) == .reportListening(sentAt: at(20)))
        #expect(state.handle(.timer, now: at(319)) == .wait)
        #expect(state.handle(.timer, now: at(320)) == .sendRoundTrip)
        #expect(state.handle(.roundTripAnswered(isProof: true), now: at(500)) == .reportConfirmed(sentAt: at(320)))
        #expect(state.handle(.timer, now: at(620)) == .sendRoundTrip)
    }

    @Test("Where another connection can commit a notice, nothing is sent before it has arrived, and nothing counts")
    func notice() {
        var state = fresh(canRequestNotice: true)
        _ = state.handle(.timer, now: at(0))
        _ = state.handle(.connected, now: at(10))
        #expect(state.handle(.listenAnswered, now: at(20)) == .requestNotice)
        #expect(state.handle(.timer, now: at(1_000)) == .wait)
        #expect(state.handle(.noticeSent, now: at(1_000)) == .wait)
        #expect(state.handle(.noticeHeard, now: at(1_010)) == .sendRoundTrip)
        #expect(state.handle(.noticeHeard, now: at(1_011)) == .wait)
        #expect(state.handle(.roundTripAnswered(isProof: true), now: at(1_020)) == .reportListening(sentAt: at(1_010)))
        // It may also arrive before its sender knows that it was committed.
        state = expectingNotice()
        #expect(state.handle(.noticeHeard, now: at(30)) == .sendRoundTrip)
        #expect(state.handle(.noticeSent, now: at(31)) == .wait)
        #expect(state.handle(.roundTripAnswered(isProof: true), now: at(40)) == .reportListening(sentAt: at(30)))
    }

    @Test("A notice that was committed and does not arrive proves that the connection does not listen")
    func unheard() {
        var state = expectingNotice()
        _ = state.handle(.noticeSent, now: at(100))
        #expect(state.handle(.timer, now: at(5_099)) == .wait)
        #expect(state.handle(.timer, now: at(5_100)) == .giveUp(wasListening: false))
        #expect(state.handle(.timer, now: at(65_099)) == .wait)
        #expect(state.handle(.timer, now: at(65_100)) == .connect)
    }

    @Test("A notice that could not be committed proves nothing")
    func unsent() {
        var state = expectingNotice()
        #expect(state.handle(.failed, now: at(5_000)) == .disconnect(wasListening: false))
        state = expectingNotice()
        #expect(state.handle(.timer, now: at(20_019)) == .wait)
        #expect(state.handle(.timer, now: at(20_020)) == .disconnect(wasListening: false))
    }

    @Test("Another server process, or one that no longer listens, is not this connection's")
    func otherProcess() {
        var state = listening()
        _ = state.handle(.timer, now: at(320))
        #expect(state.handle(.roundTripAnswered(isProof: false), now: at(330)) == .giveUp(wasListening: true))
        #expect(state.handle(.timer, now: at(60_329)) == .wait)
        #expect(state.handle(.timer, now: at(60_330)) == .connect)
    }

    @Test("An answer that takes longer than the limit is a loss, and the next attempt follows at once")
    func silence() {
        var state = listening()
        _ = state.handle(.timer, now: at(320))
        #expect(state.handle(.timer, now: at(2_319)) == .wait)
        #expect(state.handle(.timer, now: at(2_320)) == .disconnect(wasListening: true))
        #expect(state.handle(.timer, now: at(2_320)) == .connect)
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
