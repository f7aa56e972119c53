import CurlClient
import Foundation
import OneTimeLinks

/// Tells the forms apart in which the family's web service answers.
///
/// An operation's own errors come with HTTP 200 and an `Error` object; transport errors as HTTP 500 in plain text;
/// an unknown or disabled web service as HTTP 500 without a body. Whatever else comes is not from the desk.
enum OTOBOAnswer {
    /// Decodes the operation's result.
    static func decode<Result: Decodable>(
        _ type: Result.Type, from response: HTTPResponse, operation: OTOBOOperation
    ) throws(TicketSystemError) -> Result {
        try checkStatus(of: response, operation: operation)
        let data = Data(response.body)
        guard !data.isEmpty else { throw operation.error(.badAnswer(.empty)) }
        let envelope: ErrorEnvelope
        do {
            envelope = try JSONDecoder().decode(ErrorEnvelope.self, from: data)
        } catch {
            throw operation.error(looksLikeHTML(response) ? .gateway(status: response.status) : .badAnswer(.unreadable))
        }
        if let failure = envelope.error {
            throw operation.error(.refused(errorCode: ForeignText.safe(failure.code, limit: 80)))
        }
        do {
            return try JSONDecoder().decode(Result.self, from: data)
        } catch {
            throw operation.error(.badAnswer(.unexpectedShape))
        }
    }

    private static func checkStatus(
        of response: HTTPResponse, operation: OTOBOOperation
    ) throws(TicketSystemError) {
        switch response.status {
        case 200:
            return
        case 500 where response.body.isEmpty:
            throw operation.error(.serviceMissing)
        case 500 where looksLikeHTML(response):
            throw operation.error(.gateway(status: 500))
        case 500:
            // The sentence names the request's path, which may contain a session: it is read but not repeated.
            let sentence = String(decoding: response.body.prefix(200), as: UTF8.self)
            let isRoute = sentence.contains("determine Operation")
            throw operation.error(isRoute ? .operationMissing(operation.rawValue) : .badAnswer(.requestRejected))
        case 502, 503, 504:
            throw operation.error(.gateway(status: response.status))
        default:
            throw operation.error(looksLikeHTML(response) ? .gateway(status: response.status) : .badAnswer(.httpStatus))
        }
    }

    private static func looksLikeHTML(_ response: HTTPResponse) -> Bool {
        if response.header("Content-Type")?.lowercased().hasPrefix("text/html") == true { return true }
        let start = response.body.prefix(64).drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
        return start.first == UInt8(ascii: "<")
    }

    private struct ErrorEnvelope: Decodable {
        struct Failure: Decodable {
            var code: String

            private enum CodingKeys: String, CodingKey {
                case code = "ErrorCode"
            }
        }

        var error: Failure?

        private enum CodingKeys: String, CodingKey {
            case error = "Error"
        }
    }
}

/// The operations of the family's web service that the connector calls; the raw value begins their error codes.
enum OTOBOOperation: String, Sendable {
    case sessionCreate = "SessionCreate"
    case ticketSearch = "TicketSearch"
    case ticketGet = "TicketGet"
    case ticketHistoryGet = "TicketHistoryGet"
    case ticketUpdate = "TicketUpdate"

    /// The error code of this operation that says that login or session are not accepted.
    var authenticationFailure: String { "\(rawValue).AuthFail" }

    /// The error code of this operation for unknown, deleted and forbidden tickets.
    var accessDenied: String { "\(rawValue).AccessDenied" }

    func error(_ kind: TicketSystemError.Kind) -> TicketSystemError {
        TicketSystemError(kind, operation: rawValue)
    }
}
