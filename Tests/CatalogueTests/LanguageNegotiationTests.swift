import Catalogue
import Testing

@Suite("Negotiating the language")
struct LanguageNegotiationTests {
    private static let en = Language.english
    private static let de = Language.german

    /// Field, stored preference, default, and the language to expect.
    private static let table: [(field: String?, preferred: String?, fallback: Language, expected: Language)] = [
        (nil, nil, en, en),
        (nil, nil, de, de),
        ("", nil, de, de),
        ("de", nil, en, de),
        ("DE", nil, en, de),
        ("de-AT", nil, en, de),
        ("de-Latn-DE-1996", nil, en, de),
        ("de-DE,de;q=0.9,en;q=0.8", nil, en, de),
        ("en-US,en;q=0.9,de;q=0.8", nil, de, en),
        ("fr,de;q=0.5", nil, en, de),
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", nil, de, en),
        ("en;q=0.2,de;q=0.3", nil, en, de),
        ("en;q=0.8,de;q=0.80", nil, de, en),
        ("de;q=0.001", nil, en, de),
        ("en;q=0.999,de;q=1.000", nil, en, de),
        ("de;q=0.1,en;q=0.5,de", nil, en, de),
        ("de;q=0", nil, de, en),
        ("de;q=0,*", nil, de, en),
        ("de;q=0.000, en;q=0.1", nil, de, en),
        ("de-AT;q=0,de", nil, en, de),
        ("en;q=0,de;q=0", nil, de, de),
        ("*", nil, de, de),
        ("*;q=0.1,de;q=0.1", nil, en, de),
        ("fr", nil, de, de),
        (" ,, de ,", nil, en, de),
        ("de ; q=0.5\t, en ;\tq=0.4", nil, de, de),
        ("en;Q=0.3,de;Q=0.4", nil, en, de),
        // Members that do not follow the grammar are passed over.
        ("de;q=2,en;q=0.1", nil, de, en),
        ("de;q=1.001,en;q=0.1", nil, de, en),
        ("de;q=0.1234,en;q=0.1", nil, de, en),
        ("de;q=-1,en;q=0.1", nil, de, en),
        ("de;q=,en;q=0.1", nil, de, en),
        ("de;q=.5,en;q=0.1", nil, de, en),
        ("de;q=0,5;en", nil, en, en),
        ("de;level=1,en;q=0.1", nil, de, en),
        ("de;q=0.9;q=0.8,en;q=0.1", nil, de, en),
        ("de--DE,en;q=0.1", nil, de, en),
        ("de_DE,en;q=0.1", nil, de, en),
        ("deutschland,en;q=0.1", nil, de, en),
        ("de\u{0}", nil, en, en),
        ("d\u{e9},\u{1F600},\u{ff44}\u{ff45}", nil, en, en),
        ("i-klingon,x-private,*-DE", nil, de, de),
        (";;;===,,,q=1", nil, de, de),
        (String(repeating: ",", count: 100_000) + "en", nil, de, de),
        (String(repeating: "x,", count: 300) + "en", nil, de, de),
        // The stored preference comes first, in the desk's spelling too.
        ("de", "en", de, en),
        ("en", "de_AT", en, de),
        ("en", "DE-de", en, de),
        ("de", "pt_BR", en, de),
        ("de;q=0", "de", en, de),
        (nil, "", de, de),
        (nil, "../../etc", de, de),
    ]

    @Test("answers every field", arguments: table.indices)
    func negotiated(row: Int) {
        let (field, preferred, fallback, expected) = Self.table[row]
        let language = Language.negotiate(acceptLanguage: field, preferred: preferred, default: fallback)
        #expect(language == expected, "\(field?.prefix(60) ?? "none"), \(preferred ?? "none")")
    }

    @Test(
        "a tag is read by its primary subtag",
        arguments: [
            ("de", "de"), ("DE-at", "de"), ("pt_BR", "pt"), ("zh-Hans-CN", "zh"), ("gsw", "gsw"), ("", nil), ("-", nil),
            ("x", nil), ("1a", nil), ("abcdefghi", nil), ("d e", nil), ("_de", nil), ("dé", nil),
        ] as [(String, String?)])
    func tag(text: String, tag: String?) {
        #expect(Language(text)?.tag == tag)
    }
}
