import Foundation
import HTTPTypes
import Hummingbird

/// What a program is told when its call failed (RFC 9457).
struct Problem: Error {
    let status: HTTPResponse.Status
    let detail: String
    let code: String?
    /// Beside those that go with the status.
    let headers: HTTPFields

    init(_ status: HTTPResponse.Status, _ detail: String, code: String? = nil, headers: HTTPFields = [:]) {
        self.status = status
        self.detail = detail
        self.code = code
        self.headers = headers
    }

    func response(requestID: String) -> Response {
        let body = Body(
            type: code.map { "urn:otalink:\($0)" } ?? "about:blank", title: status.reasonPhrase, status: status.code,
            detail: detail, code: code, requestID: requestID)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = (try? encoder.encode(body)) ?? Data()
        var headers = headers
        headers[.contentType] = "application/problem+json"
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer, Basic realm=\"otalink\"" }
        if status == .serviceUnavailable { headers[.retryAfter] = TemporaryFailure.retryAfter }
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(data: data)))
    }

    private struct Body: Encodable {
        let type: String
        let title: String
        let status: Int
        let detail: String
        let code: String?
        let requestID: String
    }
}

/// Turns what an API handler threw into problem details.
struct Problems: RouterMiddleware {
    func handle(
        _ request: Request, context: LinkServiceContext,
        next: (Request, LinkServiceContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return problem.response(requestID: context.requestID)
        } catch let error as HTTPError {
            return Problem(error.status, error.status.reasonPhrase).response(requestID: context.requestID)
        } catch {
            if let failure = TemporaryFailure(error) {
                failure.log(error, to: context.logger)
                return Problem(.serviceUnavailable, failure.detail).response(requestID: context.requestID)
            }
            context.logger.error("A call failed", metadata: ["error": "\(error)"])
            return Problem(.internalServerError, "Something went wrong here; the log has it under this request id.")
                .response(requestID: context.requestID)
        }
    }
}
