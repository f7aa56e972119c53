/// Writing base64 (RFC 2045, section 6.8).
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Encodes without line breaks.
    static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var encoded: [UInt8] = []
        encoded.reserveCapacity((bytes.count + 2) / 3 * 4)
        var rest = bytes[...]
        while !rest.isEmpty {
            let group = Array(rest.prefix(3))
            rest = rest.dropFirst(3)
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for position in 0..<4 {
                encoded.append(
                    position <= group.count
                        ? alphabet[Int(bits >> UInt32(18 - 6 * position)) & 63] : UInt8(ascii: "="))
            }
        }
        return encoded
    }

    /// Encodes in lines of 76 characters, each ended by `lineEnding`.
    static func encodeLines(_ bytes: some Collection<UInt8>, lineEnding: [UInt8]) -> [UInt8] {
        var encoded: [UInt8] = []
        var line = encode(bytes)[...]
        while !line.isEmpty {
            encoded += line.prefix(76)
            encoded += lineEnding
            line = line.dropFirst(76)
        }
        return encoded
    }
}
