/// A strict reader of the pages: stricter than any browser, so that a slip shows.
struct DocumentCheck {
    private(set) var problems: [String] = []
    private var open: [String] = []
    private var elements: [(name: String, attributes: [String: String])] = []

    private static let void: Set<String> = ["meta", "link", "br", "input"]
    private static let drawing: Set<String> = ["circle", "path"]
    private static let foreign: Set<String> = [
        "script", "img", "iframe", "object", "embed", "base", "video", "audio", "frame", "source",
    ]

    init(_ document: String) {
        guard let start = document.wholeMatch(of: /<!DOCTYPE html>\n(.*)/.dotMatchesNewlines()) else {
            problems.append("no doctype")
            return
        }
        var rest = start.output.1
        while let bracket = rest.firstIndex(of: "<") {
            check(text: rest[..<bracket])
            rest = rest[bracket...]
            guard let tag = rest.prefixMatch(of: /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"<>]*")?)*)(\/?)>/)
            else {
                problems.append("no tag: \(rest.prefix(60))")
                return
            }
            let (_, slash, name, attributes, selfClosing) = tag.output
            rest = rest[tag.range.upperBound...]
            if slash.isEmpty {
                enter(String(name), attributes: attributes, isClosed: !selfClosing.isEmpty)
            } else {
                leave(String(name))
            }
            if name == "style", slash.isEmpty, let end = rest.firstRange(of: "</style>") {
                rest = rest[end.lowerBound...]
            }
        }
        if !open.isEmpty { problems.append("not closed: \(open)") }
        checkWhole()
    }

    private mutating func check(text: Substring) {
        let references = /&(?:amp|lt|gt|quot|#39);/
        if text.replacing(references, with: "").contains("&") { problems.append("bare ampersand: \(text)") }
    }

    private mutating func enter(_ name: String, attributes source: Substring, isClosed: Bool) {
        var attributes: [String: String] = [:]
        for match in source.matches(of: /([a-zA-Z-]+)(?:="([^"]*)")?/) {
            let attribute = String(match.output.1)
            if attributes[attribute] != nil { problems.append("\(name): \(attribute) twice") }
            attributes[attribute] = match.output.2.map(String.init) ?? ""
            if attribute == "style" || attribute == "src" || attribute.hasPrefix("on") {
                problems.append("\(name) has \(attribute)")
            }
        }
        elements.append((name, attributes))
        if Self.foreign.contains(name) { problems.append("foreign element \(name)") }
        if ["a", "button", "form"].contains(name), open.contains(name) { problems.append("\(name) within itself") }
        if isClosed != Self.drawing.contains(name) { problems.append("closing of \(name)") }
        if !isClosed, !Self.void.contains(name) { open.append(name) }
    }

    private mutating func leave(_ name: String) {
        if open.popLast() != name { problems.append("</\(name)> closes nothing") }
    }

    private mutating func checkWhole() {
        for name in ["html", "head", "body", "title", "style", "header", "main", "footer", "h1"]
        where elements.count(where: { $0.name == name }) != 1 {
            problems.append("not one \(name)")
        }
        if elements.first?.attributes["lang"]?.isEmpty != false { problems.append("no language") }
        if elements.first(where: { $0.name == "link" })?.attributes["href"] != "data:," { problems.append("icon") }

        let ids = elements.compactMap(\.attributes["id"])
        if Set(ids).count != ids.count { problems.append("an id twice") }
        for element in elements {
            for reference in [element.attributes["aria-labelledby"], fragment(element.attributes["href"])] {
                if let reference, !ids.contains(reference) { problems.append("no element \(reference)") }
            }
        }
        let metas = Set(elements.filter { $0.name == "meta" }.compactMap(\.attributes["name"]))
        for name in ["viewport", "robots", "referrer", "color-scheme"] where !metas.contains(name) {
            problems.append("no meta \(name)")
        }
    }

    private func fragment(_ href: String?) -> String? {
        href.flatMap { $0.hasPrefix("#") ? String($0.dropFirst()) : nil }
    }
}
