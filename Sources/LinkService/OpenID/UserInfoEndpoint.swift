import Foundation
import HTTPTypes
import Hummingbird
import LinkActs
import OpenIDProvider

/// Tells the holder of an access token who is signed in (OpenID Connect Core, 5.3).
struct UserInfoEndpoint: Sendable {
    let service: LinkServiceDependencies
    let acts: OpenIDActs

    func addRoutes(to router: some RouterMethods<LinkServiceContext>) {
        router.get(RouterPath(OpenIDController.userInfoPath), use: tell)
        router.post(RouterPath(OpenIDController.userInfoPath), use: tell)
    }

    @Sendable func tell(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let words = (request.headers[.authorization] ?? "").split(separator: " ")
        guard words.first?.lowercased() == "bearer" else { throw OAuthFailure.noToken }
        guard words.count == 2,
            let claims = try await acts.tellClaims(accessToken: String(words[1]), settings: service.settings())
        else { throw OAuthFailure.badToken }
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(data: try ProviderDocument.encode(claims))))
    }
}
