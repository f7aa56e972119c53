import MailMessage
import Text
import TicketSystem

/// What a mail says, in the two forms that it goes out in.
public struct MailLetter: Sendable, Hashable {
    /// One line.
    public var subject: String
    /// Plain text; lines end with `\n`.
    public var text: String
    /// The same as a whole HTML document.
    public var html: String
    /// Tag of the language that both are written in, as in `Content-Language`.
    public var language: String

    /// A letter that was written as plain text; the address can be clicked wherever it stands in it.
    package init(subject: String, plainText: String, url: String, language: String) {
        self.subject = subject
        text = plainText.wrapped()
        html = LetterHTML.page(plainText, url: url, language: language)
        self.language = language
    }

    /// A letter that was written as HTML; the plain text is made from it.
    package init(subject: String, html: String, language: String) {
        self.subject = subject
        text = HTMLText.plainText(from: html, showingAddresses: true).wrapped()
        self.html = LetterHTML.document(html, language: language)
        self.language = language
    }
}
