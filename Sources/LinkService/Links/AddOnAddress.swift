import Foundation
import OneTimeLinks

/// The query of an address that the old add-on mailed: `Action=CustomerTicketZoom;TicketNumber=N;OTAToken=T`.
///
/// Mail programs rewrite what stands between the parts, and glue things to the end; people's tools reorder them.
struct AddOnAddress: Sendable, Hashable {
    /// What the address carries in place of a token of ours.
    enum TokenPart: Sendable, Hashable {
        case missing
        /// Damaged, or never one.
        case unreadable
        case token(AddOnToken)
    }

    /// What a form of ours asks for; a mailed address has none.
    enum Step: String, Sendable {
        case instead, fresh
    }

    let ticketNumber: TicketNumber?
    let token: TokenPart
    let step: Step?

    init(query: String) {
        var values: [String: String] = [:]
        // `&amp;` falls apart into a separator, a part without meaning, and another separator.
        for part in Self.parts(of: query) {
            let pair = (part.removingPercentEncoding ?? part).split(separator: "=", maxSplits: 1)
            guard pair.count == 2, values[String(pair[0])] == nil else { continue }
            values[String(pair[0])] = String(pair[1])
        }
        ticketNumber = values["TicketNumber"].flatMap { TicketNumber($0.prefix(while: Self.isPartOfNumber)) }
        step = values["Step"].flatMap { Step(rawValue: $0) }
        guard let text = values["OTAToken"] else {
            token = .missing
            return
        }
        token =
            TokenText.read(text.utf8, length: AddOnToken.length).flatMap { AddOnToken($0) }.map(TokenPart.token)
            ?? .unreadable
    }

    /// What stands between separators, of which some may be escaped.
    private static func parts(of query: String) -> [String] {
        let bytes = Array(query.utf8)
        var parts: [String] = []
        var (start, position) = (0, 0)
        func isEscapedSeparator(_ position: Int) -> Bool {
            guard position + 2 < bytes.count else { return false }
            switch (bytes[position + 1], bytes[position + 2] | 0x20) {
            case (UInt8(ascii: "3"), UInt8(ascii: "b")), (UInt8(ascii: "2"), UInt8(ascii: "6") | 0x20): return true
            default: return false
            }
        }
        while position <= bytes.count {
            var length = 1
            if position < bytes.count {
                switch bytes[position] {
                case UInt8(ascii: ";"), UInt8(ascii: "&"): break
                case UInt8(ascii: "%") where isEscapedSeparator(position): length = 3
                default: length = 0
                }
            }
            if length > 0 {
                if start < position { parts.append(String(decoding: bytes[start..<position], as: UTF8.self)) }
                start = position + length
            }
            position += max(length, 1)
        }
        return parts
    }

    /// The query for a form of ours about this link.
    static func query(_ token: AddOnToken, ticketNumber: TicketNumber, step: Step? = nil) -> String {
        "Action=CustomerTicketZoom;TicketNumber=\(ticketNumber);OTAToken=\(token.text)"
            + (step.map { ";Step=\($0.rawValue)" } ?? "")
    }

    private static func isPartOfNumber(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber) || character == "-" || character == "_"
    }
}
