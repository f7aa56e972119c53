/// One field of a header section exactly as it stands in the message: name, colon, value, the line breaks inside
/// the value and the one that ends it.
///
/// A field may also be a line that is no field at all (see ``Kind-swift.enum``); it is kept so that the section can
/// be written out byte for byte.
public struct RawField: Sendable, Equatable {
    /// What the bytes are.
    public enum Kind: Sendable, Equatable {
        /// A name, a colon and a value.
        case field
        /// The `From sender date` line that mailbox files and local delivery put before the first field.
        case envelopeLine
        /// A line without a colon.
        case malformed
    }

    /// Every byte of the field, line endings included.
    public let bytes: [UInt8]

    /// What the bytes are.
    public let kind: Kind

    /// Where the first colon stands; `nil` if there is none or the line is an envelope line.
    private let colon: Int?

    /// The name that any reader, however lenient, could take this field to have: all printable ASCII characters
    /// before the colon, in lower case. White space, line breaks, control characters, NUL and bytes above 126 are
    /// left out, because some reader might leave them out.
    public let lenientName: String

    init(bytes: [UInt8], kind: Kind? = nil) {
        self.bytes = bytes
        let colon = kind == .envelopeLine ? nil : bytes.firstIndex(of: .colon)
        self.kind = kind ?? (colon == nil ? .malformed : .field)
        self.colon = colon
        // Asked for many times in each mail, so made once.
        lenientName = colon.map { Self.lenientName(bytes[..<$0]) } ?? ""
    }

    private static func lenientName(_ bytes: ArraySlice<UInt8>) -> String {
        var name: [UInt8] = []
        name.reserveCapacity(bytes.count)
        for byte in bytes where byte > 0x20 && byte < 0x7F { name.append(byte.asciiLowercased) }
        return String(decoding: name, as: UTF8.self)
    }

    /// The name as it was spelled, without white space around it; empty if there is no colon.
    public var name: String {
        guard let colon else { return "" }
        return String(headerBytes: bytes[..<colon].trimmingWhiteSpace())
    }

    /// Whether every reader agrees on where the name begins and ends: printable ASCII up to the colon, and no bare
    /// carriage return or NUL in the value.
    public var isPlainlySpelled: Bool {
        guard kind == .field, let colon, colon > 0 else { return false }
        guard bytes[..<colon].allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return false }
        return !bytes.contains(0) && !bytes.containsBareCarriageReturn
    }

    /// The bytes after the colon, as they stand; empty if there is no colon.
    public var rawValue: ArraySlice<UInt8> {
        guard let colon else { return [] }
        return bytes[(colon + 1)...]
    }

    /// The value on one line: line breaks taken out, white space around it taken off (RFC 5322, section 2.2.3).
    public var unfoldedValue: [UInt8] {
        Array(rawValue.filter { $0 != .lineFeed && $0 != .carriageReturn }.trimmingWhiteSpace())
    }

    /// The unfolded value as text: UTF-8, or ISO 8859-1 where it is not valid UTF-8. Encoded words stay as they are.
    public var value: String {
        String(headerBytes: unfoldedValue)
    }

    /// The unfolded value with its encoded words decoded (RFC 2047).
    public var decodedValue: String {
        EncodedWord.decode(value)
    }

    /// The field and, if its first line does not begin with a proper field name, each of its lines: a reader that
    /// drops the first line may take any of the others for a field.
    var readings: [RawField] {
        if kind == .envelopeLine || beginsWithName { return [self] }
        let lines = bytes.split { $0 == .lineFeed || $0 == .carriageReturn }
        return [self] + lines.map { RawField(bytes: Array($0)) }
    }

    /// Whether the first line begins with printable ASCII and a colon, white space between them allowed.
    private var beginsWithName: Bool {
        guard let colon, let first = bytes.first, !first.isWhiteSpace else { return false }
        let name = bytes[..<colon].trimmingWhiteSpace()
        return !name.isEmpty && name.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            && !bytes[..<colon].contains { $0 == .lineFeed || $0 == .carriageReturn }
    }

    /// The line break that ends the field: LF, CRLF, CR, or none at the end of the message.
    var ending: ArraySlice<UInt8> {
        if bytes.last == .lineFeed {
            return bytes.dropLast().last == .carriageReturn ? bytes.suffix(2) : bytes.suffix(1)
        }
        return bytes.last == .carriageReturn ? bytes.suffix(1) : []
    }

    /// The same field with another line break at its end.
    func replacingEnding(with ending: ArraySlice<UInt8>) -> RawField {
        RawField(bytes: Array(bytes.dropLast(self.ending.count)) + ending, kind: kind)
    }
}
