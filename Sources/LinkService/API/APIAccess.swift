import Foundation
import HTTPTypes
import Hummingbird

/// The text of an API key in an `Authorization` field.
struct APIKeyText {
    let text: String

    init?(_ field: String?) {
        guard let parts = field?.split(separator: " ", maxSplits: 1), parts.count == 2 else { return nil }
        switch parts[0].lowercased() {
        case "bearer": text = parts[1].trimmingCharacters(in: .whitespaces)
        case "basic":
            // A desk breaks the encoded text after 76 characters; what stands at the break arrives as a blank.
            guard let data = Data(base64Encoded: String(parts[1].filter { !$0.isWhitespace })),
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
