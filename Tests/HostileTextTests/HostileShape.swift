import TestSupport

/// A text of any length that makes a careless reader look at its bytes again and again.
struct HostileShape: Sendable, CustomStringConvertible {
    var beginning = ""
    /// Repeated to the middle of the text.
    var unit: String
    /// Repeated from the middle on; nil: the first unit all the way.
    var secondUnit: String?
    var end = ""

    func text(_ length: Int) -> [UInt8] {
        var bytes = Array(beginning.utf8)
        let room = max(length - bytes.count - end.utf8.count, 1)
        let first = secondUnit == nil ? room : room / 2
        Self.fill(&bytes, first, with: Array(unit.utf8))
        if let secondUnit { Self.fill(&bytes, room - first, with: Array(secondUnit.utf8)) }
        return bytes + end.utf8
    }

    /// Whole units only: half a character would be another shape.
    private static func fill(_ bytes: inout [UInt8], _ count: Int, with unit: [UInt8]) {
        bytes.reserveCapacity(bytes.count + count)
        var rest = max(count / max(unit.count, 1), 1)
        var (block, units) = (unit, 1)
        while rest > 0 {
            // By doubling: a test build appends short texts slowly.
            if units * 2 <= rest { (block, units) = (block + block, units * 2) }
            bytes += units <= rest ? block[...] : block.prefix(rest * unit.count)
            rest -= min(units, rest)
        }
    }

    var description: String {
        let middle = [unit, secondUnit].compactMap(\.self).map { "\($0.debugDescription) ..." }.joined(separator: " ")
        return [beginning.isEmpty ? nil : beginning.debugDescription, middle, end.isEmpty ? nil : end.debugDescription]
            .compactMap(\.self).joined(separator: " ")
    }

    /// Signs that mean something to several readers, and characters that cost more than they look.
    static let units = [
        "a", " ", "\n", "\r", "\r\n", "\t", "\0", "<", "<a", "<a ", "<!--", "<p>", "</", ">", "&", "&amp;", "&lt;",
        "&#", "\"",
        "'", "''", "a='", "(", ")", "((", "[", "{", "[{", "=?", "=?utf-8?q?a?= ", "=?x?b?AAAA", "=\n", "=", "==", ",",
        ";", ":",
        ": ", "a:\n", "a: b\n", "@", "a@b.example, ", "a@", ".", "a.", "\\", "\\\"", "%", "%3B", "%%", "&a=", "&a=b",
        "a=b; ",
        "/", "//", "://", "http://", "http://a.b ", "https://a)", "https://a.example/.,", "-", "--", "-->", "--\n", "$",
        "$a", "#",
        "1", "1.", "10.0.0.1, ", "o\n", "otalink:ticket=", "otalink:ticket=1;", "<OTOBO_", "<OTOBO_A[", "&lt;OTOBO_A",
        "* ", "&a ",
        "- ", "? ", "|", "a b", "ü", "\u{301}", "a\u{301}", "\u{1F1E6}", "\u{1F1E6} ", "\u{200D}", "\u{1F469}\u{200D}",
        "\u{202E}", "\u{1100}\u{1161}", "\u{FEFF}",
    ]

    /// What opens in the first half and closes, or never does, in the second.
    static let pairs = [
        ("<a ", ">"), ("<a", "\""), ("[", "]"), ("{\"a\":", "}"), ("(", ")"), ("\"a", "\n"), ("<b>", "</b>"),
        ("=?", "?="),
        ("<!--", "-->"), ("a,", "\n"), ("otalink:ticket=", ";"), ("\n\t", "a:\n"), ("https://a(", ")"),
        ("\u{1F1E6}", " "),
        (" ", "a "), ("a", " a"), ("\\", "\""),
    ]

    /// All shapes of a reader, each within each of its frames.
    static func all(for reader: ForeignReader) -> [HostileShape] {
        reader.frames.flatMap { frame in
            (units + reader.pieces).map {
                HostileShape(beginning: frame.beginning, unit: $0, end: frame.end)
            }
                + pairs.map {
                    HostileShape(beginning: frame.beginning, unit: $0.0, secondUnit: $0.1, end: frame.end)
                }
        } + reader.shapes
    }

    /// A shape that nobody has thought of.
    static func random(for reader: ForeignReader, _ generator: inout SeededGenerator) -> HostileShape {
        let pieces = units + reader.pieces + reader.pieces
        func some(_ counts: ClosedRange<Int>) -> String {
            (0..<Int.random(in: counts, using: &generator))
                .map { _ in pieces.randomElement(using: &generator) ?? "a" }.joined()
        }
        let frame = reader.frames.randomElement(using: &generator)
        return HostileShape(
            beginning: (frame?.beginning ?? "") + some(0...1), unit: some(1...3),
            secondUnit: Bool.random(using: &generator) ? some(1...3) : nil, end: some(0...1) + (frame?.end ?? ""))
    }
}
