import CurlClient
import Foundation
import OneTimeLinks
import Testing

@Suite("Languages of pages")
struct PageLanguageTests {
    private static let texts = [
        "\(SettingName.messageLinkExpired)@fr": "Ce lien", "\(SettingName.messageLinkExpired)@de": "Dieser da",
    ]

    @Test(
        "A page is in one language, that of a catalogue, whatever texts are set and whatever the browser wants",
        arguments: [
            ("fr", "en", "en", "This link is no longer valid"), ("fr,de;q=0.5", "en", "de", "Dieser da"),
            ("fr", "fr", "en", "This link is no longer valid"), (nil, "fr", "en", "This link is no longer valid"),
            ("de", "fr", "de", "Dieser da"), (nil, "de", "de", "Dieser da"), ("en;q=0", "fr", "de", "Dieser da"),
        ] as [(String?, String, String, String)])
    func oneLanguage(wanted: String?, fallback: String, language: String, shown: String) async throws {
        let settings = Self.texts.merging([SettingName.defaultLanguage: fallback]) { $1 }
        try await withService(settings) { (_, service, _) async throws in
            let response = try await service.client.send(
                HTTPRequest(
                    method: .get, url: service.url + "/l/forged",
                    headers: wanted.map { [("Accept-Language", $0)] } ?? []))
            #expect(response.header("Content-Language") == language)
            let page = response.text
            #expect(page.contains("<html lang=\"\(language)\">") && page.contains(shown) && !page.contains("Ce lien"))
        }
    }
}
