import Foundation
import HTTPTypes
import Hummingbird
import LinkActs
import OpenIDProvider
import TicketSystem

/// What a client is told when its call failed (RFC 6749, 5.2; RFC 6750, 3).
enum OAuthFailure: Error {
    /// At the token endpoint.
    case token(TokenError)
    /// Wrong secrets came too often.
    case limited(retryAfter: Int)
    /// No access token came along.
    case noToken
    /// The access token is none, or no more.
    case badToken
    /// Nothing is wrong with the call.
    case unavailable

    var response: Response {
        var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
        switch self {
        case .token(let error):
            // Without a challenge some clients do not tell which of their settings is wrong.
            if error.status == 401 { headers[.wwwAuthenticate] = "Basic realm=\"otalink\"" }
            return Self.response(.init(code: error.status), headers, error.rawValue, error.explanation)
        case .limited(let seconds):
            headers[.retryAfter] = "\(seconds)"
            return Self.response(
                .tooManyRequests, headers, TokenError.invalidClient.rawValue,
                "Too many wrong secrets came from this address. Wait, and correct the secret.")
        case .noToken:
            headers[.wwwAuthenticate] = "Bearer realm=\"otalink\""
            return Response(status: .unauthorized, headers: headers)
        case .badToken:
            let text = "The access token is unknown, or ended with its session. Sign in again."
            headers[.wwwAuthenticate] =
                "Bearer realm=\"otalink\", error=\"invalid_token\", error_description=\"\(text)\""
            return Self.response(.unauthorized, headers, "invalid_token", text)
        case .unavailable:
            headers[.retryAfter] = TemporaryFailure.retryAfter
            return Self.response(
                .serviceUnavailable, headers, "temporarily_unavailable", "This cannot be answered now. Try again.")
        }
    }

    private static func response(
        _ status: HTTPResponse.Status, _ headers: HTTPFields, _ error: String, _ description: String
    ) -> Response {
        let body = (try? ProviderDocument.encode(Body(error: error, errorDescription: description))) ?? Data()
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(data: body)))
    }

    private struct Body: Encodable {
        let error: String
        let errorDescription: String

        enum CodingKeys: String, CodingKey {
            case error
            case errorDescription = "error_description"
        }
    }
}

extension TokenError {
    fileprivate var explanation: String {
        switch self {
        case .invalidRequest: "Send a form with grant_type, code and redirect_uri, each of them once."
        case .invalidClient: "The client is unknown, or its secret is wrong or missing. See: otalink oidc client list"
        case .invalidGrant:
            "The code is unknown, used, older than a minute or made for another client or redirect URI, or its "
                + "code_verifier does not fit, or the customer has signed out. Begin the sign-in anew."
        case .unsupportedGrantType: "Only authorization_code is supported."
        }
    }
}

/// Turns what a handler for clients threw into an answer that they understand.
struct OAuthFailures: RouterMiddleware {
    func handle(
        _ request: Request, context: LinkServiceContext,
        next: (Request, LinkServiceContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let failure as OAuthFailure {
            return failure.response
        } catch let error as TokenError {
            return OAuthFailure.token(error).response
        } catch is HTTPError {
            return OAuthFailure.token(.invalidRequest).response
        } catch {
            if let failure = TemporaryFailure(error) {
                failure.log(error, to: context.logger)
            } else {
                context.logger.error("A client could not be answered", metadata: ["error": "\(error)"])
            }
            return OAuthFailure.unavailable.response
        }
    }
}
