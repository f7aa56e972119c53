import MailMessage
import Text

/// What stands in place of a tag.
enum TagReplacement: Hashable, Sendable {
    case url(String)
    /// A sentence.
    case text(String)
}

/// A text of an outgoing mail, in which tags are found and replaced. All else stays as it is.
struct TaggedText {
    /// The tag, and whether it stands in text that somebody else wrote or that nobody sees: no token belongs there.
    typealias Replace = (_ tag: LinkTag, _ isQuoted: Bool) -> TagReplacement

    /// How what is put in is written.
    typealias Write = (String) -> [UInt8]

    private let text: [UInt8]
    private let write: Write
    private var finder: LinkTagFinder
    private var output: [UInt8] = []
    private var position = 0

    private init(_ text: [UInt8], isHTML: Bool, write: @escaping Write) {
        self.text = text
        self.write = write
        finder = LinkTagFinder(text, isHTML: isHTML)
        output.reserveCapacity(text.count)
    }

    /// The text with every tag replaced; nil if there is none.
    static func replacing(in text: String, isHTML: Bool, with replace: Replace) -> String? {
        replacing(in: Array(text.utf8), isHTML: isHTML, writing: { Array($0.utf8) }, with: replace)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// The same for a text whose character set is unknown, but holds ASCII: only the tags' own bytes change.
    static func replacing(
        in text: [UInt8], isHTML: Bool, writing write: @escaping Write, with replace: Replace
    ) -> [UInt8]? {
        var tagged = TaggedText(text, isHTML: isHTML, write: write)
        let hasTags = isHTML ? tagged.replaceInHTML(replace) : tagged.replaceInPlainText(replace)
        return hasTags ? tagged.output : nil
    }

    private mutating func copy(through end: Int) {
        output += text[position..<end]
        position = end
    }

    // MARK: Plain text

    private mutating func replaceInPlainText(_ replace: Replace) -> Bool {
        var hasTags = false
        var isForwarded = false
        let lineEnd: [UInt8] = text.contains(.carriageReturn) ? [.carriageReturn, .lineFeed] : [.lineFeed]
        while position < text.count {
            let next = text[position...].firstIndex(of: .lineFeed).map { $0 + 1 } ?? text.count
            let line = text[position..<next]
            isForwarded = isForwarded || Self.introducesForwardedText(line)
            let isQuoted = isForwarded || line.drop { $0.isWhiteSpace }.first == UInt8(ascii: ">")
            // A tag that was folded goes on in the next line.
            while position < next {
                guard let (tag, end) = finder.match(at: position) else {
                    copy(through: nextCandidate(before: next))
                    continue
                }
                hasTags = true
                let replacement = replace(tag, isQuoted)
                position = end
                switch replacement {
                case .url(let url) where !isQuoted: setAlone(url, lineEnd: lineEnd)
                case .url(let text), .text(let text): output += write(text)
                }
            }
        }
        return hasTags
    }

    /// Where the next tag could begin, behind this position.
    private func nextCandidate(before end: Int) -> Int {
        var next = position + 1
        while next < end, !LinkTagFinder.canBegin(with: text[next]) { next += 1 }
        return next
    }

    /// An address on a line of its own, which no mail program takes apart.
    private mutating func setAlone(_ url: String, lineEnd: [UInt8]) {
        let before = output[(output.lastIndex(of: .lineFeed).map { $0 + 1 } ?? 0)...]
        if before.contains(where: { !$0.isWhiteSpace }) {
            while output.last?.isWhiteSpace == true { output.removeLast() }
            output += lineEnd
        }
        output += write(url)
        var rest = position
        while rest < text.count, text[rest].isWhiteSpace { rest += 1 }
        guard rest < text.count, text[rest] != .lineFeed, text[rest] != .carriageReturn else { return }
        output += lineEnd
        position = rest
    }

    /// Words that mail programs put above a mail that they forward or answer without marking its lines.
    private static func introducesForwardedText(_ line: ArraySlice<UInt8>) -> Bool {
        guard line.count < 200, line.first == UInt8(ascii: "-") || line.first == UInt8(ascii: "B") else { return false }
        let words =
            (String(validating: line, as: UTF8.self)
            ?? String(String.UnicodeScalarView(line.map { Unicode.Scalar($0) }))).lowercased()
        if words.hasPrefix("begin forwarded message") { return true }
        return words.hasPrefix("---") && forwardedWords.contains { words.contains($0) }
    }

    private static let forwardedWords = [
        "original message", "forwarded message", "ursprüngliche nachricht", "originalnachricht", "original-nachricht",
        "weitergeleitete nachricht", "message d'origine", "message transféré", "mensaje original", "mensaje reenviado",
        "messaggio originale", "messaggio inoltrato",
    ]

    // MARK: HTML

    private mutating func replaceInHTML(_ replace: Replace) -> Bool {
        var hasTags = false
        var place = MarkupPosition()
        while position < text.count {
            guard let (tag, end) = finder.match(at: position) else {
                let next = nextCandidate(before: text.count)
                for byte in text[position..<next] { place.pass(byte) }
                copy(through: next)
                continue
            }
            hasTags = true
            place.endPiece()
            let replacement = replace(tag, place.isQuotation || !place.isVisible)
            position = end
            switch replacement {
            case .url(let url) where place.isVisible && !place.isInTag && !place.isInAnchor:
                output += write(LetterHTML.anchor(url))
            case .url(let text), .text(let text):
                if place.isInTag { takeOffScheme(isQuoted: place.isQuoted) }
                output += write(HTMLEscaping.escaped(text))
            }
        }
        return hasTags
    }

    /// Editors put a scheme in front of what they do not take for an address, and some a slash behind it.
    private mutating func takeOffScheme(isQuoted: Bool) {
        let length = LetterHTML.lengthOfScheme(endingText: output, inQuotes: isQuoted)
        guard length > 0 else { return }
        output.removeLast(length)
        let isSlash = position + 1 < text.count && text[position] == UInt8(ascii: "/")
        if isSlash, "\"'> ".utf8.contains(text[position + 1]) { position += 1 }
    }
}
