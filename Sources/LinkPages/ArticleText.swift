import Catalogue
import Text

/// The text of a message, told apart into what is shown, what becomes a link, and what is hidden. Takes time in proportion to
/// the text's length.
struct ArticleText: Hashable {
    enum Part: Hashable {
        case text(String)
        /// An `http` or `https` URL, which becomes a link to itself.
        case webAddress(String)
        /// A sign-in link, ours or of the predecessor, or the tag that stands for one.
        case hidden
    }

    private(set) var parts: [Part] = []

    /// `ownLinks` are the beginnings of our own sign-in URLs, e.g. `https://help.example/l/`; what begins so is hidden
    /// up to the next white space, with either scheme and in any case.
    ///
    /// - Parameter isCut: the text goes on where it ends here, so an address at its very end may lack its own end: no link.
    init(_ text: String, ownLinks: [String] = [], isCut: Bool = false) {
        let bytes = Array(PlainText.lines(text).utf8)
        let ownPrefixes = ownLinks.map { WebAddress.withoutScheme($0).map(\.lowercasedASCII) }
        var addOnLinks = AddOnLink.all(in: bytes)[...]
        var start = 0
        var position = 0
        var tags = TemplateTag(bytes)
        while position < bytes.count {
            if let link = addOnLinks.first, position >= link.lowerBound {
                // An address that began before may have taken a part of it.
                append(bytes[start..<max(start, link.lowerBound)])
                parts.append(.hidden)
                addOnLinks.removeFirst()
                (start, position) = (link.upperBound, link.upperBound)
            } else if let end = tags.end(at: position) {
                append(bytes[start..<position])
                parts.append(.hidden)
                (start, position) = (end, end)
            } else if let address = WebAddress.found(in: bytes, at: position) {
                append(bytes[start..<position])
                position = take(address, ownPrefixes)
                start = position
            } else {
                position += 1
            }
        }
        append(bytes[start...])
        if isCut, case .webAddress(let url) = parts.last { parts[parts.count - 1] = .text(url) }
    }

    /// Where the text goes on behind the address.
    private mutating func take(_ found: ArraySlice<UInt8>, _ ownPrefixes: [[UInt8]]) -> Int {
        let bare = WebAddress.withoutScheme(found)
        if ownPrefixes.contains(where: { bare.starts(with: $0, by: { $0.lowercasedASCII == $1 }) }) {
            parts.append(.hidden)
            return found.endIndex
        }
        let url = WebAddress.trimmed(found)
        let text = String(decoding: url, as: UTF8.self)
        parts.append(WebAddress.isSafe(url) ? .webAddress(text) : .text(text))
        return url.endIndex
    }

    private mutating func append(_ text: ArraySlice<UInt8>) {
        if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self))) }
    }

    /// Takes addresses from a number of those that may still become links; the others stay text.
    func html(linkHidden: String, linksLeft: inout Int) -> HTML {
        HTML(
            parts.map { part in
                switch part {
                case .text(let text): return HTML(lines: text)
                case .webAddress(let url):
                    linksLeft -= 1
                    guard linksLeft >= 0 else { return HTML(lines: url) }
                    return "<a href=\"\(url)\" rel=\"noopener noreferrer nofollow\">\(url)</a>"
                case .hidden: return "<span class=\"note\">\(linkHidden)</span>"
                }
            })
    }

    /// With all addresses as links.
    func html(linkHidden: String) -> HTML {
        var linksLeft = Int.max
        return html(linkHidden: linkHidden, linksLeft: &linksLeft)
    }
}

/// A link of the predecessor, however it is written: with a scheme or without one, as a value of another address.
private enum AddOnLink {
    private static let parameter = Array("OTAToken".utf8)

    /// What stands around the parameter, up to white space, quotation marks and angle brackets.
    static func all(in text: [UInt8]) -> [Range<Int>] {
        var links: [Range<Int>] = []
        var start = 0
        var isLink = false
        for (position, byte) in text.enumerated() {
            if byte.isWhiteSpace || byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "\"")
            {
                if isLink { links.append(start..<position) }
                (start, isLink) = (position + 1, false)
            } else if byte == parameter[0], text[position...].starts(with: parameter) {
                isLink = true
            }
        }
        return isLink ? links + [start..<text.count] : links
    }
}

extension UInt8 {
    var lowercasedASCII: UInt8 { (65...90).contains(self) ? self | 0x20 : self }

    /// What lines are parted and indented by; the other control characters are taken out before.
    var isWhiteSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
