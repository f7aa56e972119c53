import HTTPTypes
import Hummingbird
import LinkStore
import OneTimeLinks

/// Tells customers' pages from requests under a host that is not ours: they are noted, and refused if the setting says so. The
/// cookies of a page belong to its host, so whoever comes by another one is signed in nowhere.
struct HostGate: RouterMiddleware {
    let hosts: OurHosts
    let pathPrefix: String
    let trustedProxies: [AddressRange]
    let pages: PageResponses
    let settings: @Sendable () -> Settings
    let note: @Sendable (ForeignHost) -> Void

    func handle(
        _ request: Request, context: LinkServiceContext,
        next: (Request, LinkServiceContext) async throws -> Response
    ) async throws -> Response {
        guard request.headers[.refusedHost] == nil else { return Self.noHost }
        let peer = context.peerAddress
        let named = RequestHost(
            host: request.head.authority, forwarded: request.headers[values: .xForwardedHost],
            isFromTrustedProxy: peer.map(trustedProxies.hold) ?? false)
        guard !hosts.contains(named.text ?? "") else { return try await next(request, context) }
        var context = context
        context.isForeignHost = true
        let path = request.uri.path
        // The add-on's addresses lie under the desk's host, and lead from there to ours.
        guard !takesAnyHost(path), !AddOnLinkController.isPath(path, pathPrefix: pathPrefix) else {
            return try await next(request, context)
        }
        // What looks around for programs with holes asks for other things.
        if context.endpointPath != nil {
            note(
                ForeignHost(
                    name: Self.shown(named.text), peer: peer ?? "",
                    isOursElsewhere: named.untrusted.map { hosts.contains($0) } ?? false))
        }
        let settings = settings()
        guard settings.refusesForeignHosts else { return try await next(request, context) }
        return pages.response(.foreignHost, status: .misdirectedRequest, request: request, settings: settings)
    }

    /// What programs call, by any name that leads here: load balancers, proxies, the desk, and those who ask for tokens.
    private func takesAnyHost(_ path: String) -> Bool {
        if path.hasPrefix("/health/") || MisplacedCalls.isPath(path, pathPrefix: pathPrefix) { return true }
        guard path.hasPrefix(pathPrefix) else { return false }
        let path = path.dropFirst(pathPrefix.count)
        return Self.forPrograms.contains { path == $0 || ($0.hasSuffix("/") && path.hasPrefix($0)) }
    }

    private static let forPrograms = [
        "/api/", "/auth/verify", "/auth/verify/", "/.well-known/openid-configuration", OpenIDController.keysPath,
        OpenIDController.tokenPath, OpenIDController.userInfoPath,
    ]

    /// A client may write anything: what is no name is not repeated.
    private static func shown(_ text: String?) -> String {
        guard let text, !text.isEmpty else { return "(none)" }
        return HostName(text)?.description ?? "(no name)"
    }

    private static let noHost = Response(
        status: .badRequest, headers: [.contentType: "text/plain; charset=utf-8"],
        body: .init(byteBuffer: ByteBuffer(string: "A request has exactly one Host field.\n")))
}

extension HTTPField.Name {
    static let refusedHost = Self(HostFields.mark) ?? .date
    static let xForwardedHost = Self("X-Forwarded-Host") ?? .date
}
