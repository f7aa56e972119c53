import Foundation

/// A word of a text from outside, as ``ForeignText`` looks at it: whether it is an address of a person or of a page, in the spellings in
/// which programs quote them.
struct ForeignWord {
    private let text: Substring
    /// With escapes decoded, twice, and without what nothing shows.
    private let plain: String

    init(_ text: Substring) {
        self.text = text
        plain = Self.plain(text)
    }

    /// Also as some programs quote it: with its signs escaped, or without the scheme.
    var isURL: Bool { Self.marksOfURLs.contains { plain.utf8.firstRange(of: $0.utf8) != nil } }

    private static let marksOfURLs = ["://", ":\\/\\/", "OTAToken"]

    /// Of mail, also in the form in which mailing lists write it into the address for bounces: `bounce+anna=example.com`.
    var isMailAddress: Bool { plain.utf8.contains(UInt8(ascii: "@")) || isReturnPath }

    /// The part before the `@` begins in an earlier word: `lena"@example.com` of `"anna lena"@example.com`.
    var endsQuotedName: Bool {
        guard let end = plain.utf8.firstRange(of: "\"@".utf8)?.lowerBound else { return false }
        return plain.utf8[..<end].count { $0 == UInt8(ascii: "\"") }.isMultiple(of: 2)
    }

    /// Whether such a part may begin here.
    var mayBeginQuotedName: Bool { !plain.utf8.count { $0 == UInt8(ascii: "\"") }.isMultiple(of: 2) }

    /// The blank behind it is escaped, and belongs to the same name.
    var goesOn: Bool { text.utf8.last == UInt8(ascii: "\\") }

    /// A name of a host behind an equals sign, and before it a name in two parts. `relay=mx.example.org` is no address.
    private var isReturnPath: Bool {
        let parts = plain.split(separator: "=", omittingEmptySubsequences: false)
        var isFirst = true
        for (text, host) in zip(parts, parts.dropFirst()) {
            let name = text.utf8.reversed().prefix(while: Self.isOfName)
            let hasParts = name.split { "+-".utf8.contains($0) }.count > 1
            let follows = !isFirst && name.count == text.utf8.count
            if !name.isEmpty, hasParts || follows, Self.beginsWithHost(host) { return true }
            isFirst = false
        }
        return false
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte.isLetterOrDigit || "._+-".utf8.contains(byte)
    }

    /// Labels with dots between, the last of letters.
    private static func beginsWithHost(_ text: Substring) -> Bool {
        let labels = text.utf8.prefix { isOfName($0) }.split(separator: UInt8(ascii: "."))
        guard labels.count > 1, let last = labels.last else { return false }
        return last.count > 1 && last.allSatisfy { $0 >= 0x80 || !(48...57).contains($0) }
    }

    private static func plain(_ text: Substring) -> String {
        let isOrdinary = text.utf8.allSatisfy { $0 < 0x80 && $0 != UInt8(ascii: "%") && $0 != UInt8(ascii: "&") }
        if isOrdinary { return String(text) }
        let decoded = String(
            decoding: TokenText.unescaped(TokenText.unescaped(Array(text.utf8)).bytes).bytes, as: UTF8.self
        )
        .replacing("&#64;", with: "@")
        guard decoded.utf8.contains(where: { $0 >= 0x80 }) else { return decoded }
        var scalars = String.UnicodeScalarView()
        scalars.append(
            contentsOf: decoded.precomposedStringWithCompatibilityMapping.unicodeScalars.lazy.filter {
                !$0.properties.isDefaultIgnorableCodePoint
            })
        return String(scalars)
    }
}
