import Foundation
import OpenIDProvider
import Testing

private let schedule = KeySchedule(daysOfUse: 30)
private let hour = 3_600.0
private let day = 24 * hour

private func at(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 1_700_000_000 + seconds) }

private func key(_ kid: String, from firstUse: Double, published: Double? = nil, retired: Double? = nil)
    -> KeySchedule.StoredKey
{
    .init(kid: kid, publishedAt: at(published ?? firstUse - hour), firstUse: at(firstUse), retiredAt: retired.map(at))
}

private struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let keys: [KeySchedule.StoredKey]
    let now: Double
    var signing: String?
    var published: [String] = []
    var expired: [String] = []
    var next: Double?
    var testDescription: String { name }
}

private let pair = [key("a", from: 0), key("b", from: 30 * day)]

private let rows: [Row] = [
    Row(name: "without any key, one is made and signs at once", keys: [], now: 0, next: 0),
    Row(name: "a key in use", keys: [key("a", from: 0)], now: day, signing: "a", published: ["a"]),
    Row(
        name: "just before a successor is due", keys: [key("a", from: 0)], now: 30 * day - hour - 1, signing: "a",
        published: ["a"]),
    Row(
        name: "a successor is due an hour before its use", keys: [key("a", from: 0)], now: 30 * day - hour,
        signing: "a", published: ["a"], next: 30 * day),
    Row(
        name: "a late successor has its hour all the same, and the old key signs on", keys: [key("a", from: 0)],
        now: 31 * day, signing: "a", published: ["a"], next: 31 * day + hour),
    Row(
        name: "the successor is published and waits", keys: pair, now: 30 * day - 1, signing: "a",
        published: ["b", "a"]),
    Row(name: "the successor signs", keys: pair, now: 30 * day, signing: "b", published: ["b", "a"]),
    Row(
        name: "the old key stays a day", keys: pair, now: 31 * day - 1, signing: "b", published: ["b", "a"]),
    Row(name: "and goes", keys: pair, now: 31 * day, signing: "b", published: ["b"], expired: ["a"]),
    Row(
        name: "a key not yet published is not used", keys: [key("a", from: 0), key("b", from: 5, published: 5)], now: 4,
        signing: "a", published: ["a"], next: nil),
    Row(
        name: "a retired key stays published, and its successor signs before its time",
        keys: [key("a", from: 0, retired: 30 * day - 60), key("b", from: 30 * day)], now: 30 * day - 30,
        signing: "b", published: ["b", "a"]),
    Row(
        name: "a retired key without a successor: one is made and signs at once",
        keys: [key("a", from: 0, retired: day)], now: day, published: ["a"], next: day),
    Row(
        name: "a retired key goes a day later", keys: [key("a", from: 0, retired: day)], now: 2 * day,
        expired: ["a"], next: 2 * day),
    Row(
        name: "a successor retired before its use ends nothing",
        keys: [key("a", from: 0), key("b", from: 2 * day, retired: day + hour)], now: 5 * day, signing: "a",
        published: ["a"], expired: ["b"]),
    Row(
        name: "two keys of the same moment: every replica takes the same",
        keys: [key("b", from: 0), key("a", from: 0)],
        now: 1, signing: "b", published: ["b", "a"]),
]

@Suite struct KeyScheduleTests {
    @Test(arguments: rows)
    fileprivate func `keys are published, sign, and go in time`(row: Row) {
        for keys in [row.keys, row.keys.reversed()] {
            let state = schedule.state(of: keys, at: at(row.now))
            #expect(state.signing == row.signing)
            #expect(state.published == row.published)
            #expect(state.expired == row.expired)
            #expect(state.nextFirstUse == row.next.map(at))
        }
    }

    @Test func `over a year of hourly runs, no client meets a key it could not have seen`() throws {
        var keys: [KeySchedule.StoredKey] = []
        for run in 0..<(366 * 24) {
            let now = at(Double(run) * hour)
            if let first = schedule.state(of: keys, at: now).nextFirstUse {
                keys.append(.init(kid: String(format: "%04d", run), publishedAt: now, firstUse: first))
            }
            let state = schedule.state(of: keys, at: now)
            let signing = try #require(keys.first { $0.kid == state.signing })
            #expect(state.published.contains(signing.kid))
            #expect(signing.kid == keys[0].kid || signing.publishedAt <= now.addingTimeInterval(-hour))
            #expect(state.published.count <= 2)
            keys.removeAll { state.expired.contains($0.kid) }
        }
    }
}
