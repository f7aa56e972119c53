/// Where in an HTML text one is, as far as it decides how a value is written there.
struct MarkupPosition {
    private enum Place {
        case text
        /// After a `<` of which the next byte decides.
        case opening
        case tag
        case quoted(by: UInt8)
        case comment
    }

    private var place = Place.text
    /// The tag's name in lower case, as far as it was read.
    private var name: [UInt8] = []
    private var nameIsComplete = false
    /// The end of what was read of a comment.
    private var dashes = 0

    /// Within the text of an `a` element, where no other may begin.
    private(set) var isInAnchor = false

    /// Between `<` and `>`.
    var isInTag: Bool {
        switch place {
        case .text, .opening, .comment: false
        case .tag, .quoted: true
        }
    }

    /// Within a quoted attribute value.
    var isQuoted: Bool {
        if case .quoted = place { true } else { false }
    }

    /// Moves on over a piece of the text.
    mutating func pass(_ text: Substring) {
        for byte in text.utf8 { pass(byte) }
        // What follows is a tag of ours.
        if case .opening = place { place = .text }
    }

    private mutating func pass(_ byte: UInt8) {
        switch place {
        case .text: if byte == UInt8(ascii: "<") { place = .opening }
        case .opening: open(with: byte)
        case .quoted(let quote): if byte == quote { place = .tag }
        case .comment: passInComment(byte)
        case .tag:
            switch byte {
            case UInt8(ascii: ">"): close()
            case UInt8(ascii: "\""), UInt8(ascii: "'"): place = .quoted(by: byte)
            default: passInTag(byte)
            }
        }
    }

    private mutating func open(with byte: UInt8) {
        switch byte | 0x20 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "/"), UInt8(ascii: "!") | 0x20, UInt8(ascii: "?"):
            place = .tag
            name = [byte | 0x20]
            nameIsComplete = false
        default: place = byte == UInt8(ascii: "<") ? .opening : .text
        }
    }

    private mutating func passInTag(_ byte: UInt8) {
        guard !nameIsComplete else { return }
        if byte <= 0x20 || byte == UInt8(ascii: "/") && name.count > 1 {
            nameIsComplete = true
            return
        }
        name.append(byte | 0x20)
        if name.elementsEqual("!--".utf8) {
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

    private mutating func close() {
        place = .text
        if name.elementsEqual("a".utf8) { isInAnchor = true }
        if name.elementsEqual("/a".utf8) { isInAnchor = false }
    }
}
