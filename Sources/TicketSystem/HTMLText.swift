/// The text of an HTML body: of an article that the desk keeps as HTML, or of a mail that is written as HTML.
///
/// Reads what mail programs write, not all of HTML: block elements become lines, list items get a dash, scripts,
/// styles and comments vanish, white space collapses outside of `pre`. The result is text to be escaped by whoever
/// shows it, never markup.
package struct HTMLText {
    private let showsAddresses: Bool
    private var output = ""
    private var silentElement: String?
    private var preDepth = 0
    /// Whether the next character must be preceded by a space.
    private var pendingSpace = false
    /// The address of the open `a` element, and how long the output was before its text.
    private var anchor: (address: String, start: Int)?

    private init(showsAddresses: Bool) {
        self.showsAddresses = showsAddresses
    }

    /// Turns HTML into plain text.
    ///
    /// - Parameter showsAddresses: where a link's text is not its address, the address follows in angle brackets.
    package static func plainText(from html: String, showingAddresses showsAddresses: Bool = false) -> String {
        var reader = HTMLText(showsAddresses: showsAddresses)
        reader.read(html)
        reader.closeAnchor()
        return reader.trimmed
    }

    private mutating func read(_ html: String) {
        var rest = Substring(html)
        while let character = rest.first {
            if character == "<", let tag = Tag(at: &rest) {
                handle(tag)
            } else if character == "&", silentElement == nil, let text = HTMLEntity.decode(&rest) {
                // A non-breaking space holds its place; other white space may collapse.
                text == "\u{A0}" ? append(" ", keepingSpace: true) : append(text, keepingSpace: preDepth > 0)
            } else {
                rest.removeFirst()
                if silentElement == nil { append(String(character), keepingSpace: preDepth > 0) }
            }
        }
    }

    private mutating func handle(_ tag: Tag) {
        if let silent = silentElement {
            if tag.isClosing, tag.name == silent { silentElement = nil }
            return
        }
        switch tag.name {
        case "script", "style", "head", "title", "template":
            if !tag.isClosing, !tag.closesItself { silentElement = tag.name }
        case "a":
            tag.isClosing ? closeAnchor() : openAnchor(tag)
        case "br":
            breakLine()
        case "pre":
            preDepth = max(0, preDepth + (tag.isClosing ? -1 : 1))
            startLine()
        case "li":
            startLine()
            if !tag.isClosing { output += "- " }
        case "td", "th":
            if tag.isClosing { pendingSpace = true }
        case "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol", "hr":
            startParagraph()
        case "div", "tr", "section", "article", "header", "footer", "address", "dl", "dt", "dd":
            startLine()
        default:
            break
        }
    }

    private mutating func openAnchor(_ tag: Tag) {
        guard showsAddresses else { return }
        closeAnchor()
        guard let address = tag.attribute("href").map(Self.decoded),
            ["http://", "https://", "mailto:"].contains(where: address.lowercased().hasPrefix),
            !address.contains(where: \.isWhitespace)
        else { return }
        anchor = (address, output.utf8.count)
    }

    private mutating func closeAnchor() {
        guard let (address, start) = anchor else { return }
        anchor = nil
        let text = String(decoding: output.utf8.dropFirst(start), as: UTF8.self).trimmed
        let isShown = text == address || "mailto:" + text == address
        if !isShown { append(text.isEmpty ? address : " <\(address)>", keepingSpace: true) }
    }

    private static func decoded(_ value: Substring) -> String {
        var rest = value
        var text = ""
        while let character = rest.first {
            if character == "&", let decoded = HTMLEntity.decode(&rest) {
                text += decoded
            } else {
                text.append(rest.removeFirst())
            }
        }
        return text
    }

    private mutating func append(_ text: String, keepingSpace: Bool) {
        if !keepingSpace, text.allSatisfy(\.isWhitespace) {
            pendingSpace = true
            return
        }
        if pendingSpace, let last = output.last, last != "\n" { output += " " }
        pendingSpace = false
        output += text
    }

    private mutating func breakLine() {
        pendingSpace = false
        output += "\n"
    }

    private mutating func startLine() {
        pendingSpace = false
        if let last = output.last, last != "\n" { output += "\n" }
    }

    private mutating func startParagraph() {
        startLine()
        if !output.isEmpty, !output.hasSuffix("\n\n") { output += "\n" }
    }

    private var trimmed: String {
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in String(line.reversed().drop(while: \.isWhitespace).reversed()) }
        return lines.drop(while: \.isEmpty).reversed().drop(while: \.isEmpty).reversed().joined(separator: "\n")
    }

    /// A tag or comment; what merely looks like one ("3 < 4") is text.
    private struct Tag {
        var name: String
        var isClosing: Bool
        var closesItself: Bool
        private var content: Substring = ""

        /// The value of an attribute, as it is written.
        func attribute(_ name: String) -> Substring? {
            for match in content.matches(of: /\s([^\s=>\/"']+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/)
            where match.output.1.lowercased() == name {
                return match.output.2 ?? match.output.3 ?? match.output.4
            }
            return nil
        }

        /// Consumes the tag, or nothing.
        init?(at rest: inout Substring) {
            if rest.hasPrefix("<!--") {
                let end = rest.firstRange(of: "-->")?.upperBound ?? rest.endIndex
                rest = rest[end...]
                self.init(name: "", isClosing: false, closesItself: true)
                return
            }
            var inside = rest.dropFirst()
            let isClosing = inside.first == "/"
            if isClosing { inside.removeFirst() }
            guard let first = inside.first, first.isLetter || first == "!" || first == "?",
                let end = Self.end(of: inside)
            else { return nil }
            let content = inside[..<end]
            let name = content.prefix { !$0.isWhitespace && $0 != "/" }.lowercased()
            rest = rest[rest.index(after: end)...]
            self.init(name: name, isClosing: isClosing, closesItself: content.hasSuffix("/"))
            self.content = content
        }

        private init(name: String, isClosing: Bool, closesItself: Bool) {
            self.name = name
            self.isClosing = isClosing
            self.closesItself = closesItself
        }

        /// The `>` that ends the tag; one within quotes does not.
        private static func end(of inside: Substring) -> Substring.Index? {
            var quote: Character?
            for index in inside.indices {
                let character = inside[index]
                if let open = quote {
                    if character == open { quote = nil }
                } else if character == "\"" || character == "'" {
                    quote = character
                } else if character == ">" {
                    return index
                }
            }
            return inside.firstIndex(of: ">")
        }
    }
}

extension String {
    /// Without white space at both ends.
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
