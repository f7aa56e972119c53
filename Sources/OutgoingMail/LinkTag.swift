import MailMessage

/// A place in an outgoing mail where the desk wants the customer's link.
enum LinkTag: Hashable, Sendable {
    /// `<OTOBO_OTACustomerTicketLink>`, or as the other members of the family spell it: the subject says which ticket.
    case bare
    /// `otalink:ticket=2026112510000018;customer=anna@example.org`, filled in by the desk from its own tags. The texts are as
    /// they stand there and may be anything; of very long ones the beginning.
    case explicit(ticket: String, customer: String)

    /// True if the bytes of a text could hold a tag at all.
    static func mayStand(in text: [UInt8]) -> Bool {
        var finder = LinkTagFinder(text, isHTML: true)
        return text.indices.contains { finder.match(at: $0) != nil }
    }
}

/// Finds the tags of a text. Takes time in proportion to the text's length, if it is asked about the positions in their order.
struct LinkTagFinder {
    private static let names = ["OTOBO", "OTRS", "ZNUNY"].map { Array("\($0)_OTACUSTOMERTICKETLINK".utf8) }
    private static let ticketWord = Array("OTALINK:TICKET=".utf8)
    private static let customerWord = Array("CUSTOMER=".utf8)

    private let text: [UInt8]
    private let isHTML: Bool
    /// No explicit tag begins before this position: one that began within a ticket number that led to nothing would have the end
    /// of that number, and lead to nothing too.
    private var noExplicitTagBefore = 0

    init(_ text: [UInt8], isHTML: Bool) {
        self.text = text
        self.isHTML = isHTML
    }

    /// True for the bytes that a tag can begin with.
    static func canBegin(with byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "<"), UInt8(ascii: "&"), UInt8(ascii: "%"), UInt8(ascii: "o"), UInt8(ascii: "O"): true
        default: false
        }
    }

    /// The tag that begins at a position of the text, and where it ends.
    ///
    /// Between its letters there may be a line break with white space behind it: whoever folded the text did not know that it was
    /// a tag. The brackets may be escaped, as in HTML (`&lt;`) or, there, as in addresses (`%3C`).
    mutating func match(at start: Int) -> (tag: LinkTag, end: Int)? {
        guard Self.canBegin(with: text[start]) else { return nil }
        var scanner = TagScanner(text: text, position: start, isHTML: isHTML)
        let isBracketed = scanner.skipOpeningBracket()
        if isBracketed {
            let inside = scanner.position
            for name in Self.names {
                scanner.position = inside
                guard scanner.skip(word: name) else { continue }
                scanner.skipWhiteSpace()
                if scanner.skip(UInt8(ascii: "/")) { scanner.skipWhiteSpace() }
                return scanner.skipClosingBracket() ? (.bare, scanner.position) : nil
            }
            scanner.position = inside
        }
        guard start >= noExplicitTagBefore, scanner.skip(word: Self.ticketWord) else { return nil }
        let ticket = scanner.value()
        let numberEnd = scanner.furthest
        guard let ticket, scanner.skip(UInt8(ascii: ";")), let customer = customer(&scanner) else {
            noExplicitTagBefore = numberEnd
            return nil
        }
        var end = scanner.position
        if isBracketed {
            scanner.skipWhiteSpace()
            if scanner.skipClosingBracket() { end = scanner.position }
        }
        return (.explicit(ticket: ticket, customer: customer), end)
    }

    private func customer(_ scanner: inout TagScanner) -> String? {
        scanner.skipWhiteSpace()
        return scanner.skip(word: Self.customerWord) ? scanner.value() : nil
    }
}
