import Foundation

/// Reads the desk's times: `yyyy-MM-dd HH:mm:ss` in the desk's configured zone, which they do not name.
///
/// At the end of summer time an hour occurs twice, and a text within it has two readings: the *later* one is
/// taken, since these times start the days after which links die, and a link must not die early. At the beginning of
/// summer time an hour is missing: a text within it, which the desk should never write, moves forward by that hour.
public struct DeskTimeFormat: Hashable, Sendable {
    let timeZone: TimeZone

    /// For a desk that writes its times in that zone.
    public init(timeZone: TimeZone) { self.timeZone = timeZone }

    /// Nil for anything that is not a date and time of the calendar.
    public func date(from text: String) -> Date? {
        guard let wallClock = Self.secondsOnWallClock(text) else { return nil }
        // The offsets of a day before and a day after are all that can apply: zones do not change twice in two days.
        let candidates = [-86_400.0, 86_400.0].map { shift in
            let offset = timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: wallClock + shift))
            return Date(timeIntervalSince1970: wallClock - Double(offset))
        }
        let readings = candidates.filter { candidate in
            Double(timeZone.secondsFromGMT(for: candidate)) + candidate.timeIntervalSince1970 == wallClock
        }
        return (readings.isEmpty ? candidates : readings).max()
    }

    /// The seconds between 1970 and the time as if it were in UTC.
    private static func secondsOnWallClock(_ text: String) -> Double? {
        let bytes = Array(text.utf8)
        let separators = [(4, "-"), (7, "-"), (10, " "), (13, ":"), (16, ":")]
        guard bytes.count == 19, separators.allSatisfy({ bytes[$0.0] == $0.1.utf8.first }),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
            let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
            (1970...9999).contains(year), (1...12).contains(month), (1...daysIn(month: month, of: year)).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second)
        else { return nil }
        let days = daysBefore(year: year) + (1..<month).reduce(0) { $0 + daysIn(month: $1, of: year) } + day - 1
        return Double(((days * 24 + hour) * 60 + minute) * 60 + second)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        digits.reduce(0) { value, byte in
            guard let value, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            return value * 10 + Int(byte - UInt8(ascii: "0"))
        }
    }

    /// Days between 1970-01-01 and the first day of the year.
    private static func daysBefore(year: Int) -> Int {
        func leapDays(before year: Int) -> Int { (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 }
        return (year - 1970) * 365 + leapDays(before: year) - leapDays(before: 1970)
    }

    private static func daysIn(month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
