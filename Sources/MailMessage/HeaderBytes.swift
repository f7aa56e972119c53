/// The bytes that header syntax is made of.
extension UInt8 {
    static let tab: UInt8 = 0x09
    package static let lineFeed: UInt8 = 0x0A
    package static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let colon: UInt8 = 0x3A

    /// Space or tab: what folds a header line (RFC 5322, section 2.2.2).
    package var isWhiteSpace: Bool {
        self == .space || self == .tab
    }

    /// ASCII capitals as small letters, every other byte as it is.
    var asciiLowercased: UInt8 {
        self >= 0x41 && self <= 0x5A ? self | 0x20 : self
    }
}

extension BidirectionalCollection where Element == UInt8 {
    /// Without the spaces, tabs and line breaks at both ends.
    func trimmingWhiteSpace() -> SubSequence {
        func isBlank(_ byte: UInt8) -> Bool {
            byte.isWhiteSpace || byte == .lineFeed || byte == .carriageReturn
        }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return self[endIndex...]
        }
        return self[first...last]
    }

    /// Whether a carriage return stands anywhere but before a line feed.
    var containsBareCarriageReturn: Bool {
        var index = startIndex
        while index != endIndex {
            let next = self.index(after: index)
            if self[index] == .carriageReturn, next == endIndex || self[next] != .lineFeed {
                return true
            }
            index = next
        }
        return false
    }
}

extension String {
    /// Header bytes as text: UTF-8, or, if they are not valid UTF-8, ISO 8859-1, which every byte is valid in.
    init(headerBytes bytes: some Collection<UInt8>) {
        if let text = String(validating: bytes, as: UTF8.self) {
            self = text
        } else {
            self.init(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        }
    }

    /// ASCII capitals as small letters, every other character as it is: the only folding by which names and
    /// addresses are compared here.
    var asciiLowercased: String {
        String(decoding: utf8.map(\.asciiLowercased), as: UTF8.self)
    }
}
