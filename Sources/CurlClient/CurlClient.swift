import CLibCurl
import Logging

/// HTTP requests and SMTP submissions through libcurl, for Swift concurrency.
///
/// One thread carries out all HTTP requests side by side and keeps their connections alive. Mails have a few threads of
/// their own, each for one mail at a time, because libcurl waits for the end of an SMTP transaction without looking
/// after anything else. Threads start when they are first needed.
public final class CurlClient: Sendable {
    private let configuration: CurlConfiguration
    private let logger: Logger
    private let requests: TransferQueue
    private let mails: TransferQueue

    /// A client without connections. End it with ``close()``; if it is just dropped, what is under way is cancelled.
    public init(_ configuration: CurlConfiguration = .init(), logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        self.requests = TransferQueue(
            name: "curl-http",
            limits: .init(
                threads: 1, transfersPerThread: configuration.maximumConnections,
                transfersPerOrigin: configuration.maximumConnectionsPerHost))
        self.mails = TransferQueue(
            name: "curl-mail",
            limits: .init(
                threads: configuration.maximumMailConnections, transfersPerThread: 1,
                transfersPerOrigin: configuration.maximumMailConnections))
    }

    deinit {
        requests.beginClosing()
        mails.beginClosing()
    }

    /// Sends a request and returns the complete answer, whatever its status.
    ///
    /// Throws ``CurlError``, and `CancellationError` if the task is cancelled or the client closed. If a kept-alive connection turns
    /// out to be closed, a request with an idempotent method is repeated, and any other only if not a byte of it was sent.
    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let now = ContinuousClock.now
        do {
            do {
                return try await send(request, by: now, overNewConnection: false)
            } catch let error as CurlError where error.isOfClosedConnection {
                return try await send(request, by: now, overNewConnection: true)
            }
        } catch let error as CurlError {
            logger.debug("An HTTP request failed", metadata: ["error": "\(error)"])
            throw error
        }
    }

    private func send(
        _ request: HTTPRequest, by now: ContinuousClock.Instant, overNewConnection isNew: Bool
    ) async throws -> HTTPResponse {
        let plan = try request.plan(configuration, now: now, overNewConnection: isNew)
        return try HTTPResponse(try await requests.run(plan))
    }

    /// Submits a mail and returns when the server has accepted it.
    ///
    /// Throws ``MailSubmissionError``, and `CancellationError` if the task is cancelled or the client closed: the mail
    /// may then have been accepted all the same. To end a wait for the reply to the final dot takes up to two seconds.
    public func submit(_ submission: MailSubmission, to server: MailServer) async throws -> MailAcceptance {
        let plan = try submission.plan(server)
        let report = try await mails.run(plan)
        do {
            return try MailAcceptance(report)
        } catch {
            logger.debug("A mail was not accepted", metadata: ["error": "\(error)"])
            throw error
        }
    }

    /// Connects to a mail server as for a mail, TLS and authentication included, and sends none.
    ///
    /// Throws ``MailSubmissionError`` with the stage that failed, and `CancellationError` as ``submit(_:to:)`` does.
    public func probe(_ server: MailServer) async throws {
        let report = try await mails.run(server.probePlan())
        guard report.code == CURLE_OK, report.conversation?.objection == nil else { throw MailSubmissionError(report) }
    }

    /// Cancels what is under way and returns when all connections are closed. Later calls throw `CancellationError`.
    public func close() async {
        await requests.close()
        await mails.close()
    }
}
