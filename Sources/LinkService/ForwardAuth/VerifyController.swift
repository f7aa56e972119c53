import Foundation
import HTTPTypes
import Hummingbird
import LinkActs
import OneTimeLinks

/// Tells a proxy in front of the desk who is signed in.
struct VerifyController: Sendable {
    let service: LinkServiceDependencies
    let cookies: BrowserCookies

    /// Envoy appends the path that it asks about, and most proxies ask with the method of the request.
    func addRoutes(to router: some RouterMethods<LinkServiceContext>) {
        for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete, .options] {
            router.on("/auth/verify", method: method, use: verify)
            router.on("/auth/verify/**", method: method, use: verify)
        }
    }

    /// 200 with the stored login byte for byte, or 401 and where a new link is to be had. A remembered session costs no query,
    /// a forged cookie neither. A session of one ticket only is nobody at the desk.
    @Sendable func verify(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        guard let signedIn = try await service.signedIn(request, cookies, service.settings()),
            signedIn.scope == .account
        else { return unauthorized }
        var headers = HTTPFields()
        headers[.remoteUser] = signedIn.customer.login
        // White space at the ends and control characters do not pass a header; half a login is somebody else's.
        guard headers[.remoteUser]?.utf8.elementsEqual(signedIn.customer.login.utf8) == true,
            !signedIn.customer.login.isEmpty
        else {
            context.logger.warning(
                "A customer user cannot be named to the desk: the login has characters that no header can carry",
                metadata: ["session": "\(signedIn.session.text)"])
            return unauthorized
        }
        headers[.remoteEmail] = signedIn.customer.email
        headers[.remoteName] = signedIn.customer.fullName
        var response = Response(status: .ok, headers: headers)
        cookies.keep(signedIn, for: request, in: &response)
        return response
    }

    private var unauthorized: Response {
        Response(
            status: .unauthorized,
            headers: [.location: service.baseURL.url(NewLinkController.path), .contentLength: "0"])
    }
}

extension HTTPField.Name {
    static let remoteUser = Self("Remote-User") ?? .date
    static let remoteEmail = Self("Remote-Email") ?? .date
    static let remoteName = Self("Remote-Name") ?? .date
}
