import Catalogue
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import LinkPages
import LongWork
import OneTimeLinks

/// Makes responses of pages: language, and the header fields that every page carries.
struct PageResponses: Sendable {
    let timeZone: TimeZone
    private let formTargets: [String]
    private let stylesheetHash: String
    private let contentSecurityPolicy: String
    private let newLinkPath: String?
    /// Pages that say the same to everybody: a flood of forged tokens costs no rendering.
    private let rendered = RenderedAnswers()

    /// - Parameter formTargets: origins beside our own that a form may lead to; Chromium applies the policy to redirects.
    init(timeZone: TimeZone, newLinkPath: String? = nil, formTargets: [String] = []) {
        self.timeZone = timeZone
        self.newLinkPath = newLinkPath
        self.formTargets = formTargets
        stylesheetHash = Data(SHA256.hash(data: Data(Stylesheet.text.utf8))).base64EncodedString()
        contentSecurityPolicy = Self.policy(stylesheetHash, formTargets)
    }

    private static func policy(_ hash: String, _ formTargets: [String]) -> String {
        "default-src 'none'; style-src 'sha256-\(hash)'; img-src data:; "
            + "form-action \((["'self'"] + formTargets).joined(separator: " ")); "
            + "base-uri 'none'; frame-ancestors 'none'"
    }

    /// Lets the forms of a page lead to one more place; nil: to none.
    func allowForms(to target: String?, in response: inout Response) {
        guard let target, !formTargets.contains(target) else { return }
        response.headers[.contentSecurityPolicy] = Self.policy(stylesheetHash, formTargets + [target])
    }

    /// The language for a browser, where the customer's own is not known. There is a catalogue for it, so that all of a page is in it:
    /// a message that was set for another language is on no page.
    func language(_ request: Request, _ settings: Settings, preferred: String? = nil) -> Language {
        let fallback: Language =
            switch settings.text(SettingName.defaultLanguage) {
            case "en", nil: .english
            case "de": .german
            case let other?: Language(other).map { Catalogue(for: $0).language } ?? .english
            }
        return .negotiate(
            acceptLanguage: request.headers[.acceptLanguage], preferred: preferred, default: fallback)
    }

    func response(
        _ page: some Page, status: HTTPResponse.Status = .ok, request: Request, settings: Settings,
        preferred: String? = nil
    ) -> Response {
        let frame = frame(request, settings, preferred: preferred)
        return response(ByteBuffer(string: page.document(in: frame)), status: status, language: frame.language)
    }

    /// A page that may be large; it is made where no other request waits for it.
    ///
    /// - Throws: `LongWork.Overload`.
    func response(
        _ page: TicketPage, request: Request, settings: Settings, preferred: String?, by longWork: LongWork
    ) async throws -> Response {
        let frame = frame(request, settings, preferred: preferred)
        let body = try await longWork.run(size: page.size) { ByteBuffer(string: page.document(in: frame)) }
        return response(body, status: .ok, language: frame.language)
    }

    /// An answer without a form.
    func response(
        _ answer: AnswerPage.Answer, status: HTTPResponse.Status, request: Request, settings: Settings
    ) -> Response {
        let frame = frame(request, settings)
        let body = rendered.body(of: answer, in: frame)
        return response(body, status: status, language: frame.language)
    }

    /// 429, with the time after which the next attempt is taken.
    func tooManyRequests(after seconds: Int, request: Request, settings: Settings) -> Response {
        var response = response(
            .tooManyRequests(retryAfter: seconds), status: .tooManyRequests, request: request, settings: settings)
        response.headers[.retryAfter] = "\(seconds)"
        return response
    }

    /// 503: the same works in a moment.
    ///
    /// - Parameter isLinkUnspent: the request was a click on a link, and the database says that the link still works.
    func temporarilyUnavailable(
        _ request: Request, isLinkUnspent: Bool = false, settings: Settings
    ) -> Response {
        response(
            isLinkUnspent ? .linkUnspent : .temporarilyUnavailable, status: .serviceUnavailable, request: request,
            settings: settings)
    }

    private func frame(_ request: Request, _ settings: Settings, preferred: String? = nil) -> PageFrame {
        let contact = settings.text(SettingName.helpDeskContact).flatMap { text -> SupportContact? in
            text.isEmpty ? nil : text.contains("://") ? .url(text) : .address(text)
        }
        return PageFrame(
            siteName: settings.text(SettingName.helpDeskName),
            language: language(request, settings, preferred: preferred),
            support: contact, zone: timeZone, newLinkPath: newLinkPath)
    }

    private func response(_ body: ByteBuffer, status: HTTPResponse.Status, language: Language) -> Response {
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .contentSecurityPolicy: contentSecurityPolicy,
            .contentLanguage: language.tag, .vary: "Accept-Language, Cookie",
        ]
        if status == .serviceUnavailable { headers[.retryAfter] = TemporaryFailure.retryAfter }
        return Response(status: status, headers: headers, body: .init(byteBuffer: body))
    }

    /// One of the four texts, as the operator has set it.
    func response(
        _ message: CustomerMessage, freshLink: PostForm? = nil, request: Request, settings: Settings
    ) -> Response {
        let language = language(request, settings)
        let text = settings.message(message.settingName, language: language.tag)
        let status: HTTPResponse.Status =
            switch message {
            case .newLink: .ok
            case .linkExpired, .wrongLink: .gone
            case .refreshFailed: .serviceUnavailable
            }
        let answer = AnswerPage.Answer.message(message, text: text)
        guard let freshLink else { return response(answer, status: status, request: request, settings: settings) }
        return response(AnswerPage(answer, freshLink: freshLink), status: status, request: request, settings: settings)
    }
}

/// Adds what every response carries: nothing of ours is cached, but for what says that it may be, framed, indexed, or named in a Referer field.
struct ProtectiveHeaders: RouterMiddleware {
    private let fields: HTTPFields

    init(isSecure: Bool) {
        var fields: HTTPFields = [
            .referrerPolicy: "no-referrer", .xContentTypeOptions: "nosniff",
            .xRobotsTag: "noindex, nofollow",
        ]
        if isSecure { fields[.strictTransportSecurity] = "max-age=31536000" }
        self.fields = fields
    }

    func handle(
        _ request: Request, context: LinkServiceContext,
        next: (Request, LinkServiceContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        // No handler sets any of these, so none is looked for. Public documents may be kept, and say so.
        response.headers.append(contentsOf: fields)
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        response.headers.append(HTTPField(name: .xRequestID, value: context.requestID))
        return response
    }
}

extension HTTPField.Name {
    // The texts are tokens, so none of these is nil; a literal keeps the compiler's word for it.
    static let referrerPolicy = Self("Referrer-Policy") ?? .date
    static let xRobotsTag = Self("X-Robots-Tag") ?? .date
    static let xRequestID = Self("X-Request-Id") ?? .date
    static let refresh = Self("Refresh") ?? .date
    static let secFetchSite = Self("Sec-Fetch-Site") ?? .date
}
