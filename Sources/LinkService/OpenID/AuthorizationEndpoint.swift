import Foundation
import HTTPTypes
import Hummingbird
import LinkActs
import LinkPages
import OneTimeLinks
import OpenIDProvider

/// Where clients send browsers to find out who they are (OpenID Connect Core, 3.1.2).
struct AuthorizationEndpoint: Sendable {
    private let service: LinkServiceDependencies
    private let acts: OpenIDActs
    private let issuer: String
    private let cookies: BrowserCookies
    private let pages: PageResponses
    private let newLink: NewLinkController
    private let flow: SignInFlow

    init(
        service: LinkServiceDependencies, acts: OpenIDActs, issuer: String, cookies: BrowserCookies,
        pages: PageResponses, newLink: NewLinkController
    ) {
        self.service = service
        self.acts = acts
        self.issuer = issuer
        self.cookies = cookies
        self.pages = pages
        self.newLink = newLink
        flow = SignInFlow(baseURL: service.baseURL, keys: service.keys)
    }

    func addRoutes(to router: RouterGroup<LinkServiceContext>) {
        let path = RouterPath(OpenIDController.authorizePath)
        router.get(path, use: ask)
        router.post(path, use: askByForm)
        // An answer is a new code, so a request for the head alone would waste one.
        router.head(path) { _, _ in Response(status: .methodNotAllowed, headers: [.allow: "GET, POST"]) }
    }

    @Sendable func ask(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let settings = service.settings()
        let received: ReceivedAuthorizationRequest
        let wanted: AuthorizationRequest
        do {
            received = try ReceivedAuthorizationRequest(encoded: request.uri.query ?? "")
            let isName = ClientName.isAcceptable(received.clientID)
            let client = isName ? try await acts.clients.find(id: received.clientID) : nil
            wanted = try received.judged(for: client?.party)
        } catch AuthorizationRefusal.page(let reason) {
            return refusal(reason, request, context, settings)
        } catch AuthorizationRefusal.redirect(let error, let back) {
            context.logger.info("A client's request was refused", metadata: ["error": "\(error.rawValue)"])
            return send(error.answer, back, request, settings)
        }
        let signedIn = try await service.signedIn(request, cookies, settings)
        let answer = try await acts.authorize(
            wanted, signedIn: signedIn, askedAt: flow.askedAt(request, encoded: received.encoded), settings: settings,
            context: context.facts(request))
        context.logger.info(
            "A client asked who is signed in", metadata: ["client": "\(wanted.clientID)", "answer": "\(answer.word)"])
        var response = response(to: answer, wanted, encoded: received.encoded, request, settings)
        if let signedIn { cookies.keep(signedIn, for: request, in: &response) }
        return response
    }

    /// The same request once more, by GET: on a form that comes from another site, browsers send no cookie along.
    @Sendable func askByForm(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        guard let body = try? await request.body(upTo: ReceivedAuthorizationRequest.maximumLength) else {
            return refusal(.tooLong, request, context, service.settings())
        }
        do {
            let received = try ReceivedAuthorizationRequest(encoded: String(buffer: body))
            return .redirect(
                to: service.baseURL.pathPrefix + OpenIDController.authorizePath + "?" + received.encoded, type: .normal)
        } catch AuthorizationRefusal.page(let reason) {
            return refusal(reason, request, context, service.settings())
        }
    }

    private func response(
        to answer: AuthorizationAnswer, _ wanted: AuthorizationRequest, encoded: String, _ request: Request,
        _ settings: Settings
    ) -> Response {
        let back = AuthorizationReturn(
            redirectURI: wanted.redirectURI, state: wanted.state, mode: wanted.responseMode)
        switch answer {
        case .code(let code, _): return send([("code", code)], back, request, settings)
        case .idToken(let token, _): return send([("id_token", token)], back, request, settings)
        case .loginRequired: return send(OAuthError.loginRequired.answer, back, request, settings)
        case .badHint: return send(OAuthError.invalidRequest.answer, back, request, settings)
        case .tooOften:
            return pages.response(.signInEndless, status: .conflict, request: request, settings: settings)
        case .signIn(let askedAt, let isAgain):
            var response = newLink.page(
                request, form: cookies.formOrNew(request), reason: isAgain ? .signInAgain : .signIn,
                proposedEmail: wanted.loginHint.flatMap { $0.contains("@") && $0.utf8.count <= 254 ? $0 : nil })
            flow.keep(encoded, askedAt: askedAt, in: &response)
            return response
        }
    }

    /// Sends the browser back to the client with an answer.
    private func send(
        _ answer: [(name: String, value: String)], _ back: AuthorizationReturn, _ request: Request,
        _ settings: Settings
    ) -> Response {
        var response: Response
        switch back.mode {
        case .query:
            response = .redirect(to: back.url(answer: answer, issuer: issuer), type: .normal)
        case .formPost:
            let fields = back.fields(answer: answer, issuer: issuer).map {
                PostForm.Field(name: $0.name, value: $0.value)
            }
            response = pages.response(
                HandOverPage(action: back.redirectURI, fields: fields), request: request, settings: settings)
            pages.allowForms(to: RedirectTarget.origin(of: back.redirectURI), in: &response)
        }
        flow.forget(in: &response)
        return response
    }

    /// A page, since nobody can be trusted with a redirect.
    private func refusal(
        _ reason: AuthorizationRefusal.PageReason, _ request: Request, _ context: LinkServiceContext,
        _ settings: Settings
    ) -> Response {
        context.logger.warning(
            "A client's request was refused, and cannot be told so; see: otalink oidc client list",
            metadata: ["reason": "\(reason)"])
        return pages.response(
            .signInRefused(requestID: context.requestID), status: .badRequest, request: request, settings: settings)
    }
}

extension AuthorizationAnswer {
    /// A short word for the log.
    fileprivate var word: String {
        switch self {
        case .code: "code"
        case .idToken: "id-token"
        case .signIn: "sign-in"
        case .loginRequired: "login-required"
        case .badHint: "bad-hint"
        case .tooOften: "too-often"
        }
    }
}

extension OAuthError {
    /// What goes back to the client, with a sentence for whoever runs it.
    fileprivate var answer: [(name: String, value: String)] {
        [("error", rawValue), ("error_description", explanation)]
    }

    private var explanation: String {
        switch self {
        case .invalidRequest:
            "A parameter is missing, stands twice or has a wrong value. PKCE with S256 is needed unless the client was let off it."
        case .unsupportedResponseType: "response_type is code or id_token."
        case .unauthorizedClient:
            "This client is not registered for id_token or form_post. See: otalink oidc client add --help"
        case .invalidScope: "The scope lacks openid."
        case .loginRequired: "Nobody is signed in that would do, and prompt=none allows no page."
        case .requestNotSupported: "The parameter request is not supported."
        case .requestURINotSupported: "The parameter request_uri is not supported."
        case .registrationNotSupported: "The parameter registration is not supported."
        }
    }
}
