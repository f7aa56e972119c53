import MailMessage
import OneTimeLinks
import Text

/// First and last name for a new account, from what a mail says about its sender. Neither is ever blank, since the desk
/// refuses to change an account without both (OTOBO 10.1.11 and 11.0.6: `Need UserLastname!`).
struct PersonName: Hashable {
    let first: String
    let last: String

    /// From the display name (`Jane Doe`, `Doe, Jane`), else from the local part (`jane.doe`). A single word is the first name, beside
    /// `CustomerUser.noName`: the desk shows both columns, so the word in both would be shown twice.
    init(of sender: MailAddress) {
        let shown = sender.displayName.map(PlainText.line) ?? ""
        let (first, last) =
            Self.split(shown) ?? Self.split(sender.local.split { "._".contains($0) }.joined(separator: " "))
            ?? (sender.local, CustomerUser.noName)
        self.first = first.cut(toCodePoints: DeskColumns.longestName)
        self.last = last.cut(toCodePoints: DeskColumns.longestName)
    }

    private static func split(_ name: String) -> (first: String, last: String)? {
        let sides = name.split(separator: ",", maxSplits: 1).map(PlainText.line).filter { !$0.isEmpty }
        if sides.count == 2, !sides[1].contains(",") { return (sides[1], sides[0]) }
        let words = name.split(whereSeparator: \.isWhitespace)
        guard let last = words.last.map(String.init) else { return nil }
        return words.count == 1 ? (last, CustomerUser.noName) : (words.dropLast().joined(separator: " "), last)
    }
}

extension PlainText {
    fileprivate static func line(_ text: Substring) -> String { line(String(text)) }
}
