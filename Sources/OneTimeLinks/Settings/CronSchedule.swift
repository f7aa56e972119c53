import Foundation

/// Five fields of a crontab: minute, hour, day of month, month, day of week.
///
/// Lists, ranges, steps and the English names of months and days are understood, and `@daily` with its kin. As in
/// crontab(5), a day matches when either day field matches, if both are restricted.
public struct CronSchedule: Hashable, Sendable {
    private let minutes: Set<Int>
    private let hours: Set<Int>
    private let daysOfMonth: Set<Int>
    private let months: Set<Int>
    private let daysOfWeek: Set<Int>
    private let isAnyDayOfMonth: Bool
    private let isAnyDayOfWeek: Bool

    /// Nil when the text is not a schedule, or names days that no year has.
    public init?(_ text: String) {
        let expanded = Self.nicknames[text.trimmingCharacters(in: .whitespaces)] ?? text
        let fields = expanded.split(whereSeparator: \.isWhitespace)
        guard fields.count == 5,
            let minutes = Self.values(fields[0], in: 0...59),
            let hours = Self.values(fields[1], in: 0...23),
            let daysOfMonth = Self.values(fields[2], in: 1...31),
            let months = Self.values(fields[3], in: 1...12, names: Self.monthNames, firstName: 1),
            let daysOfWeek = Self.values(fields[4], in: 0...7, names: Self.dayNames, firstName: 0)
        else { return nil }
        self.minutes = minutes
        self.hours = hours
        self.daysOfMonth = daysOfMonth
        self.months = months
        self.daysOfWeek = Set(daysOfWeek.map { $0 % 7 })
        isAnyDayOfMonth = fields[2].hasPrefix("*")
        isAnyDayOfWeek = fields[4].hasPrefix("*")
        guard !isAnyDayOfWeek || months.contains(where: { (daysOfMonth.min() ?? 32) <= Self.longest[$0 - 1] }) else {
            return nil
        }
    }

    /// The first due time after `date`, in the given zone; nil when there is none within nine years.
    ///
    /// A local time that the change to summer time skips is due at the moment of the change; one that occurs twice in
    /// autumn is due once, the first time.
    public func next(after date: Date, in zone: TimeZone) -> Date? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        var day = calendar.startOfDay(for: date)
        for _ in 0..<(366 * 9) {
            if let due = dueTimes(on: day, calendar).first(where: { $0 > date }) { return due }
            guard let middle = calendar.date(byAdding: .hour, value: 36, to: day) else { return nil }
            day = calendar.startOfDay(for: middle)
        }
        return nil
    }

    /// The last due time at or before `date`, within the last nine years.
    public func last(atOrBefore date: Date, in zone: TimeZone) -> Date? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        var day = calendar.startOfDay(for: date)
        for _ in 0..<(366 * 9) {
            if let due = dueTimes(on: day, calendar).last(where: { $0 <= date }) { return due }
            guard let before = calendar.date(byAdding: .hour, value: -12, to: day) else { return nil }
            day = calendar.startOfDay(for: before)
        }
        return nil
    }

    // MARK: -

    private func dueTimes(on day: Date, _ calendar: Calendar) -> [Date] {
        let parts = calendar.dateComponents([.day, .month, .weekday], from: day)
        guard let dayOfMonth = parts.day, let month = parts.month, let weekday = parts.weekday,
            months.contains(month), matches(dayOfMonth: dayOfMonth, dayOfWeek: weekday - 1)
        else { return [] }
        let times = hours.sorted().flatMap { hour in
            minutes.sorted().compactMap { minute in
                calendar.date(
                    bySettingHour: hour, minute: minute, second: 0, of: day, matchingPolicy: .nextTime,
                    repeatedTimePolicy: .first)
            }
        }
        return Array(Set(times)).sorted()
    }

    private func matches(dayOfMonth: Int, dayOfWeek: Int) -> Bool {
        let byMonth = daysOfMonth.contains(dayOfMonth)
        let byWeek = daysOfWeek.contains(dayOfWeek)
        return isAnyDayOfMonth || isAnyDayOfWeek ? byMonth && byWeek : byMonth || byWeek
    }

    private static func values(
        _ field: Substring, in range: ClosedRange<Int>, names: [String] = [], firstName: Int = 0
    ) -> Set<Int>? {
        func number(_ text: Substring) -> Int? {
            if let index = names.firstIndex(of: text.lowercased()) { return index + firstName }
            guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
            return Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
        var result = Set<Int>()
        for item in field.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let step = parts.count == 2 ? Int(parts[1]) : 1
            guard let step, step > 0, step <= range.upperBound else { return nil }
            let span: ClosedRange<Int>
            if parts[0] == "*" {
                span = range
            } else {
                let ends = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
                guard let low = number(ends[0]) else { return nil }
                let isOpen = ends.count == 1 && parts.count == 2
                guard let high = ends.count == 2 ? number(ends[1]) : (isOpen ? range.upperBound : low), low <= high
                else { return nil }
                span = low...high
            }
            result.formUnion(stride(from: span.lowerBound, through: span.upperBound, by: step))
        }
        return result
    }

    private static let nicknames = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]
    private static let monthNames = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    private static let longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
}
