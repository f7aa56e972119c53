/// A tag of an HTML text, by its place in it.
struct HTMLTag {
    /// In lower case; of a comment empty.
    let name: String
    let isClosing: Bool
    let closesItself: Bool
    /// Where the text goes on.
    let end: Int
    /// What stands between the brackets, without the slash of a closing tag.
    private let content: ArraySlice<UInt8>

    /// The value of an attribute, as it is written; the first of that name.
    func attribute(_ wanted: String) -> ArraySlice<UInt8>? {
        var rest = content.dropFirst(name.utf8.count)
        while !rest.isEmpty {
            rest = rest.drop { $0.isHTMLSpace || $0 == UInt8(ascii: "/") }
            let name = rest.prefix { !$0.isHTMLSpace && !"=>/\"'".utf8.contains($0) }
            guard !name.isEmpty else {
                rest = rest.dropFirst()
                continue
            }
            rest = rest[name.endIndex...].drop(while: \.isHTMLSpace)
            guard rest.first == UInt8(ascii: "=") else { continue }
            rest = rest.dropFirst().drop(while: \.isHTMLSpace)
            let value: ArraySlice<UInt8>
            if let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
                rest = rest.dropFirst()
                // A quotation that is never closed is no value, and nothing behind it can be told apart.
                guard let end = rest.firstIndex(of: quote) else { return nil }
                value = rest[..<end]
                rest = rest[(end + 1)...]
            } else {
                value = rest.prefix { !$0.isHTMLSpace && $0 != UInt8(ascii: ">") }
                rest = rest[value.endIndex...]
            }
            if name.count == wanted.utf8.count, name.elementsEqual(wanted.utf8, by: { $0 | 0x20 == $1 }) {
                return value
            }
        }
        return nil
    }

    /// The tag or comment that begins at a position, where a `<` stands; nil: what stands there is text ("3 < 4").
    ///
    /// - Parameter lastBracket: where the last `>` of the text stands. Behind it no tag ends, and none is looked for.
    init?(in html: [UInt8], at position: Int, lastBracket: Int) {
        if html[position...].starts(with: Self.commentStart) {
            end = Self.endOfComment(in: html, from: position + 2)
            (name, isClosing, closesItself, content) = ("", false, true, [])
            return
        }
        var inside = position + 1
        let isClosing = inside < html.count && html[inside] == UInt8(ascii: "/")
        if isClosing { inside += 1 }
        guard inside < lastBracket, html[inside].canBeginTag, let end = Self.end(of: html[inside...lastBracket]) else {
            return nil
        }
        content = html[inside..<end]
        name = String(
            decoding: content.prefix { !$0.isHTMLSpace && $0 != UInt8(ascii: "/") }.map(\.lowercasedASCII),
            as: UTF8.self)
        self.isClosing = isClosing
        closesItself = content.last == UInt8(ascii: "/")
        self.end = end + 1
    }

    private static let commentStart = Array("<!--".utf8)

    /// `<!-->` is a whole comment too.
    private static func endOfComment(in html: [UInt8], from start: Int) -> Int {
        var dashes = 0
        for index in start..<html.count {
            switch html[index] {
            case UInt8(ascii: "-"): dashes += 1
            case UInt8(ascii: ">") where dashes >= 2: return index + 1
            default: dashes = 0
            }
        }
        return html.count
    }

    /// The `>` that ends the tag; one within quotes does not, unless the quotation never ends.
    private static func end(of inside: ArraySlice<UInt8>) -> Int? {
        var quote: UInt8?
        for index in inside.indices {
            let byte = inside[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return index
            }
        }
        return inside.firstIndex(of: UInt8(ascii: ">"))
    }

    /// Where the end tag of an element begins whose content is no text; the end of the text if there is none.
    static func endTag(of name: String, in html: [UInt8], from start: Int) -> Int {
        let wanted = Array("</\(name)".utf8)
        var position = start
        while position + wanted.count <= html.count {
            if html[position] == wanted[0],
                html[position..<(position + wanted.count)].elementsEqual(wanted, by: { $0.lowercasedASCII == $1 })
            {
                let next = position + wanted.count
                if next == html.count || !html[next].isOfTagName { return position }
            }
            position += 1
        }
        return html.count
    }
}

extension UInt8 {
    var isHTMLSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }

    fileprivate var lowercasedASCII: UInt8 { (65...90).contains(self) ? self | 0x20 : self }

    fileprivate var canBeginTag: Bool {
        isASCIILetter || self == UInt8(ascii: "!") || self == UInt8(ascii: "?")
    }

    fileprivate var isOfTagName: Bool { isASCIILetter || (48...57).contains(self) || self == UInt8(ascii: "-") }

    private var isASCIILetter: Bool { (97...122).contains(self | 0x20) }
}
