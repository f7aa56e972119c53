import Foundation
import Hummingbird
import LinkActs
import LinkPages
import LinkStore
import OneTimeLinks

/// The page where somebody sees where they are signed in, and ends it.
struct SessionsController: Sendable {
    static let path = "/sessions"
    private static let grantPath = "/grants"

    let service: LinkServiceDependencies
    let cookies: BrowserCookies
    let pages: PageResponses

    func addRoutes(to router: some RouterMethods<LinkServiceContext>) {
        router.get(RouterPath(Self.path), use: list)
        router.post(RouterPath(Self.path + "/sign-out-everywhere"), use: signOutEverywhere)
        router.post(RouterPath(Self.path + "/{id}/sign-out"), use: signOut)
        router.post(RouterPath(Self.grantPath + "/{id}/sign-out"), use: signOutOfTicket)
    }

    @Sendable func list(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let settings = service.settings()
        guard let signedIn = try await service.signedIn(request, cookies, settings) else {
            return pages.response(.signedOut, status: .unauthorized, request: request, settings: settings)
        }
        let prefix = service.baseURL.pathPrefix
        let sessions = try await service.store.sessions.open(
            customerLogin: signedIn.customer.login, settings: settings.link)
        let form = { (action: String, subject: [UInt8]) in
            cookies.sessionForm(action: prefix + action, about: Self.purpose + subject, of: signedIn, request)
        }
        let rows = sessions.map { session in
            SessionsPage.Row(
                userAgent: session.userAgent, began: session.createdAt, lastUsed: session.lastSeenAt,
                isThisBrowser: session.id == signedIn.session,
                signOut: form("\(Self.path)/\(session.id.text)/sign-out", session.id.bytes),
                grants: session.grants.map { grant in
                    SessionsPage.Grant(
                        ticketNumber: grant.ticketNumber, title: grant.title,
                        signOut: grant.id.map { form("\(Self.grantPath)/\($0)/sign-out", Self.grant($0)) })
                })
        }
        let everywhere = form(Self.path + "/sign-out-everywhere", Self.everywhere)
        var response = pages.response(
            SessionsPage(customer: signedIn.customer.shownName, rows: rows, signOutEverywhere: everywhere),
            request: request, settings: settings, preferred: signedIn.customer.language)
        cookies.keep(signedIn, for: request, in: &response)
        return response
    }

    /// Ends one session. The form's value proves that the page offered it to this very session, so that nobody ends those of
    /// other people.
    @Sendable func signOut(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let settings = service.settings()
        guard let id = context.parameters.get("id").flatMap(UUID.init(uuidString:)),
            try await provenSession(request, about: id.bytes, settings) != nil
        else { return pages.response(.badForm, status: .forbidden, request: request, settings: settings) }
        let isOver = try await service.signOut(id, request, cookies, reason: "signed out", context)
        return isOver ? signedOut(request, settings) : backToList
    }

    /// Ends one grant: the other tickets stay open.
    @Sendable func signOutOfTicket(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let settings = service.settings()
        guard let id = context.parameters.get("id").flatMap({ Int64($0) }),
            let signedIn = try await provenSession(request, about: Self.grant(id), settings)
        else { return pages.response(.badForm, status: .forbidden, request: request, settings: settings) }
        _ = try await service.store.sessions.endGrant(
            id: id, customerLogin: signedIn.customer.login, reason: "signed out", actor: nil,
            context: context.facts(request))
        // A session without another grant is over, on this replica too before the notice comes.
        let isOver = try await service.store.sessions.facts(id: signedIn.session)?.grants.isEmpty ?? true
        return isOver ? signedOut(request, settings) : backToList
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

    private var backToList: Response { .redirect(to: service.baseURL.pathPrefix + Self.path, type: .normal) }

    private func signedOut(_ request: Request, _ settings: Settings) -> Response {
        var response = pages.response(.signedOut, status: .ok, request: request, settings: settings)
        cookies.removeSession(in: &response)
        return response
    }

    /// The session of a browser that sent a form of ours; nil where it has none, or the form was made for another browser's.
    private func provenSession(
        _ request: Request, about subject: [UInt8], _ settings: Settings
    ) async throws -> SignedIn? {
        let fields = try FormFields(String(buffer: try await request.body(upTo: 4096)))
        guard let made = cookies.sessionOfForm(request, fields, about: { _ in Self.purpose + subject }),
            let signedIn = try await service.signedIn(request, cookies, settings)
        else { return nil }
        if made == signedIn.session { return signedIn }
        return try await service.store.sessions.successor(of: made, forms: nil) == signedIn.session ? signedIn : nil
    }

    /// No form of another page passes for one of these.
    private static let purpose = Array("sessions".utf8)
    private static let everywhere = Array("everywhere".utf8)
    private static func grant(_ id: Int64) -> [UInt8] { Array("grant \(id)".utf8) }
}
