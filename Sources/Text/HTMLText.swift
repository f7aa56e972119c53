/// The text of an HTML body: of an article that the desk keeps as HTML, or of a mail that is written as HTML.
///
/// Reads what mail programs write, not all of HTML: block elements become lines, list items get a dash, scripts,
/// styles and comments vanish, white space collapses outside of `pre`. The result is text to be escaped by whoever
/// shows it, never markup. Takes time in proportion to the length of the body.
package struct HTMLText {
    private let html: [UInt8]
    private let showsAddresses: Bool
    private var output: [UInt8] = []
    private var preDepth = 0
    /// Whether the next character must be preceded by a space.
    private var pendingSpace = false
    /// The address of the open `a` element, and how long the output was before its text.
    private var anchor: (address: [UInt8], start: Int)?

    /// The longest text that is made, in bytes. A page shows less of an article, and says that it was cut.
    package static let longest = 1 << 20

    /// No browser follows a longer address, in bytes.
    private static let longestAddress = 2_000

    private init(_ html: String, showsAddresses: Bool) {
        self.html = Array(html.utf8)
        self.showsAddresses = showsAddresses
    }

    /// Turns HTML into plain text.
    ///
    /// - Parameter showsAddresses: where a link's text is not its address, the address follows in angle brackets.
    package static func plainText(from html: String, showingAddresses showsAddresses: Bool = false) -> String {
        var reader = HTMLText(html, showsAddresses: showsAddresses)
        reader.read()
        reader.closeAnchor()
        return reader.trimmed
    }

    private mutating func read() {
        let lastBracket = html.lastIndex(of: UInt8(ascii: ">")) ?? -1
        var position = 0
        while position < html.count, output.count < Self.longest {
            if html[position] == UInt8(ascii: "<"),
                let tag = HTMLTag(in: html, at: position, lastBracket: lastBracket)
            {
                position = tag.end
                if isSilent(tag) {
                    position = HTMLTag.endTag(of: tag.name, in: html, from: position)
                } else {
                    handle(tag)
                }
            } else if html[position] == UInt8(ascii: "&"), let (text, length) = HTMLEntity.decode(html, at: position) {
                position += length
                // A non-breaking space holds its place; other white space may collapse.
                text == "\u{A0}" ? append(" ", keepingSpace: true) : append(text, keepingSpace: preDepth > 0)
            } else {
                let end = endOfText(from: position + 1)
                append(html[position..<end])
                position = end
            }
        }
    }

    /// Where the next byte stands that may be more than text.
    private func endOfText(from start: Int) -> Int {
        html[start...].firstIndex { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "&") } ?? html.count
    }

    /// True for the start tag of an element whose content is no text.
    private func isSilent(_ tag: HTMLTag) -> Bool {
        switch tag.name {
        case "script", "style", "head", "title", "template": !tag.isClosing && !tag.closesItself
        default: false
        }
    }

    private mutating func handle(_ tag: HTMLTag) {
        switch tag.name {
        case "a":
            tag.isClosing ? closeAnchor() : openAnchor(tag)
        case "br":
            breakLine()
        case "pre":
            preDepth = max(0, preDepth + (tag.isClosing ? -1 : 1))
            startLine()
        case "li":
            startLine()
            if !tag.isClosing { output += "- ".utf8 }
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

    // MARK: Addresses

    private mutating func openAnchor(_ tag: HTMLTag) {
        guard showsAddresses else { return }
        closeAnchor()
        guard let value = tag.attribute("href"), value.count <= Self.longestAddress else { return }
        let address = Self.decoded(Array(value))
        let start = String(decoding: address.prefix(8), as: UTF8.self).lowercased()
        guard ["http://", "https://", "mailto:"].contains(where: start.hasPrefix),
            !address.contains(where: \.isHTMLSpace)
        else { return }
        anchor = (address, output.count)
    }

    private mutating func closeAnchor() {
        guard let (address, start) = anchor else { return }
        anchor = nil
        // The end of a line takes white space off.
        let text = output[min(start, output.count)...].trimmingHTMLSpace
        let isShown = text.elementsEqual(address) || Array("mailto:".utf8) + text == address
        if isShown { return }
        let shown = String(decoding: address, as: UTF8.self)
        append(text.isEmpty ? shown : " <\(shown)>", keepingSpace: true)
    }

    private static func decoded(_ value: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        var position = 0
        while position < value.count {
            if value[position] == UInt8(ascii: "&"), let (decoded, length) = HTMLEntity.decode(value, at: position) {
                text += decoded.utf8
                position += length
            } else {
                text.append(value[position])
                position += 1
            }
        }
        return text
    }

    // MARK: Output

    /// Text as it stands in the body.
    private mutating func append(_ text: ArraySlice<UInt8>) {
        for byte in text {
            if preDepth > 0 {
                byte == UInt8(ascii: "\n") ? breakLine() : output.append(byte)
            } else if byte.isHTMLSpace {
                pendingSpace = true
            } else {
                writePendingSpace()
                output.append(byte)
            }
        }
    }

    private mutating func append(_ text: String, keepingSpace: Bool) {
        if !keepingSpace, text.utf8.allSatisfy(\.isHTMLSpace) {
            pendingSpace = true
            return
        }
        writePendingSpace()
        output += text.utf8
    }

    private mutating func writePendingSpace() {
        if pendingSpace, let last = output.last, last != UInt8(ascii: "\n") { output.append(UInt8(ascii: " ")) }
        pendingSpace = false
    }

    /// Ends the line; white space at its end is taken off.
    private mutating func breakLine() {
        pendingSpace = false
        while let last = output.last, last.isHTMLSpace, last != UInt8(ascii: "\n") { output.removeLast() }
        output.append(UInt8(ascii: "\n"))
    }

    private mutating func startLine() {
        pendingSpace = false
        if let last = output.last, last != UInt8(ascii: "\n") { breakLine() }
    }

    private mutating func startParagraph() {
        startLine()
        if !output.isEmpty, !output.suffix(2).elementsEqual("\n\n".utf8) { output.append(UInt8(ascii: "\n")) }
    }

    /// Without empty lines at both ends.
    private var trimmed: String {
        let text = output[...].withoutTrailingHTMLSpace
        return String(decoding: text.drop { $0 == UInt8(ascii: "\n") }, as: UTF8.self)
    }
}

extension ArraySlice<UInt8> {
    fileprivate var withoutTrailingHTMLSpace: ArraySlice {
        var end = endIndex
        while end > startIndex, self[end - 1].isHTMLSpace { end -= 1 }
        return self[..<end]
    }

    fileprivate var trimmingHTMLSpace: ArraySlice { withoutTrailingHTMLSpace.drop(while: \.isHTMLSpace) }
}
