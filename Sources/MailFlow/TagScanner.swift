import MailMessage

/// Reads the parts of a tag in a text.
struct TagScanner {
    let text: [UInt8]
    var position: Int
    let isHTML: Bool
    /// How far the last value was looked at, before the end of a sentence was taken off.
    private(set) var furthest = 0

    /// No ticket number and no login is longer, in bytes.
    private static let longestValue = 1_000

    init(text: [UInt8], position: Int, isHTML: Bool) {
        self.text = text
        self.position = position
        self.isHTML = isHTML
    }

    private var current: UInt8? { position < text.count ? text[position] : nil }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    /// `<`, as it is or as an entity.
    mutating func skipOpeningBracket() -> Bool { skip(UInt8(ascii: "<")) || skip(anyOf: Self.openingEntities) }

    /// `>`, as it is or as an entity.
    mutating func skipClosingBracket() -> Bool { skip(UInt8(ascii: ">")) || skip(anyOf: Self.closingEntities) }

    private static let openingEntities = [Array("&lt;".utf8), Array("&#60;".utf8)]
    private static let closingEntities = [Array("&gt;".utf8), Array("&#62;".utf8)]

    private mutating func skip(anyOf spellings: [[UInt8]]) -> Bool {
        guard current == UInt8(ascii: "&"), let found = spellings.first(where: stands) else { return false }
        position += found.count
        return true
    }

    /// True if the bytes come next.
    private func stands(_ bytes: [UInt8]) -> Bool {
        guard text.count - position >= bytes.count else { return false }
        for (index, byte) in bytes.enumerated() where text[position + index] != byte { return false }
        return true
    }

    /// ASCII letters in any case, with line breaks between them.
    mutating func skip(word: [UInt8]) -> Bool {
        for (index, byte) in word.enumerated() {
            if index > 0 { skipFold() }
            guard let found = current, (97...122).contains(found) ? found - 32 == byte : found == byte else {
                return false
            }
            position += 1
        }
        return true
    }

    mutating func skipWhiteSpace() {
        while let byte = current, byte.isWhiteSpace || byte == .lineFeed || byte == .carriageReturn { position += 1 }
    }

    private mutating func skipFold() {
        guard let byte = current, byte == .lineFeed || byte == .carriageReturn else { return }
        skipWhiteSpace()
    }

    /// A value up to white space, a bracket, a quotation mark or a semicolon; in HTML, entities stand for their characters.
    mutating func value() -> String? {
        var bytes: [UInt8] = []
        loop: while let byte = current {
            switch byte {
            case 0...32, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: ";"):
                break loop
            case UInt8(ascii: "&"):
                if Self.closingEntities.contains(where: stands) { break loop }
                if isHTML, let (spelled, character) = Self.entities.first(where: { stands($0.spelled) }) {
                    bytes.append(character)
                    position += spelled.count
                    continue
                }
            default: break
            }
            bytes.append(byte)
            position += 1
        }
        furthest = position
        // A sentence may end behind the tag.
        while let last = bytes.last, ".,:)".utf8.contains(last) {
            bytes.removeLast()
            position -= 1
        }
        return bytes.isEmpty ? nil : String(decoding: bytes.prefix(Self.longestValue), as: UTF8.self)
    }

    private static let entities: [(spelled: [UInt8], character: UInt8)] = [
        ("&amp;", "&"), ("&#39;", "'"), ("&apos;", "'"), ("&quot;", "\""), ("&#38;", "&"), ("&#64;", "@"),
        ("&#43;", "+"),
    ].map { (Array(($0 as String).utf8), UInt8(ascii: $1 as Unicode.Scalar)) }
}
