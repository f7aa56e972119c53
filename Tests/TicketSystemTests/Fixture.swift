import CurlClient
import Foundation
import Testing

/// The answers of recorded exchanges.
enum Fixture {
    private struct Recording: Decodable {
        struct Response: Decodable {
            var statusLine: String
            var headers: [[String]]
            var body: String

            private enum CodingKeys: String, CodingKey {
                case statusLine = "status_line"
                case headers, body
            }
        }

        var response: Response
    }

    /// The recorded answer, as the HTTP client would hand it over.
    static func response(_ name: String) throws -> HTTPResponse {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name).json")
        let recorded = try JSONDecoder().decode(Recording.self, from: Data(contentsOf: file)).response
        return HTTPResponse(
            status: try #require(recorded.statusLine.split(separator: " ").dropFirst().first.flatMap { Int($0) }),
            headers: recorded.headers.map { (name: $0[0], value: $0[1]) }, body: Array(recorded.body.utf8))
    }

    /// A 200 with JSON.
    static func json(_ text: String) -> HTTPResponse {
        HTTPResponse(
            status: 200, headers: [("Content-Type", "application/json; charset=UTF-8")], body: Array(text.utf8))
    }

    static func error(_ code: String) -> HTTPResponse {
        json(#"{"Error":{"ErrorCode":"\#(code)","ErrorMessage":"m"}}"#)
    }
}
