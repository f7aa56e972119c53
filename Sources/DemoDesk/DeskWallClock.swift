import Foundation

/// Writes and reads times as the desk does: `yyyy-MM-dd HH:mm:ss` in its own zone, without naming it.
struct DeskWallClock: Sendable {
    private let calendar: Calendar

    init(timeZone: TimeZone) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        self.calendar = calendar
    }

    func text(_ date: Date) -> String {
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        let padded = [parts.month, parts.day, parts.hour, parts.minute, parts.second].map {
            Self.padded($0 ?? 0, to: 2)
        }
        let day = "\(Self.padded(parts.year ?? 0, to: 4))-\(padded[0])-\(padded[1])"
        return "\(day) \(padded[2]):\(padded[3]):\(padded[4])"
    }

    /// `yyyyMMdd`, the beginning of ticket numbers.
    func day(_ date: Date) -> String {
        text(date).prefix(10).filter { $0 != "-" }
    }

    func date(_ text: String) -> Date? {
        let parts = text.split { "-: ".contains($0) }.map { Int($0) }
        guard text.utf8.count == 19, parts.count == 6, !parts.contains(nil) else { return nil }
        return calendar.date(
            from: DateComponents(
                year: parts[0], month: parts[1], day: parts[2], hour: parts[3], minute: parts[4], second: parts[5]))
    }

    private static func padded(_ number: Int, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
