import Foundation
import LinkStore
import OneTimeLinks
import Yams

/// A file that is said to hold exported notifications, up to the list in it.
enum NotificationFile {
    /// The entries of the list; refuses what could not be meant before much work is done on it.
    static func entries(of file: Data) throws(NotificationFileError) -> [Node] {
        let text = try text(of: file)
        if let name = aliasedName(in: text) {
            throw NotificationFileError(
                "the file", problem: "has the anchor &\(name) and its alias, which an export never has",
                advice: "Write the parts out.")
        }
        guard let root = try root(of: text) else {
            throw NotificationFileError("the file", problem: "is empty", advice: exportAgain)
        }
        guard case .sequence(let list) = root else {
            throw NotificationFileError(
                "the file", line: root.mark?.line, problem: "holds \(root.kind) where a list of notifications belongs",
                advice: exportAgain)
        }
        guard !list.isEmpty else {
            throw NotificationFileError("the file", problem: "holds no notification", advice: exportAgain)
        }
        return Array(list)
    }

    static let exportAgain = "Export the notifications at the desk again: Admin > Ticket Notifications > Export."

    private static func text(of file: Data) throws(NotificationFileError) -> String {
        guard file.count <= NotificationYAML.largestFile else {
            throw NotificationFileError(
                "the file", problem: "is larger than \(NotificationYAML.largestFile >> 20) MiB",
                advice: "Export fewer notifications at a time.")
        }
        guard let text = String(data: file, encoding: .utf8) else {
            throw NotificationFileError("the file", problem: "is not UTF-8", advice: exportAgain)
        }
        if text.drop(while: \.isWhitespace).first == "<" {
            throw NotificationFileError(
                "the file", problem: "is a web page, perhaps the desk's login page, and not YAML", advice: exportAgain)
        }
        return text
    }

    private static func root(of text: String) throws(NotificationFileError) -> Node? {
        do {
            return try Parser(yaml: text).singleRoot()
        } catch {
            throw NotificationFileError(
                "the file", line: (error as? YamlError)?.line, problem: "is not YAML as the desk writes it",
                advice: exportAgain)
        }
    }

    /// A name that stands as an anchor and as an alias. Without aliases the work is in proportion to the file's size.
    ///
    /// Looks at the text, not at what it means: whatever the parser could take for an alias is found, and what it could
    /// not is found only where the same word stands behind both signs.
    private static func aliasedName(in text: String) -> String? {
        let anchors = names(after: UInt8(ascii: "&"), in: text)
        return anchors.isEmpty ? nil : names(after: UInt8(ascii: "*"), in: text).intersection(anchors).min()
    }

    private static func names(after sign: UInt8, in text: String) -> Set<String> {
        var names: Set<String> = []
        var previous = UInt8(ascii: "\n")
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == sign, previous.canStandBeforeNode {
                let name = rest.prefix { $0.isOfAnchorName }
                if !name.isEmpty { names.insert(String(Substring(name))) }
            }
            previous = byte
        }
        return names
    }
}

extension Node {
    /// What it is, for messages.
    var kind: String {
        switch self {
        case .scalar: "a single value"
        case .mapping: "a map"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}

extension YamlError {
    fileprivate var line: Int? {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        case .duplicatedKeysInMapping(_, let context): context.mark.line
        case .no, .memory, .reader, .writer, .emitter, .representer, .dataCouldNotBeDecoded: nil
        }
    }
}

extension UInt8 {
    /// White space, the signs of YAML, and the last byte of a byte order mark.
    fileprivate var canStandBeforeNode: Bool {
        self <= 0x20 || self >= 0x80 || "[]{},:-?\"'".utf8.contains(self)
    }

    fileprivate var isOfAnchorName: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
