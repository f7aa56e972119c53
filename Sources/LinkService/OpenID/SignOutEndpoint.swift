import Foundation
import HTTPTypes
import Hummingbird
import LinkActs
import LinkPages
import OneTimeLinks
import OpenIDProvider

/// Where clients send browsers to sign them out here too (OpenID Connect RP-Initiated Logout 1.0).
///
/// Whoever sends an ID token of ours along was told of the sign-in and may end it. Without one it could be anybody's page, so the
/// customer is asked.
struct SignOutEndpoint: Sendable {
    private static let longestForm = 16_384
    /// No form of another page passes for one of these.
    private static let purpose = Array("oidc sign out".utf8)

    let service: LinkServiceDependencies
    let acts: OpenIDActs
    let cookies: BrowserCookies
    let pages: PageResponses

    private var path: String { service.baseURL.pathPrefix + OpenIDController.signOutPath }

    func addRoutes(to router: RouterGroup<LinkServiceContext>) {
        router.get(RouterPath(OpenIDController.signOutPath), use: ask)
        router.post(RouterPath(OpenIDController.signOutPath), use: askByForm)
        router.post(RouterPath(OpenIDController.signOutPath + "/confirm"), use: confirm)
        router.head(RouterPath(OpenIDController.signOutPath)) { _, _ in
            Response(status: .methodNotAllowed, headers: [.allow: "GET, POST"])
        }
    }

    @Sendable func ask(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let settings = service.settings()
        guard let wanted = Wanted(request.uri.query ?? "") else { return refusal(request, context, settings) }
        let asked = try await read(wanted, context, settings)
        var ended: Set<UUID> = []
        if let session = asked.session { ended = try await acts.signOut.end(session, context: context.facts(request)) }
        guard let current = try await signedIn(request, settings), !ended.contains(current.session) else {
            return leave(asked, wanted, request, settings)
        }
        if try await acts.signOut.concerns(current, asked) {
            try await acts.signOut.end(current.session, context: context.facts(request))
            return leave(asked, wanted, request, settings)
        }
        return question(current, asked, wanted, request, settings)
    }

    /// On a form that comes from another site browsers send no cookie along: what the ID token names ends here, and the rest goes on by
    /// GET, without the token.
    @Sendable func askByForm(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let settings = service.settings()
        let body = try? await request.body(upTo: Self.longestForm)
        guard let body, let wanted = Wanted(String(buffer: body)) else { return refusal(request, context, settings) }
        let asked = try await read(wanted, context, settings)
        if let session = asked.session { try await acts.signOut.end(session, context: context.facts(request)) }
        return .redirect(
            to: path + "?" + wanted.withoutHint(clientID: asked.clientID).encoded, type: .normal)
    }

    /// The button of the question.
    @Sendable func confirm(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let settings = service.settings()
        let fields = try FormFields(String(buffer: try await request.body(upTo: 4096)))
        guard let session = cookies.sessionOfForm(request, fields, about: { Self.purpose + $0.bytes }),
            let wanted = Wanted(request.uri.query ?? "")
        else { return pages.response(.badForm, status: .forbidden, request: request, settings: settings) }
        try await acts.signOut.end(session, context: context.facts(request))
        return leave(try await read(wanted, context, settings), wanted, request, settings)
    }

    private func read(
        _ wanted: Wanted, _ context: LinkServiceContext, _ settings: Settings
    ) async throws -> SignOutRequest {
        let asked = try await acts.signOut.read(
            hint: wanted.hint, clientID: wanted.clientID, redirectURI: wanted.redirectURI, settings: settings)
        if asked.isRefused {
            context.logger.warning(
                "A client wants browsers somewhere after signing out that is not registered; see: otalink oidc client list"
            )
        }
        return asked
    }

    private func signedIn(_ request: Request, _ settings: Settings) async throws -> SignedIn? {
        do {
            return try await service.signedIn(request, cookies, question: .none, settings)
        } catch is DeskUnavailable {
            // Only a session of one ticket needs the desk, and no client knows of those.
            return nil
        }
    }

    private func question(
        _ current: SignedIn, _ asked: SignOutRequest, _ wanted: Wanted, _ request: Request, _ settings: Settings
    ) -> Response {
        let page = SignOutQuestionPage(
            signedInAs: current.customer.shownName,
            signOut: cookies.sessionForm(
                action: path + "/confirm?" + wanted.withoutHint(clientID: asked.clientID).encoded,
                about: Self.purpose + current.session.bytes, of: current, request))
        var response = pages.response(
            page, request: request, settings: settings, preferred: current.customer.language)
        pages.allowForms(to: asked.redirectURI.flatMap(RedirectTarget.origin), in: &response)
        cookies.keep(current, for: request, in: &response)
        return response
    }

    /// Nobody is signed in any more: back to the client, if it is known where to.
    private func leave(
        _ asked: SignOutRequest, _ wanted: Wanted, _ request: Request, _ settings: Settings
    ) -> Response {
        var response: Response
        if let target = asked.redirectURI {
            let state = wanted.state.map { FormParameters([.init(name: "state", value: $0)]).encoded }
            response = .redirect(
                to: target + (state.map { (target.contains("?") ? "&" : "?") + $0 } ?? ""), type: .normal)
        } else {
            response = pages.response(.signedOut, status: .ok, request: request, settings: settings)
        }
        cookies.removeSession(in: &response)
        return response
    }

    private func refusal(_ request: Request, _ context: LinkServiceContext, _ settings: Settings) -> Response {
        pages.response(
            .signInRefused(requestID: context.requestID), status: .badRequest, request: request, settings: settings)
    }
}

/// The parameters of a request.
private struct Wanted {
    let hint: String?
    let clientID: String?
    let redirectURI: String?
    let state: String?

    /// Nil for what cannot be read, and for parameters that stand twice.
    init?(_ encoded: String) {
        guard let parameters = FormParameters(encoded: encoded), parameters.repeatedName == nil else { return nil }
        hint = parameters["id_token_hint"]
        clientID = parameters["client_id"]
        redirectURI = parameters["post_logout_redirect_uri"]
        state = parameters["state"]
    }

    /// What is left to be done once the token was read.
    ///
    /// - Parameter named: the client that the token was made for.
    func withoutHint(clientID named: String?) -> FormParameters {
        FormParameters(
            [("client_id", named ?? clientID), ("post_logout_redirect_uri", redirectURI), ("state", state)]
                .compactMap { name, value in value.map { FormParameters.Pair(name: name, value: $0) } })
    }
}
