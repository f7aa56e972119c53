import Foundation
import HTTPTypes
import Hummingbird
import LinkActs
import OneTimeLinks

/// Tells a proxy in front of the desk who is signed in.
struct VerifyController: Sendable {
    let service: LinkServiceDependencies
    let cookies: BrowserCookies

    func addRoutes(to router: some RouterMethods<LinkServiceContext>) {
        router.get("/auth/verify", use: verify)
    }

    /// 200 with the stored login byte for byte, or 401. A remembered session costs no query, a forged cookie neither.
    @Sendable func verify(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        guard let cookie = cookies.session(request),
            let signedIn = try await service.checkSession(cookie: cookie, settings: service.settings())
        else { return Response(status: .unauthorized) }
        var headers = HTTPFields()
        headers[.remoteUser] = signedIn.customer.login
        headers[.remoteEmail] = signedIn.customer.email
        headers[.remoteName] = signedIn.customer.fullName
        return Response(status: .ok, headers: headers)
    }
}

extension HTTPField.Name {
    static let remoteUser = Self("Remote-User") ?? .date
    static let remoteEmail = Self("Remote-Email") ?? .date
    static let remoteName = Self("Remote-Name") ?? .date
}
