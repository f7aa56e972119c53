extension EncodedWord {
    /// Decodes the encoded words in an unfolded field value. Control characters that come to light are dropped: no
    /// decoded value spans lines or hides a NUL.
    ///
    /// Words are found wherever they stand, also within other words and quotation marks, because many mailers put them
    /// there. White space between two of them is dropped (section 6.2), and the bytes of neighbours in one character
    /// set are decoded together, because some mailers split a character. GMime's decoder is not used: it loses all
    /// but the first of several base64 words that end with padding.
    ///
    /// What stands behind the first 64 KiB stays as it is: nobody reads that much of a name or a subject.
    static func decode(_ value: String) -> String {
        let all = value.utf8
        let bytes = Array(all.prefix(longestValue))
        var decoded = ""
        var pending: (charset: CharacterSet, bytes: [UInt8])?
        var plain: [UInt8] = []
        func flushPending() {
            if let word = pending { decoded += word.charset.decode(word.bytes) ?? String(headerBytes: word.bytes) }
            pending = nil
        }
        func flushPlain() {
            if !plain.isEmpty { flushPending() }
            decoded += String(decoding: plain, as: UTF8.self)
            plain = []
        }
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "="), let word = Word(in: bytes[index...]) else {
                plain.append(bytes[index])
                index += 1
                continue
            }
            if pending != nil, plain.allSatisfy(\.isWhiteSpace) { plain = [] }
            flushPlain()
            if pending?.charset != word.charset { flushPending() }
            if pending == nil { pending = (word.charset, []) }
            pending?.bytes += word.content
            index += word.length
        }
        plain += all.dropFirst(longestValue)
        flushPlain()
        flushPending()
        return decoded.withoutControlCharacters
    }

    /// In bytes.
    private static let longestValue = 65_536

    /// One encoded word at the start of some bytes, `=?charset*language?encoding?content?=`.
    private struct Word {
        let charset: CharacterSet
        let content: [UInt8]
        let length: Int

        init?(in bytes: ArraySlice<UInt8>) {
            let questionMark = UInt8(ascii: "?")
            guard bytes.starts(with: "=?".utf8) else { return nil }
            let parts = bytes.dropFirst(2).split(
                separator: questionMark, maxSplits: 3, omittingEmptySubsequences: false)
            guard parts.count == 4, parts[3].first == UInt8(ascii: "="), !parts[0].isEmpty, parts[0].count < 64 else {
                return nil
            }
            switch parts[1].map(\.asciiLowercased) {
            case Array("b".utf8): content = TransferEncoding.base64.decode(parts[2])
            case Array("q".utf8): content = Word.unquoted(parts[2])
            default: return nil
            }
            let name = parts[0].prefix { $0 != UInt8(ascii: "*") }
            guard name.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
            charset = CharacterSet(name: String(decoding: name, as: UTF8.self))
            length = parts[3].startIndex + 1 - bytes.startIndex
        }

        /// The bytes of the Q encoding (section 4.2).
        private static func unquoted(_ text: ArraySlice<UInt8>) -> [UInt8] {
            var bytes: [UInt8] = []
            var rest = text
            while let byte = rest.popFirst() {
                let digits = rest.prefix(2)
                let escaped =
                    byte == UInt8(ascii: "=") && digits.count == 2
                    ? UInt8(String(decoding: digits, as: UTF8.self), radix: 16) : nil
                if let escaped {
                    bytes.append(escaped)
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte == UInt8(ascii: "_") ? .space : byte)
                }
            }
            return bytes
        }
    }
}
