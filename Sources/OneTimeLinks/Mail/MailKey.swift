import Crypto
import Foundation

/// Names a mail by its Message-ID and its sender, in 32 bytes: the sender chooses the Message-ID, so neither alone will do, and
/// neither its length nor its characters reach the database.
public struct MailKey: Hashable, Sendable {
    /// SHA-256.
    public let bytes: [UInt8]

    /// Nil without a Message-ID.
    ///
    /// - Parameters:
    ///   - messageID: as the field or the desk has it, angle brackets included or not.
    ///   - sender: an address; letters of ASCII count alike. Empty: of a mail that names no address.
    public init?(messageID: String, sender: String) {
        let id = Self.canonical(messageID: messageID)
        guard !id.isEmpty else { return nil }
        let text = "otalink mail\n\(id)\n\(AddressIdentity.canonical(sender))"
        bytes = Array(SHA256.hash(data: Data(text.utf8)))
    }

    /// From the bytes of another key; nil if they cannot be those of one.
    public init?(bytes: [UInt8]) {
        guard bytes.count == SHA256.byteCount else { return nil }
        self.bytes = bytes
    }

    /// The bytes as hexadecimal digits.
    public var text: String {
        bytes.map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
    }

    /// From the ``text`` of another key; nil if it cannot be that of one.
    public init?(text: String) {
        let digits = text.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == 2 * SHA256.byteCount else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        self.bytes = bytes
    }

    /// What is left of a Message-ID without white space and the brackets around it: lines are folded and brackets lost on the
    /// way, nothing else changes.
    public static func canonical(messageID text: String) -> String {
        var bytes = text.utf8.filter { $0 > 0x20 && $0 != 0x7F }[...]
        if bytes.first == UInt8(ascii: "<") { bytes.removeFirst() }
        if bytes.last == UInt8(ascii: ">") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The Message-ID of a mail of ours: `<id@code.host>`. Its code is random and known to the database and whoever got the mail, so
/// a mail that carries it is ours.
public struct OwnMessageID: Hashable, Sendable {
    /// The row of the outbox.
    public let mail: UUID
    /// The first label of the right side.
    public let code: String

    /// Nil if no mail of ours can have that Message-ID.
    public init?(_ messageID: String) {
        let sides = MailKey.canonical(messageID: String(messageID.prefix(300))).split(
            separator: "@", omittingEmptySubsequences: false)
        guard sides.count == 2, let id = UUID(uuidString: String(sides[0])) else { return nil }
        mail = id
        code = String(sides[1].prefix { $0 != "." })
    }

    /// The Message-ID without its angle brackets.
    ///
    /// - Parameter code: nil: of a mail that an older program tried first.
    public static func text(mail: UUID, code: String?, host: String) -> String {
        "\(mail.text)@\(code.map { $0 + "." } ?? "")\(host)"
    }

    /// A new code: 20 hexadecimal digits from 80 random bits.
    public static func newCode() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = (0..<20).map { _ in "0123456789abcdef".randomElement(using: &generator) ?? "0" }
        return String(digits)
    }
}
