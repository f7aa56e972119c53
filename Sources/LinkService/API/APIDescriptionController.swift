import Foundation
import Hummingbird

/// Serves the description of the JSON interface, to everybody.
struct APIDescriptionController: Sendable {
    private let body: ByteBuffer

    init(baseURL: BaseURL) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Nothing in it can fail to be encoded.
        body = ByteBuffer(data: (try? encoder.encode(OpenAPIDocument(baseURL: baseURL).json)) ?? Data())
    }

    func addRoutes(to router: some RouterMethods<LinkServiceContext>) {
        router.get("/api/openapi.json") { _, _ in
            Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: body))
        }
    }
}

/// Where no operation is, a program gets problem details too, not a page; and with another method, which ones there are.
struct MissingOperations: RouterMiddleware {
    let pathPrefix: String

    func handle(
        _ request: Request, context: LinkServiceContext,
        next: (Request, LinkServiceContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError
            where error.status == .notFound && request.uri.path.hasPrefix(pathPrefix + "/api/")
        {
            return problem(request.uri.path.dropFirst(pathPrefix.count)).response(requestID: context.requestID)
        }
    }

    private func problem(_ path: Substring) -> Problem {
        let parts = path.split(separator: "/").dropFirst(2)
        let methods = APIOperation.all.filter { operation in
            let wanted = operation.path.split(separator: "/")
            return path.hasPrefix("/api/v1/") && wanted.count == parts.count
                && zip(wanted, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }.map(\.method.rawValue)
        guard !methods.isEmpty else {
            return Problem(.notFound, "There is no such operation; /api/openapi.json has them.")
        }
        let all = methods + (methods.contains("GET") ? ["HEAD"] : [])
        return Problem(
            .methodNotAllowed, "This method is not for this address; \(all.joined(separator: ", ")) would be.",
            headers: [.allow: all.joined(separator: ", ")])
    }
}
