import CurlClient
import Foundation
import Synchronization
import Testing

/// A browser without JavaScript: keeps cookies, sends forms, follows no redirect by itself.
package final class Browser: Sendable {
    private struct State {
        var base: String
        var cookies: [String: String] = [:]
    }

    private let client: CurlClient
    private let state: Mutex<State>

    package init(client: CurlClient, base: String) {
        self.client = client
        state = Mutex(State(base: base))
    }

    /// Talks to another replica from now on, as a load balancer would have it; cookies belong to the host and stay.
    package func turn(to base: String) {
        state.withLock { $0.base = base }
    }

    private var base: String { state.withLock(\.base) }

    package func get(_ path: String, method: HTTPRequest.Method = .get) async throws -> HTTPResponse {
        try await send(HTTPRequest(method: method, url: base + path, headers: cookieHeader))
    }

    /// Presses the only button of a page.
    package func press(_ page: HTTPResponse, headers: [(name: String, value: String)] = []) async throws -> HTTPResponse
    {
        let action = try #require(page.text.firstMatch(of: /action="([^"]+)"/)?.1)
        let proof = try #require(page.text.firstMatch(of: /name="form" value="([^"]+)"/)?.1)
        return try await post(String(action), form: "form=\(proof)", headers: headers)
    }

    package func post(
        _ path: String, form: String, headers: [(name: String, value: String)] = []
    ) async throws -> HTTPResponse {
        try await send(
            HTTPRequest(
                method: .post, url: base + path,
                headers: cookieHeader + [("Content-Type", "application/x-www-form-urlencoded")] + headers,
                body: Array(form.utf8)))
    }

    private var cookieHeader: [(name: String, value: String)] {
        cookies.isEmpty ? [] : [("Cookie", cookies)]
    }

    /// The value of the field `Cookie`.
    package var cookies: String {
        state.withLock(\.cookies).map { "\($0)=\($1)" }.sorted().joined(separator: "; ")
    }

    private func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let response = try await client.send(request)
        for field in response.headers("Set-Cookie") {
            let pair = field.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = pair.count == 2 && !pair[1].isEmpty ? String(pair[1]) : nil
            state.withLock { $0.cookies[String(pair[0])] = value }
        }
        return response
    }
}
