import Foundation

extension Catalogue {
    /// How moments are written. Our own and not ICU's, whose output changes between versions.
    struct DateTexts: Sendable {
        /// January to December.
        let months: [String]
        let moment: Wording<DateField>
        /// A moment with its distance from UTC.
        let momentWithZone: Wording<ZonedField>
    }

    enum DateField: Hashable, Sendable { case day, month, year, hour, minute }
    enum ZonedField: Hashable, Sendable { case moment, zone }

    /// Day and time to the minute: "25 November 2026, 14:30".
    public func moment(_ date: Date, in zone: TimeZone) -> String { moment(date, in: zone, toTheSecond: false) }

    private func moment(_ date: Date, in zone: TimeZone, toTheSecond isToTheSecond: Bool) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        return dates.moment.filled { field in
            switch field {
            case .day: String(parts.day ?? 0)
            case .month: dates.months[((parts.month ?? 1) - 1) % dates.months.count]
            case .year: String(parts.year ?? 0)
            case .hour: Self.twoDigits(parts.hour ?? 0)
            case .minute:
                Self.twoDigits(parts.minute ?? 0) + (isToTheSecond ? ":" + Self.twoDigits(parts.second ?? 0) : "")
            }
        }
    }

    /// As ``moment(_:in:)``, to the second: "25 November 2026, 14:30:05".
    public func momentToTheSecond(_ date: Date, in zone: TimeZone) -> String {
        moment(date, in: zone, toTheSecond: true)
    }

    /// As ``moment(_:in:)``, with the distance from UTC, for readers who may be anywhere:
    /// "25 November 2026, 14:30 (UTC+1)".
    public func momentWithZone(_ date: Date, in zone: TimeZone) -> String {
        dates.momentWithZone.filled { field in
            switch field {
            case .moment: moment(date, in: zone)
            case .zone: Self.distanceFromUTC(zone.secondsFromGMT(for: date))
            }
        }
    }

    private static func distanceFromUTC(_ seconds: Int) -> String {
        guard seconds != 0 else { return "UTC" }
        let minutes = abs(seconds) / 60
        let rest = minutes % 60 == 0 ? "" : ":" + twoDigits(minutes % 60)
        return "UTC" + (seconds < 0 ? "-" : "+") + String(minutes / 60) + rest
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
