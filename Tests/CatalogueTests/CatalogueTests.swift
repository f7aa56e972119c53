import Testing
import Text

@testable import Catalogue

@Suite("Catalogues")
struct CatalogueTests {
    @Test("every text says something, without stray white space", arguments: Catalogue.all.map(\.language))
    func filled(language: Language) {
        let texts = CatalogueTexts(Catalogue(for: language)).texts
        #expect(texts.count > 60)
        for (path, text) in texts {
            #expect(!text.template.isEmpty, "\(path)")
            #expect(!text.template.hasPrefix(" ") && !text.template.hasSuffix(" "), "\(path)")
            #expect(!text.template.contains("  ") && !text.template.hasSuffix("\n"), "\(path)")
        }
    }

    @Test("all languages have the same texts with the same gaps", arguments: Catalogue.all.map(\.language))
    func gaps(language: Language) {
        let english = CatalogueTexts(.english).texts
        let other = CatalogueTexts(Catalogue(for: language)).texts
        #expect(Set(english.keys) == Set(other.keys))
        for (path, text) in english { #expect(text.gaps == other[path]?.gaps, "\(path)") }
    }

    @Test("nothing was left untranslated", arguments: Catalogue.all.dropFirst().map(\.language))
    func translated(language: Language) {
        let alike: Set = ["dates.momentWithZone"]
        let english = CatalogueTexts(.english).texts
        for (path, text) in CatalogueTexts(Catalogue(for: language)).texts
        where !alike.contains(path) && !path.hasPrefix("dates.months") {
            #expect(text.template != english[path]?.template, "\(path)")
        }
    }

    @Test("a language without a catalogue is answered in English")
    func unknown() throws {
        let french = try #require(Language("fr"))
        #expect(Catalogue(for: french).language == .english)
        #expect(Set(Catalogue.all.map(\.language)).count == Catalogue.all.count)
    }

    @Test(
        "the beginning of a text ends where a scalar ends",
        arguments: [
            ("abc", 3, "abc", false), ("abc", 2, "ab", true), ("aü", 3, "aü", false), ("aü", 2, "a", true),
            ("üü", 3, "ü", true),
            ("\u{1F600}", 3, "", true), ("", 0, "", false), ("a", 0, "", true),
        ])
    func beginning(text: String, bytes: Int, beginning: String, isCut: Bool) {
        #expect(PlainText.beginning(text, bytes: bytes) == (beginning, isCut))
    }

    @Test("the messages bear the names of the add-on's settings")
    func settings() {
        #expect(
            CustomerMessage.allCases.map(\.settingName) == [
                "OneTimeAuth::CustomerErrorMessageRefreshFailed", "OneTimeAuth::CustomerErrorMessageNewLink",
                "OneTimeAuth::CustomerErrorMessageLinkExpired", "OneTimeAuth::CustomerErrorMessageWrongLink",
            ])
    }

    @Test("an own wording replaces the text and keeps the heading", arguments: CustomerMessage.allCases)
    func ownWording(message: CustomerMessage) {
        let builtIn = Catalogue.german.notice(message)
        #expect(Catalogue.german.notice(message, text: "Own") == Notice(heading: builtIn.heading, text: "Own"))
    }
}

/// All texts of a catalogue by their path in it.
private struct CatalogueTexts {
    struct Text {
        let template: String
        let gaps: Set<String>
    }

    private(set) var texts: [String: Text] = [:]

    init(_ catalogue: Catalogue) { collect(catalogue, path: []) }

    private mutating func collect(_ value: Any, path: [String]) {
        let name = path.joined(separator: ".")
        switch value {
        case let text as String: texts[name] = Text(template: text, gaps: [])
        case let wording as any WordingUnderTest: texts[name] = Text(template: wording.template, gaps: wording.gaps)
        case is Language: break
        default:
            for (index, child) in Mirror(reflecting: value).children.enumerated() {
                collect(child.value, path: path + [child.label ?? String(index)])
            }
        }
    }
}

private protocol WordingUnderTest {
    var template: String { get }
    var gaps: Set<String> { get }
}

extension Wording: WordingUnderTest {
    fileprivate var template: String { filled { "{\($0)}" } }

    fileprivate var gaps: Set<String> {
        Set(
            parts.compactMap { part in
                switch part {
                case .text: nil
                case .gap(let field): "\(field)"
                }
            })
    }
}
