/// Where in an HTML text a reader stands: as much of HTML as it takes to put an address in the right form, and a token in no
/// wrong place.
struct HTMLContext {
    private enum Place: Equatable {
        case text
        /// Within `<...>`, from its first byte; the quotation mark that an attribute's value began with.
        case markup(start: Int, quote: UInt8?)
        case comment
        /// Within an element whose content is no text, up to its end tag.
        case raw(element: String)
    }

    private var place = Place.text
    private var quoteDepth = 0
    /// An element, not a block quotation, that a mail program marked as somebody else's, and how deep we are in elements of
    /// its name.
    private var marked: (name: String, depth: Int)?
    private var isInAnchor = false

    /// The text that stands here was written by somebody else.
    var isQuoted: Bool { quoteDepth > 0 || marked != nil }

    /// Something that a person sees or clicks.
    var isVisible: Bool {
        switch place {
        case .text, .markup: true
        case .comment, .raw: false
        }
    }

    /// An anchor may stand here.
    var takesAnchor: Bool { place == .text && !isInAnchor }

    /// Goes past one byte.
    mutating func pass(_ text: [UInt8], at index: Int) {
        let byte = text[index]
        switch place {
        case .text:
            guard byte == UInt8(ascii: "<"), index + 1 < text.count else { return }
            if text[index...].starts(with: "<!--".utf8) {
                place = .comment
            } else if Self.beginsMarkup(text[index + 1]) {
                place = .markup(start: index, quote: nil)
            }
        case .comment:
            if byte == UInt8(ascii: ">"), text[..<index].suffix(2).elementsEqual("--".utf8) { place = .text }
        case .raw(let element):
            guard byte == UInt8(ascii: "<") else { return }
            let rest = String(decoding: text[(index + 1)...].prefix(element.utf8.count + 1), as: UTF8.self)
            if rest.lowercased() == "/" + element { place = .markup(start: index, quote: nil) }
        case .markup(let start, let quote):
            if let quote {
                if byte == quote { place = .markup(start: start, quote: nil) }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                place = .markup(start: start, quote: byte)
            } else if byte == UInt8(ascii: ">") {
                place = .text
                end(String(decoding: text[(start + 1)..<index], as: UTF8.self).lowercased())
            }
        }
    }

    private static func beginsMarkup(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?")
            || (97...122).contains(byte | 0x20)
    }

    /// Takes account of a tag that has ended.
    private mutating func end(_ markup: String) {
        let isEndTag = markup.hasPrefix("/")
        let name = String(markup.dropFirst(isEndTag ? 1 : 0).prefix { $0.isLetter || $0.isNumber })
        if let open = marked {
            if open.name == name, !markup.hasSuffix("/") {
                let depth = open.depth + (isEndTag ? -1 : 1)
                marked = depth > 0 ? (name, depth) : nil
            }
        } else if !isEndTag, name != "blockquote", Self.quoteMarks.contains(where: { markup.contains($0) }) {
            marked = (name, 1)
        }
        switch name {
        case "blockquote": quoteDepth = max(0, quoteDepth + (isEndTag ? -1 : 1))
        case "a": isInAnchor = !isEndTag
        case "script", "style", "title", "textarea": if !isEndTag { place = .raw(element: name) }
        default: break
        }
    }

    /// By these attributes mail programs mark what they quote or forward.
    private static let quoteMarks = [
        "type=\"cite\"", "type='cite'", "type=cite", "gmail_quote", "yahoo_quoted", "divrplyfwdmsg", "appendonsend",
        "olk_src_body_section", "moz-forward-container",
    ]
}
