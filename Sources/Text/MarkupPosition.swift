/// Where in an HTML text one is: as much of HTML as it takes to write a value in the form of its place, and to put no token where
/// none belongs.
package struct MarkupPosition {
    private enum Place: Equatable {
        case text
        /// After a `<` of which the next byte decides.
        case opening
        case tag
        case quoted(by: UInt8)
        case comment
        /// Within an element whose content is no text, up to its end tag, of which so many bytes were read.
        case raw(matched: Int)
    }

    private var place = Place.text
    /// The tag in lower case from its first letter on, as far as it was read.
    private var tag: [UInt8] = []
    /// The end of what was read of a comment.
    private var dashes = 0
    /// The end tag of the element whose content is no text, without its `>`.
    private var endTag: [UInt8] = []
    private var quotationDepth = 0
    /// An element, not a block quotation, that a mail program marked as somebody else's, and how deep we are in elements of
    /// its name.
    private var marked: (name: String, depth: Int)?

    /// Within the text of an `a` element, where no other may begin.
    package private(set) var isInAnchor = false

    package init() {}

    /// Between `<` and `>`.
    package var isInTag: Bool {
        switch place {
        case .text, .opening, .comment, .raw: false
        case .tag, .quoted: true
        }
    }

    /// Within a quoted attribute value.
    package var isQuoted: Bool {
        if case .quoted = place { true } else { false }
    }

    /// What stands here was written by somebody else, who is quoted or forwarded.
    package var isQuotation: Bool { quotationDepth > 0 || marked != nil }

    /// Something that a person sees or clicks.
    package var isVisible: Bool {
        switch place {
        case .text, .opening, .tag, .quoted: true
        case .comment, .raw: false
        }
    }

    /// Moves on over a piece of the text.
    package mutating func pass(_ text: Substring) {
        for byte in text.utf8 { pass(byte) }
        endPiece()
    }

    /// What follows is no part of the text: a `<` at its end opens nothing.
    package mutating func endPiece() {
        if case .opening = place { place = .text }
    }

    package mutating func pass(_ byte: UInt8) {
        switch place {
        case .text: if byte == UInt8(ascii: "<") { place = .opening }
        case .opening: open(with: byte)
        case .quoted(let quote):
            collect(byte)
            if byte == quote { place = .tag }
        case .comment: passInComment(byte)
        case .raw(let matched): passInRaw(byte, matched)
        case .tag:
            switch byte {
            case UInt8(ascii: ">"): close()
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                collect(byte)
                place = .quoted(by: byte)
            default: passInTag(byte)
            }
        }
    }

    private mutating func open(with byte: UInt8) {
        switch byte | 0x20 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "/"), UInt8(ascii: "!") | 0x20, UInt8(ascii: "?"):
            place = .tag
            tag = []
            collect(byte)
        default: place = byte == UInt8(ascii: "<") ? .opening : .text
        }
    }

    /// No mail program writes its marks further behind.
    private static let longestTag = 4_000

    private mutating func collect(_ byte: UInt8) {
        guard tag.count < Self.longestTag else { return }
        tag.append((65...90).contains(byte) ? byte | 0x20 : byte)
    }

    private mutating func passInTag(_ byte: UInt8) {
        collect(byte)
        if tag.count == 3, tag.elementsEqual("!--".utf8) {
            place = .comment
            dashes = 0
        }
    }

    private mutating func passInComment(_ byte: UInt8) {
        if byte == UInt8(ascii: "-") {
            dashes += 1
        } else {
            if byte == UInt8(ascii: ">"), dashes >= 2 { place = .text }
            dashes = 0
        }
    }

    private mutating func passInRaw(_ byte: UInt8, _ matched: Int) {
        guard endTag[matched] == ((65...90).contains(byte) ? byte | 0x20 : byte) else {
            place = .raw(matched: byte == endTag[0] ? 1 : 0)
            return
        }
        if matched + 1 == endTag.count {
            place = .tag
            tag = Array(endTag.dropFirst())
        } else {
            place = .raw(matched: matched + 1)
        }
    }

    // MARK: Tags

    private mutating func close() {
        place = .text
        let isEndTag = tag.first == UInt8(ascii: "/")
        let name = String(
            decoding: tag.dropFirst(isEndTag ? 1 : 0).prefix { $0 > 0x20 && $0 != UInt8(ascii: "/") }, as: UTF8.self)
        follow(name, isEndTag: isEndTag)
        switch name {
        case "blockquote": quotationDepth = max(0, quotationDepth + (isEndTag ? -1 : 1))
        case "a": isInAnchor = !isEndTag
        case "script", "style", "title", "textarea":
            if isEndTag { break }
            endTag = Array("</\(name)".utf8)
            place = .raw(matched: 0)
        default: break
        }
    }

    /// Keeps account of the element that is somebody else's.
    private mutating func follow(_ name: String, isEndTag: Bool) {
        if let open = marked {
            guard open.name == name, tag.last != UInt8(ascii: "/") else { return }
            let depth = open.depth + (isEndTag ? -1 : 1)
            marked = depth > 0 ? (name, depth) : nil
        } else if !isEndTag, name != "blockquote" {
            if Self.quotationMarks.contains(where: stands) { marked = (name, 1) }
        }
    }

    /// True if the mark stands somewhere in the tag.
    private func stands(_ mark: [UInt8]) -> Bool {
        guard tag.count >= mark.count else { return false }
        return (0...(tag.count - mark.count)).contains { start in
            tag[start] == mark[0] && tag[start..<(start + mark.count)].elementsEqual(mark)
        }
    }

    /// By these attributes mail programs mark what they quote or forward.
    private static let quotationMarks = [
        "type=\"cite\"", "type='cite'", "type=cite", "gmail_quote", "yahoo_quoted", "divrplyfwdmsg", "appendonsend",
        "olk_src_body_section", "moz-forward-container",
    ].map { Array($0.utf8) }
}
