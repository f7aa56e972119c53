/// A language, by the primary subtag of its BCP 47 tag: `en`, `de`.
///
/// A value may name a language that has no catalogue; ``Catalogue/init(for:)`` then answers in English.
public struct Language: Hashable, Sendable, CustomStringConvertible {
    /// The primary subtag in lower case, as it stands in the `lang` attribute of a page.
    public let tag: String

    /// The language of the fallback.
    public static let english = Language(knownTag: "en")
    /// The second complete language.
    public static let german = Language(knownTag: "de")

    /// From a tag such as `de`, `de-AT` or the desk's own spelling `pt_BR`; only the primary subtag counts.
    /// Nil when the text does not begin with one (two to eight ASCII letters).
    public init?(_ text: some StringProtocol) {
        let subtags = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard let first = subtags.first,
            let primary = first.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false).first,
            (2...8).contains(primary.count), primary.allSatisfy(\.isASCIILetter)
        else { return nil }
        tag = String(decoding: primary, as: UTF8.self).lowercased()
    }

    private init(knownTag: String) { tag = knownTag }

    /// The tag.
    public var description: String { tag }
}

extension UInt8 {
    var isASCIILetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
    }

    var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
