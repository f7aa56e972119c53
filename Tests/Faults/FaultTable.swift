import Foundation

/// The table that a run prints.
struct FaultTable: Sendable {
    private static let columns = ["tried", "answered", "kept", "lost", "doubled", "repeats", "longest outage"]
    private static let nameWidth = 66

    static let head =
        "fault".padding(toLength: nameWidth, withPad: " ", startingAt: 0)
        + columns.map { right($0, $0.count + 2) }.joined()

    /// A row, and below it what there is to say.
    static func text(of row: FaultRow) -> String {
        let name = "\(row.number) \(row.name)".padding(toLength: nameWidth, withPad: " ", startingAt: 0)
        if let skipped = row.skipped { return name + "  skipped: \(skipped)" }
        let figures =
            [row.tried, row.answered, row.kept, row.lost, row.doubled, row.repeatedMails].map(String.init)
            + [row.longestOutage.text]
        let line = name + zip(figures, columns).map { right($0, $1.count + 2) }.joined()
        let notes = row.remarks.map { "    " + $0 } + row.complaints.prefix(10).map { "    BROKEN: " + $0 }
        return ([line] + notes).joined(separator: "\n")
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}
