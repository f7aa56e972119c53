import OneTimeLinks
import Testing

@Suite("Who opened the page of a link")
struct VisitRuleTests {
    private static let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
    private static let cubot =
        "Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0 Mobile Safari/537.36"

    private static let people: [(VisitSigns, String)] = [
        (.init(userAgent: firefox, hasCookie: true), "cookie"),
        (.init(userAgent: "Something Else 1.0", hasCookie: true), "cookie"),
        (.init(userAgent: firefox, fetchMode: "navigate", namesLanguage: true), "navigation"),
        (.init(userAgent: "Something Else 1.0", fetchMode: "navigate"), "navigation"),
        (.init(userAgent: firefox, namesLanguage: true), "browser-agent"),
        (.init(userAgent: "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80)", namesLanguage: true), "browser-agent"),
        // A telephone whose name ends like a robot's.
        (.init(userAgent: cubot, namesLanguage: true), "browser-agent"),
        (.init(userAgent: firefox, purpose: "", namesLanguage: true), "browser-agent"),
    ]

    private static let programs: [(VisitSigns, String)] = [
        (.init(isHead: true, userAgent: firefox, namesLanguage: true, hasCookie: true), "head"),
        (.init(userAgent: firefox, purpose: "prefetch;prerender", namesLanguage: true, hasCookie: true), "prefetch"),
        (.init(userAgent: firefox, purpose: "Preview", namesLanguage: true), "prefetch"),
        (.init(userAgent: nil, namesLanguage: true, hasCookie: true), "no-agent"),
        (.init(userAgent: " ", namesLanguage: true), "no-agent"),
        (.init(userAgent: "curl/7.88.1", namesLanguage: true, hasCookie: true), "known-agent"),
        (.init(userAgent: "python-requests/2.31", namesLanguage: true), "known-agent"),
        (.init(userAgent: "Go-http-client/1.1"), "known-agent"),
        (.init(userAgent: "Slackbot-LinkExpanding 1.0 (+https://example.org/robots)"), "known-agent"),
        (.init(userAgent: "Mozilla/5.0 (compatible; bingbot/2.0)", namesLanguage: true), "known-agent"),
        (.init(userAgent: "Mozilla/5.0 (Windows NT 10.0) SkypeUriPreview Preview/0.5"), "known-agent"),
        (.init(userAgent: "Mozilla/5.0 (Windows NT 10.0) HeadlessChrome/119.0", namesLanguage: true), "known-agent"),
        (.init(userAgent: "BarracudaCentral/1.0", fetchMode: "navigate", namesLanguage: true), "known-agent"),
        (.init(userAgent: "Mozilla/4.0 (compatible; ms-office; MSOffice 16)"), "known-agent"),
        (.init(userAgent: firefox, fetchMode: "no-cors", namesLanguage: true), "no-navigation"),
        (.init(userAgent: firefox), "no-language"),
        (.init(userAgent: "Something Else 1.0", namesLanguage: true), "unknown-agent"),
    ]

    @Test("A person", arguments: people)
    func person(signs: VisitSigns, word: String) {
        guard case .person(let sign) = VisitRule.judge(signs) else {
            Issue.record("\(signs) is taken for a program: \(VisitRule.judge(signs).word)")
            return
        }
        #expect(sign.rawValue == word)
    }

    @Test("A scanner of mails, a preview or a script", arguments: programs)
    func program(signs: VisitSigns, word: String) {
        guard case .scanner(let sign) = VisitRule.judge(signs) else {
            Issue.record("\(signs) is taken for a person: \(VisitRule.judge(signs).word)")
            return
        }
        #expect(sign.rawValue == word)
    }
}
