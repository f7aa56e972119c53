/// What a mail server found out about who sent a mail: the value of an `Authentication-Results` field (RFC 8601, section
/// 2.2), read in one pass.
///
/// Comments are left out, whatever stands in them; quoted strings are one word, whatever stands in them. A value with a
/// quotation mark or a comment that does not match has no single meaning and is not read at all.
public struct AuthenticationResults: Sendable, Equatable {
    /// What one method came to.
    public struct Finding: Sendable, Equatable {
        /// The method in lower case, such as `dmarc`.
        public let method: String
        /// The result in lower case, such as `pass`.
        public let result: String
        /// The properties by their names in lower case, such as `header.from`; `reason` among them. One that is given
        /// twice with different values is left out: readers differ over which of them counts.
        public let properties: [String: String]
    }

    /// The authserv-id of the server that wrote it, as written; nil: it begins with a finding, as Microsoft 365 writes it.
    public let server: String?
    /// The findings in their order; empty for `none`.
    public let findings: [Finding]

    /// Reads the unfolded value of a field, see ``RawField/value``. Nil for a value that does not follow the grammar.
    public init?(parsing value: String) {
        var scanner = ResultScanner(Array(value.utf8))
        guard var segments = try? scanner.segments(), let first = segments.first?.first else { return nil }
        if first.value == nil {
            // The name may be followed by a version, and by nothing else.
            let rest = segments.removeFirst().dropFirst()
            guard !first.name.isEmpty, rest.count <= 1, rest.allSatisfy({ $0.value == nil && $0.isNumber }) else {
                return nil
            }
            server = first.name
        } else {
            server = nil
        }
        findings = segments.compactMap(Finding.init)
    }
}

extension AuthenticationResults.Finding {
    /// Nil for `none` and for anything else that does not begin with a method and its result.
    fileprivate init?(_ segment: [ResultScanner.Pair]) {
        guard let first = segment.first, let value = first.value else { return nil }
        // A method may carry a version: `dkim/1`.
        method = first.name.split(separator: "/").first.map { String($0).asciiLowercased } ?? ""
        result = value.asciiLowercased
        var values: [String: Set<String>] = [:]
        for pair in segment.dropFirst() {
            if let value = pair.value { values[pair.name.asciiLowercased, default: []].insert(value) }
        }
        properties = values.compactMapValues { $0.count == 1 ? $0.first : nil }
    }
}

/// Splits the value into segments at semicolons, and each into words and pairs.
private struct ResultScanner {
    struct Pair {
        var name: String
        /// Nil: a word without `=`.
        var value: String?

        var isNumber: Bool { name.utf8.allSatisfy { (48...57).contains($0) } }
    }

    private struct Damage: Error {}

    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The segments that hold anything.
    mutating func segments() throws -> [[Pair]] {
        var segments: [[Pair]] = []
        var segment: [Pair] = []
        try skipBlanks()
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: ";") {
                index += 1
                if !segment.isEmpty { segments.append(segment) }
                segment = []
            } else {
                segment.append(try pair())
            }
            try skipBlanks()
        }
        return segment.isEmpty ? segments : segments + [segment]
    }

    private mutating func pair() throws -> Pair {
        var name = try word(endsAtEqualsSign: true)
        try skipBlanks()
        // Blanks may stand around the point of `smtp.mailfrom` and the slash of `dkim/1`.
        while let byte = peek, Self.isJoint(byte) || name.last.map(Self.isJoint) == true,
            byte != UInt8(ascii: ";"), byte != UInt8(ascii: "=")
        {
            name += try word(endsAtEqualsSign: true)
            try skipBlanks()
        }
        let text = String(decoding: name, as: UTF8.self)
        guard peek == UInt8(ascii: "=") else { return Pair(name: text) }
        index += 1
        try skipBlanks()
        return Pair(name: text, value: String(decoding: try word(endsAtEqualsSign: false), as: UTF8.self))
    }

    private static func isJoint(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/")
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    /// Everything up to a blank, a comment or a semicolon; quoted strings without their quotation marks.
    private mutating func word(endsAtEqualsSign: Bool) throws -> [UInt8] {
        var text: [UInt8] = []
        while let byte = peek {
            switch byte {
            case UInt8(ascii: ";"), UInt8(ascii: "("): return text
            case UInt8(ascii: "=") where endsAtEqualsSign: return text
            case UInt8(ascii: ")"): throw Damage()
            case UInt8(ascii: "\""): try quotedString(into: &text)
            case _ where Self.isBlank(byte): return text
            default:
                text.append(byte)
                index += 1
            }
        }
        return text
    }

    private mutating func quotedString(into text: inout [UInt8]) throws {
        index += 1
        while let byte = peek {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return
            case UInt8(ascii: "\\"):
                guard let escaped = peek else { throw Damage() }
                text.append(escaped)
                index += 1
            default: text.append(byte)
            }
        }
        throw Damage()
    }

    /// White space and comments, which may be nested.
    private mutating func skipBlanks() throws {
        var depth = 0
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"):
                guard depth > 0 else { throw Damage() }
                depth -= 1
            case UInt8(ascii: "\\") where depth > 0: index += 1
            default: guard depth > 0 || Self.isBlank(byte) else { return }
            }
            index += 1
        }
        guard depth == 0 else { throw Damage() }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte.isWhiteSpace || byte == .lineFeed || byte == .carriageReturn
    }
}
