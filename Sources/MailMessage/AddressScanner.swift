/// Splits the value of an address field into elements, and each element into its lexical parts (RFC 5322, section
/// 3.2), without judging what they amount to.
struct AddressScanner {
    /// The parts of one element.
    struct Parts {
        /// Words before the angle bracket: atoms as they are, quoted strings without their quotation marks.
        var words: [[UInt8]] = []
        /// What stands outside brackets and comments, as written, quotation marks included.
        var bare: [UInt8] = []
        /// Whether an `@` stands outside quotation marks and brackets.
        var bareHasAtSign = false
        /// What stands between angle brackets.
        var angle: [UInt8]?
        /// Words after the angle brackets.
        var afterAngle: [[UInt8]] = []
        /// The comments, without their outer parentheses.
        var comments: [String] = []
        /// Whether a comment stands between two pieces of what is outside brackets.
        var bareHoldsComment = false
        private var commentFollowsBare = false

        mutating func add(word: [UInt8], written: [UInt8]) {
            if angle == nil {
                words.append(word)
                bare += written
                bareHoldsComment = bareHoldsComment || commentFollowsBare
            } else {
                afterAngle.append(word)
            }
        }

        mutating func add(comment: [UInt8]) {
            comments.append(String(decoding: comment, as: UTF8.self))
            commentFollowsBare = commentFollowsBare || !bare.isEmpty
        }
    }

    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next element. After a failure nothing more comes, because where the rest begins is in doubt.
    mutating func nextElement() -> Result<Parts, ListDefect>? {
        guard index < bytes.count else { return nil }
        var parts = Parts()
        do {
            while index < bytes.count {
                let byte = bytes[index]
                if byte == UInt8(ascii: ",") {
                    index += 1
                    break
                }
                try scan(byte, into: &parts)
            }
        } catch {
            index = bytes.count
            return .failure(error)
        }
        return .success(parts)
    }

    private mutating func scan(_ byte: UInt8, into parts: inout Parts) throws(ListDefect) {
        switch byte {
        case UInt8(ascii: "\""):
            let start = index
            let text = try quotedString()
            parts.add(word: text, written: Array(bytes[start..<index]))
        case UInt8(ascii: "("):
            parts.add(comment: try comment())
        case UInt8(ascii: ")"):
            throw .unclosedQuote
        case UInt8(ascii: "<"):
            guard parts.angle == nil else { throw .angleBrackets }
            parts.angle = try angleAddress()
        case UInt8(ascii: ">"):
            throw .angleBrackets
        case UInt8(ascii: ":"), UInt8(ascii: ";"):
            throw .group
        case 0..<0x20 where byte != .tab, 0x7F:
            throw .controlCharacter
        case .space, .tab:
            if !parts.bare.isEmpty { parts.bare.append(.space) }
            index += 1
        default:
            let word = atom()
            parts.bareHasAtSign = parts.bareHasAtSign || (word.contains(UInt8(ascii: "@")) && parts.angle == nil)
            parts.add(word: word, written: word)
        }
    }

    /// Everything up to white space or a character with a meaning of its own; an encoded word entirely.
    private mutating func atom() -> [UInt8] {
        let start = index
        while index < bytes.count {
            if let length = encodedWordLength() {
                index += length
                continue
            }
            let byte = bytes[index]
            if byte <= 0x20 || byte == 0x7F || AddressScanner.special.contains(byte) { break }
            index += 1
        }
        return Array(bytes[start..<index])
    }

    private static let special = Set("\"(),:;<>".utf8)

    /// The length of the encoded word that begins here (RFC 2047, section 2), even if it holds characters that have
    /// no place in a name.
    private func encodedWordLength() -> Int? {
        guard bytes[index...].starts(with: "=?".utf8) else { return nil }
        var questionMarks = 1
        var position = index + 2
        while position < bytes.count, bytes[position] > 0x20 {
            if bytes[position] == UInt8(ascii: "?") {
                questionMarks += 1
                if questionMarks == 4 {
                    let end = position + 1
                    return end < bytes.count && bytes[end] == UInt8(ascii: "=") ? end + 1 - index : nil
                }
            }
            position += 1
        }
        return nil
    }

    private mutating func quotedString() throws(ListDefect) -> [UInt8] {
        var text: [UInt8] = []
        index += 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                return text
            case UInt8(ascii: "\\") where index + 1 < bytes.count:
                index += 1
                try appendVisible(to: &text)
            default:
                try appendVisible(to: &text)
            }
        }
        throw .unclosedQuote
    }

    private mutating func comment() throws(ListDefect) -> [UInt8] {
        var text: [UInt8] = []
        var depth = 1
        index += 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\\") where index + 1 < bytes.count:
                index += 1
                try appendVisible(to: &text)
                continue
            case UInt8(ascii: "("):
                depth += 1
            case UInt8(ascii: ")"):
                depth -= 1
            default:
                break
            }
            if depth == 0 {
                index += 1
                return text
            }
            try appendVisible(to: &text)
        }
        throw .unclosedQuote
    }

    private mutating func angleAddress() throws(ListDefect) -> [UInt8] {
        var text: [UInt8] = []
        index += 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: ">"):
                index += 1
                return text
            case UInt8(ascii: "<"):
                throw .angleBrackets
            case UInt8(ascii: "\""):
                let start = index
                _ = try quotedString()
                text += bytes[start..<index]
            default:
                try appendVisible(to: &text)
            }
        }
        throw .angleBrackets
    }

    private mutating func appendVisible(to text: inout [UInt8]) throws(ListDefect) {
        let byte = bytes[index]
        guard byte == .tab || (byte >= 0x20 && byte != 0x7F) else { throw .controlCharacter }
        text.append(byte)
        index += 1
    }
}
