import Catalogue
import Text

/// What is left of the room that a page has for messages. A message and a page have a bound, in bytes and in links; what lies
/// beyond is cut, and the page says so.
struct MessageRoom {
    /// Of one message.
    static let longestMessage = 100 << 10
    /// Of all messages of a page, with what stands around each.
    static let mostBytes = 512 << 10
    static let mostLinks = 500
    /// Of a title, a name or a subject.
    static let longestLine = 1_000
    /// Names of files that a message shows, and of one of them, in bytes.
    static let mostAttachments = 20
    static let longestName = 120
    /// What stands around a message: its frame, subject and sender.
    private static let frame = 1_000
    /// Less room than this is none: a few words of a message say nothing.
    private static let least = 4_000

    private var bytesLeft = Self.mostBytes
    /// Web addresses that may still become links; below 0: there were more.
    var linksLeft = Self.mostLinks

    /// True if no further message is shown.
    var isFull: Bool { bytesLeft < Self.least }

    /// As much of a message as there is room for.
    mutating func take(_ text: String) -> (text: String, isCut: Bool) {
        let taken = PlainText.beginning(text, bytes: min(Self.longestMessage, bytesLeft))
        bytesLeft -= taken.text.utf8.count + Self.frame
        return taken
    }

    /// What a message costs to read, in bytes.
    static func needed(for article: TicketPage.Article) -> Int { min(article.text.utf8.count, longestMessage) + frame }
}
