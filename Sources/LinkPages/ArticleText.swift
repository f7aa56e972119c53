import Catalogue

/// The text of a message, told apart into what is shown, what becomes a link, and what is hidden.
struct ArticleText: Hashable {
    enum Part: Hashable {
        case text(String)
        /// An `http` or `https` URL, which becomes a link to itself.
        case webAddress(String)
        /// A sign-in link, or the tag that stands for one.
        case hidden
    }

    private(set) var parts: [Part] = []

    /// `ownLinks` are the beginnings of our own sign-in URLs, e.g. `https://help.example/l/`; what begins so is hidden
    /// up to the next white space, with either scheme and in any case.
    init(_ text: String, ownLinks: [String] = []) {
        let ownPrefixes = ownLinks.map(Self.withoutScheme)
        var rest = PlainText.lines(text)[...]
        while Self.mayHoldTag(rest), let tag = rest.firstMatch(of: Self.templateTag) {
            append(rest[..<tag.range.lowerBound], ownPrefixes: ownPrefixes)
            parts.append(.hidden)
            rest = rest[tag.range.upperBound...]
        }
        append(rest, ownPrefixes: ownPrefixes)
    }

    func html(linkHidden: String) -> HTML {
        HTML(
            parts.map { part in
                switch part {
                case .text(let text): HTML(lines: text)
                case .webAddress(let url): "<a href=\"\(url)\" rel=\"noopener noreferrer nofollow\">\(url)</a>"
                case .hidden: "<span class=\"note\">\(linkHidden)</span>"
                }
            })
    }

    /// The template tag, as such and as it looks after a mail program has escaped it.
    private static var templateTag: Regex<Substring> {
        /(?:<|&lt;)\s*(?:OTOBO|OTRS|ZNUNY)_OTACustomerTicketLink\s*(?:>|&gt;)/.ignoresCase()
    }

    /// Most texts hold neither, and setting up a regular expression costs more than the rest of a page.
    private static func mayHoldTag(_ text: Substring) -> Bool { text.utf8.contains(UInt8(ascii: "_")) }

    private static func mayHoldURL(_ text: Substring) -> Bool { text.utf8.firstRange(of: "://".utf8) != nil }

    private mutating func append(_ text: Substring, ownPrefixes: [String]) {
        var rest = text
        while Self.mayHoldURL(rest), let match = rest.firstMatch(of: /(?i:https?):\/\/[^\s<>"]+/) {
            append(rest[..<match.range.lowerBound])
            let found = match.output
            let bare = Self.withoutScheme(found)
            if ownPrefixes.contains(where: bare.hasPrefix) {
                parts.append(.hidden)
                rest = rest[match.range.upperBound...]
            } else {
                let url = WebAddress.trimmed(found)
                if WebAddress.isSafe(String(url)) { parts.append(.webAddress(String(url))) } else { append(url) }
                rest = rest[url.endIndex...]
            }
        }
        append(rest)
    }

    private mutating func append(_ text: Substring) {
        if !text.isEmpty { parts.append(.text(String(text))) }
    }

    private static func withoutScheme(_ url: some StringProtocol) -> String {
        let lowercased = url.lowercased()
        return lowercased.firstRange(of: "://").map { String(lowercased[$0.upperBound...]) } ?? lowercased
    }
}
