import MailMessage

/// A place in an outgoing mail where the desk wants the customer's link.
enum LinkTag: Hashable, Sendable {
    /// `<OTOBO_OTACustomerTicketLink>`, or as the other members of the family spell it: the subject says which ticket.
    case bare
    /// `otalink:ticket=2026112510000018;customer=anna@example.org`, filled in by the desk from its own tags. The texts are as
    /// they stand there and may be anything.
    case explicit(ticket: String, customer: String)

    private static let names = ["OTOBO", "OTRS", "ZNUNY"].map { Array("\($0)_OTACUSTOMERTICKETLINK".utf8) }
    private static let ticketWord = Array("OTALINK:TICKET=".utf8)
    private static let customerWord = Array("CUSTOMER=".utf8)

    /// The tag that begins at a position of a text, and where it ends.
    ///
    /// Between its letters there may be a line break with white space behind it: whoever folded the text did not know that it was
    /// a tag. The brackets may be escaped (`&lt;`), as in HTML.
    static func match(_ text: [UInt8], at start: Int, isHTML: Bool) -> (tag: LinkTag, end: Int)? {
        guard [UInt8(ascii: "<"), UInt8(ascii: "&"), UInt8(ascii: "o"), UInt8(ascii: "O")].contains(text[start]) else {
            return nil
        }
        var scanner = Scanner(text: text, position: start, isHTML: isHTML)
        let isBracketed = scanner.skip(bracket: "<", "lt")
        if isBracketed {
            let inside = scanner.position
            for name in names {
                scanner.position = inside
                guard scanner.skip(word: name) else { continue }
                scanner.skipWhiteSpace()
                if scanner.skip(byte: "/") { scanner.skipWhiteSpace() }
                return scanner.skip(bracket: ">", "gt") ? (.bare, scanner.position) : nil
            }
            scanner.position = inside
        }
        guard scanner.skip(word: ticketWord), let ticket = scanner.value(),
            scanner.skip(byte: ";")
        else { return nil }
        scanner.skipWhiteSpace()
        guard scanner.skip(word: customerWord), let customer = scanner.value() else { return nil }
        var end = scanner.position
        if isBracketed {
            scanner.skipWhiteSpace()
            if scanner.skip(bracket: ">", "gt") { end = scanner.position }
        }
        return (.explicit(ticket: ticket, customer: customer), end)
    }

    /// True if the bytes of a text could hold a tag at all.
    static func mayStand(in text: [UInt8]) -> Bool {
        text.indices.contains { match(text, at: $0, isHTML: true) != nil }
    }
}

private struct Scanner {
    let text: [UInt8]
    var position: Int
    let isHTML: Bool

    private var current: UInt8? { position < text.count ? text[position] : nil }

    mutating func skip(byte: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    /// A bracket, as it is or as an entity.
    mutating func skip(bracket: Unicode.Scalar, _ entity: String) -> Bool {
        if skip(byte: bracket) { return true }
        for name in [entity, "#\(bracket.value)"] {
            let spelled = Array("&\(name);".utf8)
            if text[position...].prefix(spelled.count).elementsEqual(spelled) {
                position += spelled.count
                return true
            }
        }
        return false
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
        while let byte = current {
            if byte <= 32 || "<>\"';".utf8.contains(byte) { break }
            if byte == UInt8(ascii: "&") {
                var rest = self
                if rest.skip(bracket: ">", "gt") { break }
                if isHTML, let (character, length) = entity() {
                    bytes += character
                    position += length
                    continue
                }
            }
            bytes.append(byte)
            position += 1
        }
        // A sentence may end behind the tag.
        while let last = bytes.last, ".,:)".utf8.contains(last) {
            bytes.removeLast()
            position -= 1
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    private func entity() -> (character: [UInt8], length: Int)? {
        let known = [
            "&amp;": "&", "&#39;": "'", "&apos;": "'", "&quot;": "\"", "&#38;": "&", "&#64;": "@", "&#43;": "+",
        ]
        for (spelled, character) in known where text[position...].starts(with: spelled.utf8) {
            return (Array(character.utf8), spelled.utf8.count)
        }
        return nil
    }
}
