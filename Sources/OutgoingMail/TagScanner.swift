import MailMessage
import Text

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

    /// `<`, as it is, as an entity, or, in HTML, as addresses escape it.
    mutating func skipOpeningBracket() -> Bool { skip(bracket: UInt8(ascii: "<")) }

    /// `>`, in the same ways.
    mutating func skipClosingBracket() -> Bool { skip(bracket: UInt8(ascii: ">")) }

    private mutating func skip(bracket: UInt8) -> Bool {
        guard let length = lengthOfBracket(bracket) else { return false }
        position += length
        return true
    }

    private func lengthOfBracket(_ bracket: UInt8) -> Int? {
        switch current {
        case bracket: 1
        case UInt8(ascii: "&"): lengthOfEntity(bracket)
        case UInt8(ascii: "%"): isHTML && Self.percentSpellings[bracket]?.contains(where: stands) == true ? 3 : nil
        default: nil
        }
    }

    private static let percentSpellings = [
        UInt8(ascii: "<"): ["%3C", "%3c"].map { Array($0.utf8) },
        UInt8(ascii: ">"): ["%3E", "%3e"].map { Array($0.utf8) },
    ]

    /// `&lt;`, `&#60;`, `&#x3c;` and the like.
    private func lengthOfEntity(_ character: UInt8) -> Int? {
        guard let (decoded, length) = HTMLEntity.decode(text, at: position), decoded.utf8.elementsEqual([character])
        else { return nil }
        return length
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
            case 0...32, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: ";"): break loop
            case UInt8(ascii: "'"):
                // In HTML it may end an attribute; in plain text it may be part of a name.
                if isHTML || !nextIsOfName { break loop }
            case UInt8(ascii: "%"):
                if lengthOfBracket(UInt8(ascii: ">")) != nil { break loop }
            case UInt8(ascii: "&"):
                if lengthOfBracket(UInt8(ascii: ">")) != nil { break loop }
                if isHTML, let (character, length) = HTMLEntity.decode(text, at: position),
                    Self.escapedInValues.contains(character)
                {
                    bytes += character.utf8
                    position += length
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

    private var nextIsOfName: Bool {
        guard position + 1 < text.count else { return false }
        let next = text[position + 1]
        return next >= 0x80 || (48...57).contains(next) || (97...122).contains(next | 0x20)
    }

    /// What stands in logins and addresses, and is escaped in HTML by some program.
    private static let escapedInValues: Set<String> = ["&", "'", "\"", "@", "+"]
}
