import Catalogue
import Foundation
import Testing

@Suite("Dates")
struct DateTests {
    private static let table: [(seconds: Double, zone: String, english: String, german: String)] = [
        (
            1_795_611_600, "Europe/Berlin", "25 November 2026, 14:00 (UTC+1)", "25. November 2026, 14:00 Uhr (UTC+1)"
        ),
        (1_795_611_600, "GMT", "25 November 2026, 13:00 (UTC)", "25. November 2026, 13:00 Uhr (UTC)"),
        (
            1_795_611_600, "Asia/Kolkata", "25 November 2026, 18:30 (UTC+5:30)",
            "25. November 2026, 18:30 Uhr (UTC+5:30)"
        ),
        (1_795_611_600, "America/New_York", "25 November 2026, 08:00 (UTC-5)", "25. November 2026, 08:00 Uhr (UTC-5)"),
        // The two sides of the change to summer time in Berlin.
        (1_774_745_999, "Europe/Berlin", "29 March 2026, 01:59 (UTC+1)", "29. März 2026, 01:59 Uhr (UTC+1)"),
        (1_774_746_000, "Europe/Berlin", "29 March 2026, 03:00 (UTC+2)", "29. März 2026, 03:00 Uhr (UTC+2)"),
        (1_709_164_800, "GMT", "29 February 2024, 00:00 (UTC)", "29. Februar 2024, 00:00 Uhr (UTC)"),
        (0, "GMT", "1 January 1970, 00:00 (UTC)", "1. Januar 1970, 00:00 Uhr (UTC)"),
    ]

    @Test("are written out, to the minute", arguments: table)
    func written(seconds: Double, zone: String, english: String, german: String) throws {
        let date = Date(timeIntervalSince1970: seconds)
        let zone = try #require(TimeZone(identifier: zone))
        #expect(Catalogue(for: .english).momentWithZone(date, in: zone) == english)
        #expect(Catalogue(for: .german).momentWithZone(date, in: zone) == german)
        #expect(english.hasPrefix(Catalogue(for: .english).moment(date, in: zone)))
    }

    @Test("name each month", arguments: 1...12)
    func months(month: Int) throws {
        let date = try #require(
            Calendar(identifier: .gregorian).date(
                from: DateComponents(timeZone: .gmt, year: 2026, month: month, day: 15)))
        let english = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November",
            "December",
        ]
        let german = [
            "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
            "Dezember",
        ]
        #expect(Catalogue(for: .english).moment(date, in: .gmt) == "15 \(english[month - 1]) 2026, 00:00")
        #expect(Catalogue(for: .german).moment(date, in: .gmt) == "15. \(german[month - 1]) 2026, 00:00 Uhr")
    }
}
