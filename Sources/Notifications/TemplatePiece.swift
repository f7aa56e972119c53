/// A piece of a template: text that stays, or a tag that gives way to its value.
enum TemplatePiece: Equatable {
    case text(Substring)
    /// `name` is what stands after `OTOBO_` or `OTRS_`; `count` the number in brackets behind it.
    case tag(name: Substring, count: Int?)

    /// How the angle brackets around a tag are written.
    enum Brackets: CaseIterable {
        case plain
        /// As an HTML editor escapes them in text.
        case entity
        /// The same by number.
        case decimal, hexadecimal
        /// As an HTML editor escapes them in an address.
        case percent, smallPercent

        fileprivate var opening: StaticString {
            switch self {
            case .plain: "<"
            case .entity: "&lt;"
            case .decimal: "&#60;"
            case .hexadecimal: "&#x3c;"
            case .percent: "%3C"
            case .smallPercent: "%3c"
            }
        }

        fileprivate var closing: StaticString {
            switch self {
            case .plain: ">"
            case .entity: "&gt;"
            case .decimal: "&#62;"
            case .hexadecimal: "&#x3e;"
            case .percent: "%3E"
            case .smallPercent: "%3e"
            }
        }
    }

    /// A name that is longer is none.
    private static let longestName = 120

    /// The pieces of a template in order. Takes time in proportion to its length.
    static func pieces(of template: String, brackets: [Brackets]) -> [TemplatePiece] {
        var pieces: [TemplatePiece] = []
        var rest = template[...]
        var search = rest.utf8
        while let first = search.firstIndex(where: {
            $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "%")
        }) {
            search = search[first...]
            guard let (tag, end) = brackets.lazy.compactMap({ tag(at: search, $0) }).first else {
                search = search.dropFirst()
                continue
            }
            if rest.startIndex < first { pieces.append(.text(rest[..<first])) }
            pieces.append(tag)
            rest = rest[end...]
            search = rest.utf8
        }
        if !rest.isEmpty { pieces.append(.text(rest)) }
        return pieces
    }

    private static func tag(
        at text: Substring.UTF8View, _ brackets: Brackets
    ) -> (tag: TemplatePiece, end: Substring.Index)? {
        guard let inside = text.after(brackets.opening),
            let begin = inside.after("OTOBO_") ?? inside.after("OTRS_")
        else { return nil }
        let name = begin.prefix(longestName).prefix { $0.isOfTagName }
        guard !name.isEmpty, let end = begin.dropFirst(name.count).after(brackets.closing) else { return nil }
        return (tag(named: Substring(name)), end.startIndex)
    }

    private static func tag(named text: Substring) -> TemplatePiece {
        let bytes = text.utf8
        guard bytes.last == UInt8(ascii: "]"), let opening = bytes.lastIndex(of: UInt8(ascii: "[")) else {
            return .tag(name: text, count: nil)
        }
        let digits = bytes[bytes.index(after: opening)...].dropLast()
        guard (1...6).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }),
            let count = Int(Substring(digits))
        else { return .tag(name: text, count: nil) }
        return .tag(name: text[..<opening], count: count)
    }
}

extension Substring.UTF8View {
    /// What follows the prefix; nil where it does not stand.
    fileprivate func after(_ prefix: StaticString) -> Substring.UTF8View? {
        prefix.withUTF8Buffer { starts(with: $0) ? dropFirst($0.count) : nil }
    }
}

extension UInt8 {
    /// Whatever ends no tag and opens none: a tag that nobody knows is a tag all the same.
    fileprivate var isOfTagName: Bool { self >= 0x20 && self != 0x7F && !"<>&%\"'".utf8.contains(self) }
}
