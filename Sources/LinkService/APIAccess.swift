import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import LinkStore
import OneTimeLinks

extension LinkServiceDependencies {
    /// The key that the request carries, as a bearer token or as the password of HTTP Basic.
    ///
    /// - Throws: `Problem` if there is none, or if it lacks the scope.
    func authorise(_ request: Request, for scope: APIScope) async throws -> StoredAPIKey {
        guard let text = APIKeyText(request.headers[.authorization]),
            let key = try await store.apiKeys.find(hash: Array(SHA256.hash(data: Data(text.text.utf8))))
        else { throw Problem(.unauthorized, "An API key is needed: as a bearer token, or as the password of Basic.") }
        guard key.scopes.contains(scope) else {
            throw Problem(.forbidden, "This API key lacks the scope \(scope.rawValue).")
        }
        return key
    }
}

/// The text of an API key in an `Authorization` field.
struct APIKeyText {
    let text: String

    init?(_ field: String?) {
        guard let parts = field?.split(separator: " ", maxSplits: 1), parts.count == 2 else { return nil }
        switch parts[0].lowercased() {
        case "bearer": text = parts[1].trimmingCharacters(in: .whitespaces)
        case "basic":
            guard let data = Data(base64Encoded: String(parts[1])),
                let password = String(decoding: data, as: UTF8.self).split(
                    separator: ":", maxSplits: 1, omittingEmptySubsequences: false
                ).last
            else { return nil }
            text = String(password)
        default: return nil
        }
    }
}

extension Response {
    /// A JSON object, its keys in order.
    static func json(_ body: some Encodable, status: HTTPResponse.Status) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(data: try encoder.encode(body))))
    }
}
