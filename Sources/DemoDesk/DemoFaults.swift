import Foundation

/// What is made to go wrong with the web service.
public struct DemoFaults: Hashable, Sendable {
    /// How an answer fails.
    public enum Kind: String, Sendable, CaseIterable {
        /// A gateway's HTML page with status 502.
        case gateway
        /// A gateway's HTML page with status 200.
        case page
        /// The right answer, but the connection breaks off in the middle of it.
        case cut
        /// HTTP 500 in plain text.
        case error
        /// No answer at all.
        case hang
    }

    /// Before each answer.
    public var delay: Duration
    public var kind: Kind?
    /// How many requests are still to fail.
    public var remaining: Int

    public init(delay: Duration = .zero, kind: Kind? = nil, remaining: Int = 0) {
        self.delay = delay
        self.kind = kind
        self.remaining = remaining
    }
}

/// A request that the web service got.
public struct DemoRequestRecord: Hashable, Sendable {
    public var time: Date
    public var method: String
    /// Path and query; sessions and passwords are masked.
    public var target: String
    public var fault: DemoFaults.Kind?
}

extension DemoDeskState {
    /// The longest list of requests that is kept.
    private static let requestsKept = 10_000

    /// Makes the next requests go wrong; the plain value ends it.
    public func setFaults(_ faults: DemoFaults) {
        self.faults = faults
    }

    /// The requests that the web service got, oldest first.
    public var requestLog: [DemoRequestRecord] { requests }

    /// Forgets the requests.
    public func clearRequestLog() {
        requests = []
    }

    /// Notes a request and says what is to go wrong with it.
    func takeFault(for question: DeskQuestion) -> (delay: Duration, kind: DemoFaults.Kind?) {
        var kind: DemoFaults.Kind?
        if faults.remaining > 0 {
            faults.remaining -= 1
            kind = faults.kind
        }
        if requests.count >= Self.requestsKept { requests.removeFirst(requests.count / 2) }
        let masked = question.query.map { parameter in
            ["SessionID", "Password"].contains(parameter.name)
                ? "\(parameter.name)=…" : "\(parameter.name)=\(parameter.value)"
        }
        let session = question.path.firstRange(of: "/Session/")
        let path = session.map { String(question.path[..<$0.upperBound]) + "…" } ?? question.path
        let target = path + (masked.isEmpty ? "" : "?" + masked.joined(separator: "&"))
        requests.append(DemoRequestRecord(time: now, method: question.method, target: target, fault: kind))
        return (faults.delay, kind)
    }
}
