import Foundation
import Testing

@testable import TicketSystem

@Suite("The desk's times, which name no zone")
struct DeskTimeFormatTests {
    static let readings: [(zone: String, text: String, utc: String)] = [
        ("Europe/Berlin", "2026-11-25 02:51:55", "2026-11-25T01:51:55Z"),
        ("Europe/Berlin", "2026-07-01 12:00:00", "2026-07-01T10:00:00Z"),
        ("UTC", "2026-11-25 01:47:35", "2026-11-25T01:47:35Z"),
        ("Asia/Kolkata", "2024-02-29 00:00:00", "2024-02-28T18:30:00Z"),
        // Summer time ends on 25 October 2026 at 03:00: 02:30 occurs twice, the later one is meant.
        ("Europe/Berlin", "2026-10-25 01:59:59", "2026-10-24T23:59:59Z"),
        ("Europe/Berlin", "2026-10-25 02:00:00", "2026-10-25T01:00:00Z"),
        ("Europe/Berlin", "2026-10-25 02:30:00", "2026-10-25T01:30:00Z"),
        ("Europe/Berlin", "2026-10-25 03:00:00", "2026-10-25T02:00:00Z"),
        // It begins on 29 March 2026 at 02:00: 02:30 does not occur and moves forward to 03:30.
        ("Europe/Berlin", "2026-03-29 01:59:59", "2026-03-29T00:59:59Z"),
        ("Europe/Berlin", "2026-03-29 02:30:00", "2026-03-29T01:30:00Z"),
        ("Europe/Berlin", "2026-03-29 03:00:00", "2026-03-29T01:00:00Z"),
        // West of Greenwich, and with half an hour of summer time.
        ("America/New_York", "2026-11-01 01:30:00", "2026-11-01T06:30:00Z"),
        ("America/New_York", "2026-03-08 02:15:00", "2026-03-08T07:15:00Z"),
        ("Australia/Lord_Howe", "2026-04-05 01:45:00", "2026-04-04T15:15:00Z"),
    ]

    @Test("A time is read in the desk's zone", arguments: readings)
    func reading(_ row: (zone: String, text: String, utc: String)) throws {
        let format = DeskTimeFormat(timeZone: try #require(TimeZone(identifier: row.zone)))
        #expect(format.date(from: row.text)?.ISO8601Format() == row.utc)
    }

    @Test(
        "Whatever is no time is none",
        arguments: [
            "", "0000-00-00 00:00:00", "2026-02-29 00:00:00", "2026-13-01 00:00:00", "2026-11-31 00:00:00",
            "2026-11-25 24:00:00", "2026-11-25 23:60:00", "2026-11-25 23:59:60", "2026-11-25T01:47:35",
            "2026-11-25 01:47:35Z", "2026-11-25 1:47:35", " 2026-11-25 01:47:3", "2026-11-25 01:47:+5", "gestern",
        ])
    func rejection(_ text: String) {
        #expect(DeskTimeFormat(timeZone: .gmt).date(from: text) == nil)
    }

    @Test("Foundation's calendar agrees on every hour of four years")
    func agreesWithFoundation() throws {
        let format = DeskTimeFormat(timeZone: .gmt)
        let calendar = Date.ISO8601FormatStyle(dateTimeSeparator: .space).year().month().day()
            .time(includingFractionalSeconds: false).timeSeparator(.colon).dateSeparator(.dash)
        for hour in 0..<(4 * 366 * 24) {
            let date = Date(timeIntervalSince1970: 1_767_225_600 + Double(hour) * 3_600)
            guard format.date(from: calendar.format(date)) == date else {
                Issue.record("\(calendar.format(date)) is read differently")
                return
            }
        }
    }
}
