import Catalogue
import MailMessage

/// First and last name for a new account, from what a mail says about its sender. Neither is ever blank, since the desk
/// requires both.
struct PersonName: Hashable {
    /// The length of the columns, in Unicode code points, as PostgreSQL counts.
    static let longest = 100

    let first: String
    let last: String

    /// From the display name (`Jane Doe`, `Doe, Jane`), else from the local part (`jane.doe`). A single word becomes
    /// both names.
    init(of sender: MailAddress) {
        let shown = sender.displayName.map(PlainText.line) ?? ""
        let (first, last) =
            Self.split(shown) ?? Self.split(sender.local.split { "._".contains($0) }.joined(separator: " "))
            ?? (sender.local, sender.local)
        self.first = first.cut(toCodePoints: Self.longest)
        self.last = last.cut(toCodePoints: Self.longest)
    }

    private static func split(_ name: String) -> (first: String, last: String)? {
        let sides = name.split(separator: ",", maxSplits: 1).map(PlainText.line).filter { !$0.isEmpty }
        if sides.count == 2, !sides[1].contains(",") { return (sides[1], sides[0]) }
        let words = name.split(whereSeparator: \.isWhitespace)
        guard let last = words.last.map(String.init) else { return nil }
        return words.count == 1 ? (last, last) : (words.dropLast().joined(separator: " "), last)
    }
}

extension PlainText {
    fileprivate static func line(_ text: Substring) -> String { line(String(text)) }
}

extension String {
    /// The beginning of the text, whole characters only.
    func cut(toCodePoints limit: Int) -> String {
        var count = 0
        return String(
            prefix { character in
                count += character.unicodeScalars.count
                return count <= limit
            })
    }
}
