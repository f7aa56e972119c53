import Foundation
import HTTPTypes
import Hummingbird
import LinkActs
import OpenIDProvider

/// The OpenID Connect provider: its addresses, and the two documents that anybody may read.
struct OpenIDController: Sendable {
    static let discoveryPath = "/.well-known/openid-configuration"
    static let authorizePath = "/oidc/authorize"
    static let tokenPath = "/oidc/token"
    static let userInfoPath = "/oidc/userinfo"
    static let keysPath = "/oidc/jwks"
    static let signOutPath = "/oidc/logout"

    private let service: LinkServiceDependencies
    private let acts: OpenIDActs
    private let authorization: AuthorizationEndpoint
    private let token: TokenEndpoint
    private let userInfo: UserInfoEndpoint
    private let signOut: SignOutEndpoint

    init(
        service: LinkServiceDependencies, cookies: BrowserCookies, pages: PageResponses, newLink: NewLinkController,
        guesses: GuessLimit
    ) {
        let issuer = service.baseURL.url("")
        let acts = OpenIDActs(
            issuer: issuer, store: service.store, ring: service.keys, checkSession: service.checkSession,
            logger: service.logger)
        self.service = service
        self.acts = acts
        authorization = AuthorizationEndpoint(
            service: service, acts: acts, issuer: issuer, cookies: cookies, pages: pages, newLink: newLink)
        token = TokenEndpoint(service: service, acts: acts, guesses: guesses)
        userInfo = UserInfoEndpoint(service: service, acts: acts)
        signOut = SignOutEndpoint(service: service, acts: acts, cookies: cookies, pages: pages)
    }

    func addRoutes(to router: RouterGroup<LinkServiceContext>) {
        authorization.addRoutes(to: router)
        signOut.addRoutes(to: router)
        let open = router.group().add(middleware: CrossOrigin(origins: RegisteredOrigins(clients: acts.clients)))
        open.get(RouterPath(Self.discoveryPath), use: discovery)
        open.get(RouterPath(Self.keysPath), use: keys)
        for path in [Self.discoveryPath, Self.keysPath, Self.tokenPath, Self.userInfoPath] {
            open.on(RouterPath(path), method: .options, use: CrossOrigin.preflight)
        }
        let programs = open.group().add(middleware: OAuthFailures())
        token.addRoutes(to: programs)
        userInfo.addRoutes(to: programs)
    }

    @Sendable func discovery(_ request: Request, _ context: LinkServiceContext) throws -> Response {
        try Self.publicDocument(
            DiscoveryDocument(
                issuer: service.baseURL.url(""),
                paths: .init(
                    authorization: Self.authorizePath, token: Self.tokenPath, userInfo: Self.userInfoPath,
                    keys: Self.keysPath, endSession: Self.signOutPath)))
    }

    @Sendable func keys(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        try Self.publicDocument(JSONWebKeySet(keys: try await acts.keys.published(service.settings())))
    }

    /// Kept by caches for a quarter of an hour: a key is published an hour before it signs, and clients add half an hour of their own.
    private static func publicDocument(_ document: some Encodable) throws -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "public, max-age=900"],
            body: .init(byteBuffer: ByteBuffer(data: try ProviderDocument.encode(document))))
    }
}
