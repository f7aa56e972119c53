import HTTPTypes
import Hummingbird

/// Tells programs that leave out the path of the base URL where the interface is, such as a desk whose web service was imported
/// before there was a path: by problem details, since no page helps them. Such a call is told of as any other that was refused, so that
/// `otalink doctor` says why no event of the desk comes.
struct MisplacedCalls: RouterMiddleware {
    let baseURL: BaseURL
    let refused: RefusedCalls

    /// What `otalink doctor` has an advice for.
    static let code = "outside-base-url"

    /// Whether a path is that of the interface but for the path of the base URL.
    static func isPath(_ path: String, pathPrefix: String) -> Bool {
        !pathPrefix.isEmpty && path.hasPrefix("/api/") && !path.hasPrefix(pathPrefix + "/")
    }

    func handle(
        _ request: Request, context: LinkServiceContext,
        next: (Request, LinkServiceContext) async throws -> Response
    ) async throws -> Response {
        let path = request.uri.path
        guard Self.isPath(path, pathPrefix: baseURL.pathPrefix) else { return try await next(request, context) }
        if let operation = APIOperation.all.first(where: { $0.method == request.method && "/api/v1" + $0.path == path })
        {
            await refused.note(
                operation, .notFound, code: Self.code, facts: context.facts(request), logger: context.logger)
        }
        return Problem(
            .notFound, "The interface is under \(baseURL.url("/api/v1/")), as OTALINK_BASE_URL says.", code: Self.code
        ).response(requestID: context.requestID)
    }
}
