import Catalogue
import LinkStore
import MailMessage
import OneTimeLinks
import Text
import TicketSystem

/// Puts values where the tags of a stored notification stand.
///
/// Each value is written for the place where it stands: on one line in a subject, escaped in HTML. The template is read
/// once, so a tag that somebody wrote into a title or a message stays text. A tag that means nothing here becomes `-`,
/// as at the desk.
public struct NotificationTags: Sendable {
    private let facts: NotificationFacts

    public init(_ facts: NotificationFacts) {
        self.facts = facts
    }

    /// True when the article has to be read before the message can be written.
    public static func asksForArticle(_ message: NotificationMessage) -> Bool {
        let texts = [(message.subject, [TemplatePiece.Brackets.plain]), (message.body, brackets(message.contentType))]
        return texts.contains { text, brackets in
            TemplatePiece.pieces(of: text, brackets: brackets).contains { piece in
                guard case .tag(let name, _) = piece else { return false }
                return NotificationTag.named(name)?.isOfArticle ?? false
            }
        }
    }

    /// The tags of a notification that mean nothing here, as they are written in plain text: they become `-`.
    public static func unknownTags(in notification: StoredNotification) -> [String] {
        let names = notification.messages.flatMap { message in
            [(message.subject, [TemplatePiece.Brackets.plain]), (message.body, brackets(message.contentType))].flatMap {
                text, brackets in
                TemplatePiece.pieces(of: text, brackets: brackets).compactMap { piece -> String? in
                    guard case .tag(let name, let count) = piece else { return nil }
                    let tag = NotificationTag.named(name)
                    let isKnown = tag != nil && (count == nil || tag?.isOfArticle == true)
                    return isKnown ? nil : "<OTOBO_\(PlainText.line(String(name)))\(count.map { "[\($0)]" } ?? "")>"
                }
            }
        }
        return Set(names).sorted()
    }

    /// The message with values for its tags.
    public func letter(_ message: NotificationMessage) -> MailLetter {
        let number = facts.ticket?.number ?? facts.ticketNumber
        // The desk puts the mark into the subject of every notification, so it is not in what it exports.
        let subject = SubjectHook(settings: facts.settings).marked(subject(message.subject), of: number)
        // A row typed into psql may name anything; "und" is the tag for a language that nobody knows.
        let isLanguage = NotificationMessage.isLanguage(message.language)
        let language = isLanguage ? message.language.replacing("_", with: "-") : "und"
        switch message.contentType {
        case .plain:
            let body = plainText(message.body)
            return MailLetter(subject: subject, plainText: body, url: facts.link, language: language)
        case .html: return MailLetter(subject: subject, html: html(message.body), language: language)
        }
    }

    private static func brackets(_ type: NotificationMessage.ContentType) -> [TemplatePiece.Brackets] {
        switch type {
        case .plain: [.plain]
        case .html: TemplatePiece.Brackets.allCases
        }
    }

    /// A subject is read by whoever looks over a shoulder, so the link only goes away there.
    func subject(_ template: String) -> String {
        let text = TemplatePiece.pieces(of: template, brackets: [.plain]).map { piece in
            switch piece {
            case .text(let text): return String(text)
            case .tag(let name, let count):
                switch value(name, count) {
                case .link: return ""
                case .line(let text), .lines(let text): return text
                }
            }
        }
        return PlainText.line(text.joined())
    }

    func plainText(_ template: String) -> String {
        let text = TemplatePiece.pieces(of: template, brackets: [.plain]).map { piece in
            switch piece {
            case .text(let text): return String(text)
            case .tag(let name, let count):
                switch value(name, count) {
                case .link: return facts.link
                case .line(let text), .lines(let text): return text
                }
            }
        }
        return PlainText.lines(text.joined())
    }

    func html(_ template: String) -> String {
        var position = MarkupPosition()
        var output = ""
        for piece in TemplatePiece.pieces(of: template, brackets: TemplatePiece.Brackets.allCases) {
            switch piece {
            case .text(let text):
                position.pass(text)
                output += text
            case .tag(let name, let count):
                let value = value(name, count)
                // Editors put a scheme in front of what they do not take for an address.
                if case .link = value, position.isInTag {
                    output.removeLast(LetterHTML.lengthOfScheme(endingText: output.utf8, inQuotes: position.isQuoted))
                }
                output += html(value, at: position)
            }
        }
        return output
    }

    private func html(_ value: Value, at position: MarkupPosition) -> String {
        if position.isInTag {
            let text =
                switch value {
                case .link: facts.link
                case .line(let text), .lines(let text): PlainText.line(text)
                }
            return position.isQuoted ? HTMLEscaping.escaped(text) : Self.escapedWithoutQuotes(text)
        }
        switch value {
        case .link: return position.isInAnchor ? HTMLEscaping.escaped(facts.link) : LetterHTML.anchor(facts.link)
        case .line(let text): return HTMLEscaping.escaped(text)
        case .lines(let text):
            return text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { HTMLEscaping.escaped(String($0)) }.joined(separator: "<br>\n")
        }
    }

    /// For an attribute value without quotes, which any blank would end.
    private static func escapedWithoutQuotes(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            let isHarmless = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            return isHarmless || "-._~:/?%@+,;".unicodeScalars.contains(scalar) ? String(scalar) : "&#\(scalar.value);"
        }.joined()
    }

    // MARK: Values

    private enum Value {
        case link
        case line(String)
        case lines(String)
    }

    private func value(_ name: Substring, _ count: Int?) -> Value {
        guard let tag = NotificationTag.named(name), count == nil || tag.isOfArticle else { return .line("-") }
        switch tag.value {
        case .link: return .link
        case .line(let value): return .line(value(facts).map(PlainText.line) ?? "-")
        case .articleSubject:
            return .line(
                facts.article.map { Self.beginning(MailLine.withoutAddresses($0.subject), characters: count) } ?? "-"
            )
        case .articleBody:
            return .lines(
                facts.article.map { Self.beginning(PlainText.lines(Self.bounded($0.text)), lines: count) } ?? "-")
        }
    }

    /// A mail is no archive: what is longer stands at the desk. A character can have any number of bytes.
    private static let longestQuote = (lines: 500, characters: 20_000, bytes: 80_000)

    private static func bounded(_ text: String) -> String { PlainText.beginning(text, bytes: longestQuote.bytes).text }

    private static func beginning(_ text: String, characters count: Int?) -> String {
        let count = min(count ?? longestQuote.characters, longestQuote.characters)
        let beginning = text.prefix(count)
        return beginning.endIndex < text.endIndex ? beginning + " [...]" : text
    }

    private static func beginning(_ text: String, lines count: Int?) -> String {
        let count = min(count ?? longestQuote.lines, longestQuote.lines)
        let lines = text.prefix(longestQuote.characters).split(
            separator: "\n", maxSplits: count, omittingEmptySubsequences: false)
        var kept = lines.prefix(count)
        while kept.last?.allSatisfy(\.isWhitespace) == true { kept.removeLast() }
        return kept.joined(separator: "\n")
    }
}
