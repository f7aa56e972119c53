/// Finds the tags that stand for a link, in both spellings: `<OTOBO_OTACustomerTicketLink>`, as such and as it looks after a mail
/// program has escaped it, and `otalink:ticket=...;customer=...`, which holds a login. Takes time in proportion to the text's
/// length, if it is asked about the positions in their order.
struct TemplateTag {
    private static let openings = ["<", "&lt;", "&#60;", "&#x3c;", "%3c"].map { Array($0.utf8) }
    private static let closings = [">", "&gt;", "&#62;", "&#x3e;", "%3e"].map { Array($0.utf8) }
    private static let names = ["OTOBO", "OTRS", "ZNUNY"].map { Array("\($0)_OTACustomerTicketLink".lowercased().utf8) }
    private static let ticket = [Array("otalink:ticket=".utf8)]
    private static let customer = [Array("customer=".utf8)]

    private let text: [UInt8]
    /// No second spelling begins before this position: what began here was read, and led to nothing.
    private var noneBefore = 0

    init(_ text: [UInt8]) {
        self.text = text
    }

    /// Where the tag ends that begins at a position; nil: none begins there.
    mutating func end(at position: Int) -> Int? {
        switch text[position] {
        case UInt8(ascii: "<"), UInt8(ascii: "&"), UInt8(ascii: "%"):
            guard let inside = after(Self.openings, position), let name = after(Self.names, behindSpace(inside)),
                let end = after(Self.closings, behindSpace(name))
            else { return nil }
            return end
        case UInt8(ascii: "o"), UInt8(ascii: "O"): return position < noneBefore ? nil : endOfSecondSpelling(position)
        default: return nil
        }
    }

    private mutating func endOfSecondSpelling(_ position: Int) -> Int? {
        guard let number = after(Self.ticket, position) else { return nil }
        let semicolon = endOfValue(number)
        guard semicolon > number, semicolon < text.count, text[semicolon] == UInt8(ascii: ";"),
            let login = after(Self.customer, behindSpace(semicolon + 1))
        else {
            noneBefore = semicolon
            return nil
        }
        var end = endOfValue(login)
        // A sentence may end behind the tag.
        while end > login, ".,:)".utf8.contains(text[end - 1]) { end -= 1 }
        return end
    }

    /// Up to white space, a bracket, a quotation mark or a semicolon; an apostrophe within a word is part of the login.
    private func endOfValue(_ start: Int) -> Int {
        var position = start
        while position < text.count {
            switch text[position] {
            case 0...32, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: ";"): return position
            case UInt8(ascii: "'"):
                guard position + 1 < text.count, text[position + 1].isLetterOrDigit else { return position }
            default: break
            }
            position += 1
        }
        return position
    }

    /// What follows the first of the words that stands at a position, in any case.
    private func after(_ words: [[UInt8]], _ position: Int) -> Int? {
        words.first { text[position...].starts(with: $0, by: { $0.lowercasedASCII == $1 }) }.map { position + $0.count }
    }

    private func behindSpace(_ position: Int) -> Int {
        text[position...].firstIndex { !$0.isWhiteSpace } ?? text.count
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        self >= 0x80 || (48...57).contains(self) || (97...122).contains(lowercasedASCII)
    }
}
