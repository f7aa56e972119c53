import Foundation
import OneTimeLinks

/// A text that the desk may as well send as a number, or as null.
struct WireText: Decodable, Hashable, Sendable {
    /// Without U+0000, which a desk on MariaDB can hold and our database cannot.
    let text: String
    /// False if the desk sent U+0000.
    let isWhole: Bool

    init(from decoder: any Decoder) throws {
        let sent = try Self.sent(decoder.singleValueContainer())
        text = StorableText.of(sent)
        isWhole = StorableText.isStorable(sent)
    }

    private static func sent(_ container: any SingleValueDecodingContainer) throws -> String {
        if container.decodeNil() { return "" }
        if let string = try? container.decode(String.self) { return string }
        if let integer = try? container.decode(Int64.self) { return String(integer) }
        if let flag = try? container.decode(Bool.self) { return flag ? "1" : "0" }
        return try String(container.decode(Double.self))
    }
}

/// A whole number that the desk may as well send as a text.
struct WireInteger: Decodable, Hashable, Sendable {
    let value: Int64

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let integer = try? container.decode(Int64.self) {
            value = integer
        } else if let integer = try Int64(container.decode(String.self)) {
            value = integer
        } else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a whole number")
        }
    }
}
