import CGMime
import Foundation

/// How the bytes of a part are written for transport (RFC 2045, section 6).
public enum TransferEncoding: String, Sendable, Equatable {
    /// ASCII lines of at most 998 characters.
    case sevenBit = "7bit"
    /// Lines of at most 998 bytes.
    case eightBit = "8bit"
    /// Any bytes.
    case binary
    /// ASCII as it is, the rest escaped.
    case quotedPrintable = "quoted-printable"
    /// Any bytes, unreadable to people.
    case base64

    /// The encoding that a field names; nothing and what is unknown count as 8bit, which changes no byte.
    init(fieldValue: String?) {
        let name = fieldValue?.asciiLowercased.split { " \t;(".contains($0) }.first.map(String.init)
        self = name.flatMap(TransferEncoding.init(rawValue:)) ?? .eightBit
    }

    /// Lines of 76 characters, the last one ended too.
    private static func base64Lines(_ bytes: [UInt8], lineEnding: [UInt8]) -> [UInt8] {
        var options: Data.Base64EncodingOptions = [.lineLength76Characters, .endLineWithLineFeed]
        if lineEnding.count == 2 { options.insert(.endLineWithCarriageReturn) }
        return Array(Data(bytes).base64EncodedData(options: options)) + (bytes.isEmpty ? [] : lineEnding)
    }

    /// The encoding in which a text of ours survives every relay, and no link in it is cut.
    ///
    /// - `7bit` for ASCII with lines of at most 998 characters: nobody has a reason to touch it.
    /// - Else `quoted-printable`, if that leaves every word with a `://` in it on one line.
    /// - Else `base64`. A soft line break inside a link is legal, but naive programs that look for links in the raw
    ///   source cut it there.
    ///
    /// `8bit` is never chosen: a relay that does not offer 8BITMIME must convert it, which breaks signatures, and puts
    /// soft line breaks where it likes.
    ///
    /// - Parameter text: UTF-8, lines ended by CRLF.
    static func forSending(_ text: [UInt8]) -> TransferEncoding {
        if text.allSatisfy({ $0 < 0x80 }), longestLine(of: text) <= 998 { return .sevenBit }
        let words = text.split { $0 <= 0x20 }
        let isCutting = words.contains { word in
            String(decoding: word, as: UTF8.self).contains("://") && !QuotedPrintable.fitsOnLine(word)
        }
        return isCutting ? .base64 : .quotedPrintable
    }

    /// Whether bytes can be written in this encoding without becoming something else on the way.
    func canCarry(_ bytes: [UInt8]) -> Bool {
        switch self {
        case .sevenBit: bytes.allSatisfy { $0 < 0x80 && $0 != 0 } && TransferEncoding.longestLine(of: bytes) <= 998
        case .eightBit: !bytes.contains(0) && TransferEncoding.longestLine(of: bytes) <= 998
        case .binary, .quotedPrintable, .base64: true
        }
    }

    /// Writes bytes in this encoding.
    func encode(_ bytes: [UInt8], lineEnding: [UInt8]) -> [UInt8] {
        switch self {
        case .sevenBit, .eightBit, .binary: bytes
        case .quotedPrintable: QuotedPrintable.encode(bytes, lineEnding: lineEnding)
        case .base64: Self.base64Lines(bytes, lineEnding: lineEnding)
        }
    }

    /// The bytes that were written in this encoding. Damage is read over, as mail programs do.
    func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let encoding: cgmime_transfer_encoding
        switch self {
        case .sevenBit, .eightBit, .binary: return Array(bytes)
        case .quotedPrintable: encoding = CGMIME_QUOTED_PRINTABLE
        case .base64: encoding = CGMIME_BASE64
        }
        var length = 0
        let decoded = bytes.withUnsafeBufferPointer {
            cgmime_decode_body(encoding, $0.baseAddress, $0.count, &length)
        }
        guard let decoded else { return [] }
        defer { cgmime_release(decoded) }
        return Array(UnsafeBufferPointer(start: decoded, count: length))
    }

    private static func longestLine(of bytes: [UInt8]) -> Int {
        var (longest, current) = (0, 0)
        for byte in bytes {
            current = byte == .lineFeed ? 0 : current + 1
            longest = max(longest, current)
        }
        return longest
    }
}
