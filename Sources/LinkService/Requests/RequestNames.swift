import HTTPTypes
import Hummingbird

/// Takes the name of a request from a proxy of ours, so that its log and ours say the same. Whatever others write into
/// `X-Request-Id` counts for nothing.
struct RequestNames: RouterMiddleware {
    let trustedProxies: [AddressRange]

    func handle(
        _ request: Request, context: LinkServiceContext,
        next: (Request, LinkServiceContext) async throws -> Response
    ) async throws -> Response {
        guard !trustedProxies.isEmpty, let peer = context.peerAddress,
            trustedProxies.hold(peer), let name = request.headers[.xRequestID], Self.isAcceptable(name)
        else { return try await next(request, context) }
        var context = context
        context.requestID = name
        return try await next(request, context)
    }

    /// A word that stays one in a log, on a page and in SQL.
    static func isAcceptable(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                    UInt8(ascii: ":"):
                    true
                default: false
                }
            }
    }
}
