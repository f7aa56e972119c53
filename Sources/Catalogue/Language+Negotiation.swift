extension Language {
    /// The language to answer in: the stored preference if there is a catalogue for it, else what the browser
    /// asks for, else the default.
    ///
    /// `acceptLanguage` is read as RFC 9110, section 12.5.4, says and matched by the lookup of RFC 4647, section
    /// 3.4: higher weight first, among equals the earlier one; `de-AT` finds `de`; `*` asks for nothing in
    /// particular; `de;q=0` rules German out. Members that do not follow the grammar are passed over, so any text
    /// at all gets an answer. Several header lines are to be joined by commas.
    public static func negotiate(acceptLanguage: String?, preferred: String?, default fallback: Language) -> Language {
        negotiate(
            acceptLanguage: acceptLanguage, preferred: preferred, default: fallback,
            among: Catalogue.all.map(\.language))
    }

    static func negotiate(
        acceptLanguage: String?, preferred: String?, default fallback: Language, among available: [Language]
    ) -> Language {
        if let preferred, let language = Language(preferred), available.contains(language) { return language }
        guard let acceptLanguage else { return fallback }

        let ranges = LanguageRange.list(acceptLanguage)
        let refused = Set(ranges.filter { $0.weight == 0 && $0.isPrimaryOnly }.compactMap(\.language))
        let acceptable = available.filter { !refused.contains($0) }

        var best: (language: Language, weight: Int)?
        for range in ranges where range.weight > (best?.weight ?? 0) {
            guard let language = range.language, acceptable.contains(language) else { continue }
            best = (language, range.weight)
        }
        if let best { return best.language }
        return refused.contains(fallback) ? acceptable.first ?? fallback : fallback
    }
}

/// One member of an `Accept-Language` field: a range and its weight in thousandths.
struct LanguageRange {
    /// Nil for `*` and for a range whose first subtag is no language (`i-klingon`, `x-private`).
    let language: Language?
    /// True if the range is a primary subtag alone, so that weight 0 rules the whole language out.
    let isPrimaryOnly: Bool
    let weight: Int

    /// A browser sends a handful; what comes after these limits is not worth the reading.
    private static let longestField = 1000
    private static let mostMembers = 50

    static func list(_ field: String) -> [LanguageRange] {
        field.utf8.prefix(longestField)
            .split(separator: UInt8(ascii: ","))
            .prefix(mostMembers)
            .compactMap { LanguageRange(member: $0) }
    }

    private init?(member: Substring.UTF8View) {
        let parts = member.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map(\.trimmed)
        guard let range = parts.first, parts.count <= 2 else { return nil }
        if parts.count == 2 {
            guard let weight = Self.weight(parts[1]) else { return nil }
            self.weight = weight
        } else {
            weight = 1000
        }

        if range.elementsEqual("*".utf8) {
            language = nil
            isPrimaryOnly = false
            return
        }
        let subtags = range.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let isWellFormed = subtags.enumerated().allSatisfy { index, subtag in
            (1...8).contains(subtag.count)
                && subtag.allSatisfy { $0.isASCIILetter || (index > 0 && $0.isASCIIDigit) }
        }
        guard isWellFormed else { return nil }
        language = Language(Substring(range))
        isPrimaryOnly = subtags.count == 1
    }

    /// `q=` and a qvalue of RFC 9110, section 12.4.2: `0` or `1` with at most three decimals, at most 1.
    private static func weight(_ parameter: Substring.UTF8View) -> Int? {
        let bytes = Array(parameter)
        guard bytes.count >= 3, bytes.count <= 7, bytes[0] | 0x20 == UInt8(ascii: "q"), bytes[1] == UInt8(ascii: "=")
        else { return nil }
        let whole = bytes[2]
        guard whole == UInt8(ascii: "0") || whole == UInt8(ascii: "1") else { return nil }
        let decimals = bytes.dropFirst(4)
        guard bytes.count == 3 || bytes[3] == UInt8(ascii: "."), decimals.allSatisfy(\.isASCIIDigit) else { return nil }

        var thousandths = Int(whole - UInt8(ascii: "0"))
        for place in 0..<3 {
            let digit = decimals.dropFirst(place).first.map { Int($0 - UInt8(ascii: "0")) } ?? 0
            thousandths = thousandths * 10 + digit
        }
        return thousandths <= 1000 ? thousandths : nil
    }
}

extension Substring.UTF8View {
    /// Without the optional white space of RFC 9110, section 5.6.3, at both ends.
    fileprivate var trimmed: Substring.UTF8View {
        var rest = self[...]
        while let first = rest.first, first == 0x20 || first == 0x09 { rest = rest.dropFirst() }
        while let last = rest.last, last == 0x20 || last == 0x09 { rest = rest.dropLast() }
        return rest
    }
}
