import CGMime

/// The value of a Content-Type field (RFC 2045, section 5).
public struct ContentType: Sendable, Equatable {
    /// The type and subtype in lower case, `text/plain`.
    public let mediaType: String

    private let value: String

    /// Reads a value; `nil` stands for a missing field, which means `text/plain` (RFC 2045, section 5.2).
    init(parsing value: String?) {
        let value = value?.withoutControlCharacters ?? "text/plain"
        self.value = value
        guard let parsed = cgmime_content_type_parse(value) else {
            mediaType = "application/octet-stream"
            return
        }
        defer { cgmime_content_type_release(parsed) }
        let names = [cgmime_content_type_media_type(parsed), cgmime_content_type_media_subtype(parsed)]
        mediaType = names.compactMap { $0.map { String(cString: $0) } }.joined(separator: "/").asciiLowercased
    }

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
