import Queues
import Testing

@Suite("Pauses between attempts")
struct BackOffTests {
    static let mail = QueuePacing.mails.row

    @Test(
        "They double from half a minute to an hour",
        arguments: zip([1, 2, 3, 7, 8, 9, 100, Int.max], [30, 60, 120, 1920, 3600, 3600, 3600, 3600]))
    func doubling(attempt: Int, seconds: Int) {
        #expect(Self.mail.pause(afterAttempt: attempt, chance: 0) == .seconds(seconds))
        #expect(Self.mail.pause(afterAttempt: attempt, chance: 1) == .seconds(seconds) * 1.25)
    }
}
