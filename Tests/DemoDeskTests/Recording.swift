import DemoDesk
import Foundation
import Testing

/// A recorded exchange with a real desk.
struct Recording: Decodable, CustomTestStringConvertible {
    struct Request: Decodable {
        var requestLine: String
        var headers: [[String]]
        var body: String?
        var bodyBase64: String?

        private enum CodingKeys: String, CodingKey {
            case requestLine = "request_line"
            case headers, body
            case bodyBase64 = "body_base64"
        }
    }

    struct Response: Decodable {
        var statusLine: String
        var headers: [[String]]
        var body: String
        var json: DeskJSON?

        private enum CodingKeys: String, CodingKey {
            case statusLine = "status_line"
            case headers, body, json
        }

        var status: Int? { statusLine.split(separator: " ").dropFirst().first.flatMap { Int($0) } }

        var contentType: String? { headers.first { $0[0].lowercased() == "content-type" }?[1] }
    }

    var name: String
    var request: Request
    var response: Response

    var testDescription: String { name }

    init(named name: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../TicketSystemTests/Fixtures")
        self = try JSONDecoder().decode(
            Recording.self, from: Data(contentsOf: folder.appending(path: "\(name).json")))
    }

    /// The recorded request, as the stand-in desk takes it.
    func question() throws -> DeskQuestion {
        let line = request.requestLine.split(separator: " ")
        let body = request.bodyBase64.flatMap { Data(base64Encoded: $0) } ?? Data((request.body ?? "").utf8)
        try #require(line.count == 3)
        return DeskQuestion(
            method: String(line[0]), target: String(line[1]),
            headers: Dictionary(request.headers.map { ($0[0].lowercased(), $0[1]) }) { first, _ in first },
            body: Array(body))
    }
}
