import CGMime

/// A character set as mails name it.
struct CharacterSet: Equatable {
    /// The name in lower case.
    let name: String

    static let utf8 = CharacterSet(name: "utf-8")

    init(name: String) {
        self.name = name.asciiLowercased
    }

    /// The text that the bytes stand for, or `nil` if they are not valid in this set or the set is unknown.
    func decode(_ bytes: [UInt8]) -> String? {
        if isUTF8 { return String(validating: bytes, as: UTF8.self) }
        var length = 0
        guard let converted = cgmime_to_utf8(name, bytes, bytes.count, &length) else { return nil }
        defer { cgmime_release(converted) }
        return String(decoding: UnsafeRawBufferPointer(start: converted, count: length), as: UTF8.self)
    }

    /// The bytes that stand for the text, or `nil` if the set lacks one of its characters.
    func encode(_ text: String) -> [UInt8]? {
        if isUTF8 { return Array(text.utf8) }
        var text = text
        var length = 0
        let converted = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { cgmime_from_utf8(name, $0.baseAddress, $0.count, &length) }
        }
        guard let converted else { return nil }
        defer { cgmime_release(converted) }
        return Array(UnsafeBufferPointer(start: converted, count: length))
    }

    /// False for the sets in which an ASCII character is not the byte that it is in ASCII.
    var holdsASCII: Bool {
        let name = name.filter { $0 != "-" && $0 != "_" }
        return !Self.otherPrefixes.contains(where: name.hasPrefix)
    }

    private static let otherPrefixes = [
        "utf16", "utf32", "utf7", "ucs2", "ucs4", "iso10646", "csucs4", "csunicode", "unicode", "ebcdic", "ibm037",
        "cp037",
        "ibm273", "cp273", "ibm500", "cp500", "ibm1047", "cp1047",
    ]

    private var isUTF8: Bool {
        name == "utf-8" || name == "utf8"
    }
}
