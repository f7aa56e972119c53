import CGMime

/// The value of a Content-Type field (RFC 2045, section 5).
public struct ContentType: Sendable, Equatable {
    /// The type and subtype in lower case, `text/plain`.
    public let mediaType: String

    private let value: String

    /// A longer value says nothing that can be believed, in bytes.
    private static let longestValue = 8_192
    private static let unknown = "application/octet-stream"

    /// Reads a value; `nil` stands for a missing field, which means `text/plain` (RFC 2045, section 5.2).
    init(parsing value: String?) {
        let value = value ?? "text/plain"
        guard value.utf8.count <= Self.longestValue else {
            self.value = Self.unknown
            mediaType = Self.unknown
            return
        }
        self.value = value.withoutControlCharacters
        guard let parsed = cgmime_content_type_parse(self.value) else {
            mediaType = Self.unknown
            return
        }
        defer { cgmime_content_type_release(parsed) }
        let names = [cgmime_content_type_media_type(parsed), cgmime_content_type_media_subtype(parsed)]
        mediaType = names.compactMap { $0.map { String(cString: $0) } }.joined(separator: "/").asciiLowercased
    }

    /// What was not looked at.
    static let unread = ContentType(parsing: unknown)

    /// The decoded value of a parameter (RFC 2231, or RFC 2047 as many mailers write it).
    public func parameter(_ name: String) -> String? {
        guard let parsed = cgmime_content_type_parse(value) else { return nil }
        defer { cgmime_content_type_release(parsed) }
        return cgmime_content_type_parameter(parsed, name).map { String(cString: $0) }
    }

    /// Whether the type before the slash is this one.
    func isKind(_ type: String) -> Bool {
        mediaType.hasPrefix(type + "/")
    }

    /// The value with another character set and every other parameter as it was.
    func value(withCharset charset: String) -> String {
        guard let changed = cgmime_content_type_with_charset(value, charset) else { return value }
        defer { cgmime_release(changed) }
        return String(cString: changed)
    }
}
