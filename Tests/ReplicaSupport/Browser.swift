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
        let session = page.text.firstMatch(of: /name="session" value="([^"]+)"/)?.1
        let form = "form=\(proof)" + (session.map { "&session=\($0)" } ?? "")
        return try await post(String(action), form: form, headers: headers)
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
        arrive(response)
        return response
    }

    /// Sets a cookie as if an answer had.
    package func set(_ name: String, to value: String) {
        state.withLock { $0.cookies[name] = value }
    }

    // MARK: Answers that are on the way

    /// The same cookies in a browser of its own.
    package func snapshot() -> Browser {
        let copy = Browser(client: client, base: base)
        let cookies = state.withLock(\.cookies)
        copy.state.withLock { $0.cookies = cookies }
        return copy
    }

    /// Asks with the cookies of now; the answer is on the way until it is said to ``arrive(_:)``.
    package func hold(_ request: (Browser) async throws -> HTTPResponse) async throws -> HTTPResponse {
        try await request(snapshot())
    }

    /// Requests of several tabs at the same moment, each to the service named beside it, all with the cookies of now; their answers
    /// arrive in the given order.
    package func atOnce<Subject: Sendable>(
        _ subjects: [(Subject, base: String)], arriving order: [Int],
        _ request: @escaping @Sendable (Browser, Subject) async throws -> HTTPResponse
    ) async throws -> [HTTPResponse] {
        let tabs = subjects.map { subject in
            let tab = snapshot()
            tab.turn(to: subject.base)
            return (tab, subject.0)
        }
        let answers = try await withThrowingTaskGroup(of: (Int, HTTPResponse).self) { group in
            for (index, tab) in tabs.enumerated() {
                group.addTask { (index, try await request(tab.0, tab.1)) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for index in order { if let answer = answers[index] { arrive(answer) } }
        return subjects.indices.compactMap { answers[$0] }
    }

    /// Takes the cookies of an answer.
    package func arrive(_ response: HTTPResponse) {
        for field in response.headers("Set-Cookie") {
            let pair = field.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = pair.count == 2 && !pair[1].isEmpty ? String(pair[1]) : nil
            state.withLock { $0.cookies[String(pair[0])] = value }
        }
    }
}
