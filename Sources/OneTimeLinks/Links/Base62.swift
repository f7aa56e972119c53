/// Base62 of exactly 32 bytes: 43 characters of `[0-9A-Za-z]`, which no mail program cuts at and no URL escapes.
///
/// The bytes are one number, most significant first, written with a fixed number of digits. Every value has exactly
/// one text: texts of another length, with other characters, or of a number that does not fit are refused.
enum Base62 {
    static let textLength = 43
    static let byteCount = 32

    static func encode(_ bytes: [UInt8]) -> String {
        precondition(bytes.count == byteCount, "base62 texts stand for 32 bytes")
        var limbs = (0..<4).map { limb in
            bytes[limb * 8..<limb * 8 + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        return String(unsafeUninitializedCapacity: textLength) { buffer in
            var position = textLength
            while position > 0 {
                var chunk = divide(&limbs, by: chunkValue)
                for _ in 0..<min(chunkDigits, position) {
                    position -= 1
                    buffer[position] = digits[Int(chunk % 62)]
                    chunk /= 62
                }
            }
            return textLength
        }
    }

    static func decode(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count == textLength else { return nil }
        var limbs: [UInt64] = [0, 0, 0, 0]
        // The first three digits, then ten at a time.
        var start = 0
        var end = textLength % chunkDigits
        while start < textLength {
            var chunk: UInt64 = 0
            var factor: UInt64 = 1
            for position in start..<end {
                guard let digit = value(of: characters[position]) else { return nil }
                chunk = chunk * 62 + digit
                factor *= 62
            }
            guard multiplyAdd(&limbs, factor, chunk) else { return nil }
            (start, end) = (end, end + chunkDigits)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount)
        for limb in limbs {
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: limb >> shift)) }
        }
        return bytes
    }

    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    /// Ten digits at a time are taken off the number: the largest power of 62 that fits into a word.
    private static let chunkDigits = 10
    private static let chunkValue: UInt64 = 839_299_365_868_340_224

    private static func value(of byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt64(byte - UInt8(ascii: "A")) + 10
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt64(byte - UInt8(ascii: "a")) + 36
        default: nil
        }
    }

    private static func divide(_ limbs: inout [UInt64], by divisor: UInt64) -> UInt64 {
        var remainder: UInt64 = 0
        for index in limbs.indices {
            (limbs[index], remainder) = divisor.dividingFullWidth((remainder, limbs[index]))
        }
        return remainder
    }

    /// False when the number outgrows 256 bits.
    private static func multiplyAdd(_ limbs: inout [UInt64], _ factor: UInt64, _ addend: UInt64) -> Bool {
        var carry = addend
        for index in limbs.indices.reversed() {
            let (high, low) = limbs[index].multipliedFullWidth(by: factor)
            let (sum, overflow) = low.addingReportingOverflow(carry)
            limbs[index] = sum
            carry = high + (overflow ? 1 : 0)
        }
        return carry == 0
    }
}
