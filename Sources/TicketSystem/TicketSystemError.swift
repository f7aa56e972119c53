/// Why the desk could not be asked.
///
/// The description says what happened, what it means and what to do. It contains neither addresses nor anything
/// that was sent or received.
public struct TicketSystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened.
    public enum Kind: Hashable, Sendable {
        /// No connection, or one that broke off.
        case unreachable
        /// TLS could not be set up, usually because the desk's certificate is not trusted here.
        case untrusted
        /// The URL begins with `https`, and the port speaks plain http.
        case plainPort
        /// The configured URL cannot be used.
        case misconfigured
        /// No complete answer within the request's time.
        case timedOut
        /// Something between us and the desk answered in its place; the HTTP status.
        case gateway(status: Int)
        /// The desk has failed so often of late that it is left alone.
        case circuitOpen(retryAfter: Duration)
        /// Login or password are wrong; no login is tried before the time has passed.
        case loginRefused(retryAfter: Duration)
        /// HTTP 500 without a body: no such web service, or a disabled one.
        case serviceMissing
        /// The web service lacks the named operation.
        case operationMissing(String)
        /// The desk's own error, such as `TicketSearch.AuthFail`.
        case refused(errorCode: String)
        /// The ticket is unknown, deleted or forbidden.
        case invisible
        /// An answer that makes no sense.
        case badAnswer(BadAnswer)
    }

    /// What was wrong with an answer.
    public enum BadAnswer: String, Hashable, Sendable {
        case httpStatus = "the HTTP status is not one that the desk sends"
        case requestRejected = "the desk's transport did not accept the request"
        case empty = "the body is empty"
        case unreadable = "the body is cut off or not JSON"
        case unexpectedShape = "a field is missing or of an unexpected type"
        case otherTicket = "it is about another ticket than the one asked for"
        case unfiltered = "the search found tickets that were not asked for"
        case tooLarge = "the body is larger than allowed"
    }

    public let kind: Kind
    /// The desk's operation that was asked for, such as `TicketGet`.
    public let operation: String

    public init(_ kind: Kind, operation: String) {
        self.kind = kind
        self.operation = operation
    }

    /// True where the same call may well succeed a little later.
    public var isTransient: Bool {
        switch kind {
        case .unreachable, .untrusted, .plainPort, .timedOut, .gateway, .circuitOpen: true
        case .misconfigured, .loginRefused, .serviceMissing, .operationMissing, .refused, .invisible, .badAnswer: false
        }
    }

    public var description: String { "\(operation): \(explanation)" }

    private var explanation: String {
        switch kind {
        case .unreachable:
            "The desk could not be reached, or the connection broke off. "
                + "Check that it runs, and its address, DNS and firewall as seen from here."
        case .untrusted:
            "No trusted TLS connection to the desk. Check its certificate, its validity and name, "
                + "and the configured certificate authority."
        case .plainPort:
            "The desk's port does not answer in TLS, and the configured URL begins with https: it speaks plain http, or hangs. Name the "
                + "port that speaks TLS."
        case .misconfigured:
            "The configured URL of the desk cannot be used. It must be an absolute http or https URL without a user name."
        case .timedOut:
            "The desk did not answer in time. It is overloaded or hanging; look at its load and its database."
        case .gateway(status: 404):
            "There is nothing at the path of the configured URL (HTTP 404). Check the path up to and including the web service's name."
        case .gateway(let status):
            "A page came (HTTP \(status)) where the desk's answer was expected. A proxy in between speaks for the desk, "
                + "or the desk is under maintenance; look at the proxy's log."
                + (status == 400 ? " A port that wants https answers plain http like this, too." : "")
        case .circuitOpen(let retryAfter):
            "The desk failed several times in a row and is left alone for another "
                + "\(Self.seconds(retryAfter)). The log has the failures."
        case .loginRefused(let retryAfter):
            "The desk refused the login. Check login and password of otalink's agent, and that the agent is valid; "
                + "the next try is in \(Self.seconds(retryAfter))."
        case .serviceMissing:
            "The desk does not know the web service, or it is not valid. "
                + "Check the name in the configured URL (upper and lower case count) and the service's validity."
        case .operationMissing(let operation):
            "The web service has no route for \(operation). Import the web service again, or add the operation to it."
        case .refused(let errorCode):
            "The desk refused the request with \(errorCode). Check the permissions of otalink's agent."
        case .invisible:
            "The ticket is unknown or deleted, or otalink's agent may not see it."
        case .badAnswer(let reason):
            "The desk's answer is unusable: \(reason.rawValue). "
                + "Check that the configured URL leads to the web service of an OTOBO, Znuny or OTRS 6."
        }
    }

    private static func seconds(_ duration: Duration) -> String {
        let seconds = max(1, duration.components.seconds)
        return seconds == 1 ? "1 second" : "\(seconds) seconds"
    }
}
