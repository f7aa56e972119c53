import Foundation
import Hummingbird
import LinkActs
import LinkPages
import LinkStore
import OneTimeLinks

/// The page where somebody sees where they are signed in, and ends it.
struct SessionsController: Sendable {
    static let path = "/sessions"

    let service: LinkServiceDependencies
    let cookies: BrowserCookies
    let pages: PageResponses

    func addRoutes(to router: some RouterMethods<LinkServiceContext>) {
        router.get(RouterPath(Self.path), use: list)
        router.post(RouterPath(Self.path + "/sign-out-everywhere"), use: signOutEverywhere)
        router.post(RouterPath(Self.path + "/{id}/sign-out"), use: signOut)
    }

    @Sendable func list(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let settings = service.settings()
        guard let cookie = cookies.session(request), let signedIn = try await service.signedIn(cookie, settings) else {
            return pages.response(.signedOut, status: .unauthorized, request: request, settings: settings)
        }
        let path = service.baseURL.pathPrefix + Self.path
        let sessions = try await service.store.sessions.open(
            customerLogin: signedIn.customer.login, settings: settings.link)
        let rows = sessions.map { session in
            SessionsPage.Row(
                userAgent: session.userAgent, began: session.createdAt, lastUsed: session.lastSeenAt,
                isThisBrowser: session.id == signedIn.session,
                signOut: PostForm(
                    action: "\(path)/\(session.id.text)/sign-out", proof: proof(about: session.id.bytes, cookie)))
        }
        let everywhere = PostForm(
            action: path + "/sign-out-everywhere", proof: proof(about: Self.everywhere, cookie))
        return pages.response(
            SessionsPage(customer: signedIn.customer.shownName, rows: rows, signOutEverywhere: everywhere),
            request: request, settings: settings, preferred: signedIn.customer.language)
    }

    /// Ends one session. The form's value proves that the page offered it to this very session, so that nobody ends those of
    /// other people.
    @Sendable func signOut(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let settings = service.settings()
        guard let id = context.parameters.get("id").flatMap(UUID.init(uuidString:)),
            let signedIn = try await provenSession(request, about: id.bytes, settings)
        else { return pages.response(.badForm, status: .forbidden, request: request, settings: settings) }
        _ = try await service.store.sessions.revoke(
            id: id, reason: "signed out", actor: nil, context: context.facts(request))
        if id == signedIn.session { return signedOut(request, settings) }
        return .redirect(to: service.baseURL.pathPrefix + Self.path, type: .normal)
    }

    @Sendable func signOutEverywhere(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let settings = service.settings()
        guard let signedIn = try await provenSession(request, about: Self.everywhere, settings) else {
            return pages.response(.badForm, status: .forbidden, request: request, settings: settings)
        }
        _ = try await service.store.sessions.revokeAll(
            customerLogin: signedIn.customer.login, reason: "signed out everywhere", actor: nil,
            context: context.facts(request))
        return signedOut(request, settings)
    }

    private func signedOut(_ request: Request, _ settings: Settings) -> Response {
        var response = pages.response(.signedOut, status: .ok, request: request, settings: settings)
        cookies.removeSession(in: &response)
        return response
    }

    /// The session of a browser that sent a form of ours; nil where it has none, or the form was made for another.
    private func provenSession(
        _ request: Request, about subject: [UInt8], _ settings: Settings
    ) async throws -> SignedIn? {
        let body = try await request.body(upTo: 4096)
        guard let cookie = cookies.session(request),
            cookies.isProven(
                FormFields(String(buffer: body)), about: Self.purpose + subject, form: Array(cookie.utf8))
        else { return nil }
        return try await service.signedIn(cookie, settings)
    }

    private func proof(about subject: [UInt8], _ cookie: String) -> String {
        cookies.proof(about: Self.purpose + subject, form: Array(cookie.utf8))
    }

    /// No form of another page passes for one of these.
    private static let purpose = Array("sessions".utf8)
    private static let everywhere = Array("everywhere".utf8)
}
