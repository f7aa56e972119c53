import CurlClient
import Foundation
import Logging
import Synchronization
import Testing

@testable import TicketSystem

/// A desk that answers with what a test hands it, and remembers what it was asked.
///
/// Each request takes the first answer whose operation and text fit it; an answer serves once unless it is `forever`.
/// A request that nobody expected is a failure of the test.
final class ReplayedDesk: Sendable {
    struct Answer {
        /// A part of the path and query that the request must have.
        var when: String
        var response: Result<HTTPResponse, CurlError>
        var isForever = false
    }

    private let answers: Mutex<[Answer]>
    private let asked = Mutex<[HTTPRequest]>([])
    let time = SettableTime()

    init(_ answers: [Answer]) {
        self.answers = Mutex(answers)
    }

    /// Method and target of each request, without the session.
    var requests: [String] {
        asked.withLock { requests in
            requests.map { request in
                let target = request.url.replacing(Self.base, with: "")
                return "\(request.method.rawValue) " + target.replacing(/SessionID=[^&]*&?/, with: "")
            }
        }
    }

    var rawRequests: [HTTPRequest] { asked.withLock { $0 } }

    static let base = "http://desk.example/otobo/nph-genericinterface.pl/Webservice/otalink"

    func connector(
        zone: String = "UTC", logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        change: (inout OTOBOConfiguration) -> Void = { _ in }
    ) throws -> OTOBOConnector {
        var configuration = OTOBOConfiguration(
            url: Self.base + "/", login: "otalink", password: "secret",
            timeZone: try #require(TimeZone(identifier: zone)))
        change(&configuration)
        return OTOBOConnector(configuration: configuration, clock: time.clock, logger: logger) { [self] request in
            try respond(to: request)
        }
    }

    private func respond(to request: HTTPRequest) throws -> HTTPResponse {
        asked.withLock { $0.append(request) }
        let answer = answers.withLock { answers -> Answer? in
            let target = "\(request.method.rawValue) \(request.url)"
            guard let index = answers.firstIndex(where: { target.contains($0.when) }) else { return nil }
            return answers[index].isForever ? answers[index] : answers.remove(at: index)
        }
        guard let answer else {
            Issue.record("unexpected request: \(request.method.rawValue) \(request.url)")
            throw CurlError(.couldNotConnect, wasSent: false)
        }
        return try answer.response.get()
    }
}

extension ReplayedDesk.Answer {
    /// Logins succeed, as often as they come.
    static let login = Self(
        when: "POST", response: .success(Fixture.json(#"{"SessionID":"abc"}"#)), isForever: true)

    static func once(_ when: String, _ response: HTTPResponse) -> Self {
        Self(when: when, response: .success(response))
    }

    static func always(_ when: String, _ response: HTTPResponse) -> Self {
        Self(when: when, response: .success(response), isForever: true)
    }

    static func failing(_ when: String, _ kind: CurlError.Kind) -> Self {
        Self(when: when, response: .failure(CurlError(kind, wasSent: true)), isForever: true)
    }
}

/// A clock that moves only when told.
final class SettableTime: Sendable {
    private let seconds = Mutex<Double>(0)
    static let start = Date(timeIntervalSince1970: 1_795_571_398)

    func advance(by seconds: Double) { self.seconds.withLock { $0 += seconds } }

    var clock: ConnectorClock {
        ConnectorClock(
            date: { [self] in Self.start.addingTimeInterval(seconds.withLock { $0 }) },
            elapsed: { [self] in .seconds(seconds.withLock { $0 }) })
    }
}
