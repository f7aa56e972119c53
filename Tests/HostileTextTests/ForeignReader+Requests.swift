import Catalogue
import Foundation
import HTTPTypes
import Hummingbird
import LinkPages
import OneTimeLinks
import TicketSystem

@testable import LinkService
@testable import OpenIDProvider

extension ForeignReader {
    /// Requests of browsers and programs.
    static let requests: [ForeignReader] = [
        ForeignReader("form of a page", pieces: formPieces) { (text: String) in
            _ = (try? FormFields(text))?["form"]
        },
        ForeignReader(
            "path of a link", pieces: ["a", "%20", "%E2%80%8B", "%2F", "%", "\u{200B}", "</a>"],
            frames: [("/l/", ""), ("/l%2F", ""), ("", "")]
        ) { (text: String) in
            _ = LinkPath.forgiven(text, prefix: "")
        },
        ForeignReader(
            "number and address of a link request",
            pieces: ["Ticket#", "1234 ", "a@b.example, ", "<", "\"", "mailto:", "%40", "(", "\u{200B}"],
            frames: [("", ""), ("Ticket#", ""), ("mailto:", ""), ("<", ">")]
        ) { (text: String) in
            _ = TypedLinkRequest(ticket: text, email: text, settings: Settings())
        },
        ForeignReader("sender of an article", pieces: ["a@b.example, ", "<", ">", "@", "\""]) { (text: String) in
            let article = TicketArticle(
                articleID: 1, sender: .customer, from: text, subject: "", text: "", createdAt: nil)
            let customer = CustomerUser(
                login: "a", email: "a@b.example", customerID: "a", firstName: "A", lastName: "B")
            _ = TicketPage.Article.Author(of: article, seenBy: customer)
        },
        ForeignReader("parameters of a query", pieces: formPieces) { (text: String) in
            let parameters = FormParameters(encoded: text)
            _ = (parameters?.repeatedName, parameters?.encoded, parameters?["client_id"])
        },
        ForeignReader("address of a request", pieces: formPieces, frames: [("/", ""), ("/api/v1/links?ticket=", "")]) {
            (text: String) in
            let request = request(path: text)
            _ = (request.uri.path, request.uri.queryParameters.getAll("recipient", as: String.self))
        },
        ForeignReader("address of the add-on", pieces: formPieces + ["OTAToken=", "TicketNumber=", "%26", "&amp;"]) {
            (text: String) in
            _ = AddOnAddress(query: text)
        },
        ForeignReader("cookies", pieces: ["otalink=a; ", "__Host-otalink=", "__Host-otalink-flow=a.b.c"]) {
            (text: String) in
            guard let keys, let baseURL else { return }
            let request = request(cookie: text)
            let cookies = BrowserCookies(baseURL: baseURL, keys: keys)
            _ = (cookies.session(request).map { keys.verify($0, as: .session) }, cookies.formOrNew(request))
            _ = SignInFlow(baseURL: baseURL, keys: keys).waiting(request)
        },
        ForeignReader("value of a cookie", frames: [("__Host-otalink-flow=00.", ""), ("__Host-otalink=", "")]) {
            (text: String) in
            guard let keys, let baseURL else { return }
            let request = request(cookie: text)
            _ = SignInFlow(baseURL: baseURL, keys: keys).waiting(request)
            _ = BrowserCookies(baseURL: baseURL, keys: keys).session(request).map { keys.verify($0, as: .session) }
        },
        ForeignReader(
            "forwarded addresses", pieces: ["10.0.0.1,", "2001:db8::1, ", "10.0.0.1:80, ", "unknown,"],
            frames: [("", ""), (":", "")]
        ) {
            (text: String) in
            guard let range = AddressRange("10.0.0.0/8") else { return }
            let named = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            _ = ClientAddresses(trustedProxies: [range]).client(peer: "10.0.0.2", named: named)
        },
        ForeignReader("address of a network", pieces: ["0", "::", "/8"]) { (text: String) in
            _ = AddressRange(text)?.contains(text)
        },
        ForeignReader("name of a request", pieces: ["a-1"]) { (text: String) in
            _ = RequestNames.isAcceptable(text)
        },
        ForeignReader("languages of a browser", pieces: ["de-AT;q=0.1,", "*,", "q=", "de,"]) { (text: String) in
            _ = Language.negotiate(acceptLanguage: text, preferred: text, default: .english)
        },
        ForeignReader("signs of a visit", pieces: ["bot ", "mozilla/", "proxy"]) { (text: String) in
            _ = VisitRule.judge(VisitSigns(userAgent: text, purpose: text, fetchMode: text))
        },
        ForeignReader("tokens", frames: [("", ""), ("0000000000000000000000000000000000000000", "")]) {
            (text: String) in
            _ = (keys?.verify(text, as: .link), AddOnToken(text), TicketNumber(text), UUID(uuidString: text))
        },
        ForeignReader(
            "authorization request", pieces: formPieces,
            frames: [("", ""), ("client_id=app&redirect_uri=https%3A%2F%2Fa.example&response_type=code&scope=", "")]
        ) { (text: String) in
            let client = RelyingParty(id: "app", redirectURIs: ["https://a.example"])
            _ = try? ReceivedAuthorizationRequest(encoded: text).judged(for: client)
        },
        ForeignReader(
            "token request", pieces: formPieces, frames: [("", ""), ("grant_type=authorization_code&code=", "")]
        ) {
            (text: String) in
            guard let form = FormParameters(encoded: text) else { return }
            _ = (try? TokenRequest(form: form), ClientAuthentication(authorization: "Basic " + text, form: form))
        },
        ForeignReader(
            "credentials", pieces: ["YTph", "YTolMjU="], frames: [("", ""), ("Basic ", ""), ("Bearer ", "")]
        ) { (text: String) in
            guard let form = FormParameters(encoded: "") else { return }
            _ = ClientAuthentication(authorization: text, form: form)
        },
        ForeignReader("ID token", pieces: ["e30", "e30.", "_-"], frames: [("", ""), ("eyJhbGciOiJSUzI1NiJ9.", "")]) {
            (text: String) in
            _ = try? IDTokenHint(text, issuer: "https://a.example", keys: [], clientID: nil)
        },
        ForeignReader(
            "redirect address", pieces: ["https://a.example/?", "[::1]"],
            frames: [("", ""), ("https://a.example/", "")]
        ) {
            (text: String) in
            _ = (RedirectTarget.objection(to: text), RedirectTarget.origin(of: text))
        },
        ForeignReader("settings", pieces: ["0-59,", "*/5 ", "\"a\":\"a@b.example\",", "a@b.example,"]) {
            (text: String) in
            let names = SettingDefinition.all.map(\.name)
            let settings = Settings(stored: Dictionary(uniqueKeysWithValues: names.map { ($0, text) }))
            _ = (
                settings.createCustomerUser, settings.customerDatabase, settings.deskAddresses,
                settings.customerBackends
            )
            _ = (settings.sender(ofQueue: "a"), settings.deleteExpiredSchedule, settings.landing)
        },
    ]

    private static let formPieces = [
        "form=a&", "a=%C3%A4&", "a+b=", "client_id=a&", "scope=a ", "state=", "nonce=", "prompt=login%20", "&&", ";;",
        "%3b",
        "recipient=a@b.example&", "#", "?",
    ]

    private static let keys = try? KeyRing(secrets: [[UInt8](repeating: 7, count: 32)])
    private static let baseURL = try? BaseURL("https://tickets.example.org")

    private static func request(path: String = "/", cookie: String? = nil) -> Request {
        var head = HTTPRequest(method: .get, scheme: "https", authority: "tickets.example.org", path: path)
        if let cookie { head.headerFields[.cookie] = cookie }
        return Request(head: head, body: .init(buffer: ByteBuffer()))
    }
}
