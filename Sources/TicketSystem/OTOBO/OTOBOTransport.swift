import CurlClient
import Logging
import LongWork

/// Makes single exchanges with the web service: in turn, past the circuit breaker, decoded.
///
/// Nothing here may log or throw a URL: sessions travel in it.
actor OTOBOTransport {
    /// Sends a request and answers with what came back; the client in service, a replay in tests.
    typealias Send = @Sendable (HTTPRequest) async throws -> HTTPResponse

    private let send: Send
    private let clock: ConnectorClock
    private let logger: Logger
    private let longWork: LongWork
    private let configuration: OTOBOConfiguration
    private let turns: RequestTurns
    private let onCall: @Sendable (DeskCall) -> Void
    private var breaker: CircuitBreaker

    init(
        configuration: OTOBOConfiguration, send: @escaping Send, clock: ConnectorClock, logger: Logger,
        longWork: LongWork,
        onCall: @escaping @Sendable (DeskCall) -> Void
    ) {
        self.send = send
        self.clock = clock
        self.logger = logger
        self.longWork = longWork
        self.configuration = configuration
        turns = RequestTurns(limit: configuration.maximumConnections)
        self.onCall = onCall
        breaker = CircuitBreaker(
            settings: CircuitBreaker.Settings(
                failuresToOpen: configuration.breaker.failuresToOpen, pause: configuration.breaker.pause,
                longestPause: configuration.breaker.longestPause, longestTrial: configuration.requestTimeout * 2))
    }

    /// How the desk stands, as seen from here.
    func standing() async -> DeskStanding {
        DeskStanding(isLeftAlone: breaker.refusal(at: clock.elapsed()) != nil, waitingCalls: await turns.waiting)
    }

    /// Sends the request for the operation and decodes its result, all within the time that its purpose has.
    func exchange<Result: Decodable & Sendable>(
        _ request: OTOBORequest, for operation: OTOBOOperation, as type: Result.Type
    ) async throws -> Result {
        let start = clock.elapsed()
        func report(_ outcome: String) {
            onCall(DeskCall(operation: operation.rawValue, outcome: outcome, duration: clock.elapsed() - start))
        }
        do {
            let result = try await attempt(request, for: operation, as: type)
            report("answered")
            return result
        } catch let failure as TicketSystemError {
            report(failure.kind.word)
            throw failure
        } catch {
            report("abandoned")
            throw error
        }
    }

    private func attempt<Result: Decodable & Sendable>(
        _ request: OTOBORequest, for operation: OTOBOOperation, as type: Result.Type
    ) async throws -> Result {
        // Whoever would be refused anyway need not wait in line for it.
        if let retryAfter = breaker.refusal(at: clock.elapsed()) {
            throw operation.error(.circuitOpen(retryAfter: retryAfter))
        }
        let start = clock.elapsed()
        let caller = DeskCaller.current
        guard try await turns.enter(caller, within: configuration.timeout(for: caller.purpose)) else {
            throw operation.error(.timedOut)
        }
        do {
            let result = try await exchangeInTurn(request, for: operation, as: type, since: start)
            await turns.leave(caller)
            return result
        } catch {
            await turns.leave(caller)
            throw error
        }
    }

    private func exchangeInTurn<Result: Decodable & Sendable>(
        _ request: OTOBORequest, for operation: OTOBOOperation, as type: Result.Type, since start: Duration
    ) async throws -> Result {
        let permit = try admit(operation)
        do {
            let waited = clock.elapsed() - start
            let timeout = configuration.timeout(for: DeskCaller.current.purpose)
            let response = try await response(to: request, for: operation, within: max(timeout - waited, timeout / 10))
            let result = try await decoded(type, from: response, operation: operation)
            finish(operation, .answered, permit: permit, since: start, failure: nil)
            return result
        } catch let failure as TicketSystemError {
            let outcome: CircuitBreaker.Outcome = failure.isTransportTrouble ? .failed : .answered
            finish(operation, outcome, permit: permit, since: start, failure: failure)
            throw failure
        } catch {
            finish(operation, .abandoned, permit: permit, since: start, failure: nil)
            throw error
        }
    }

    /// A large answer is read where no request waits for it.
    private func decoded<Result: Decodable & Sendable>(
        _ type: Result.Type, from response: HTTPResponse, operation: OTOBOOperation
    ) async throws -> Result {
        try await longWork.run(size: response.body.count) {
            try OTOBOAnswer.decode(type, from: response, operation: operation)
        }
    }

    private func admit(_ operation: OTOBOOperation) throws -> CircuitBreaker.Permit {
        switch breaker.admit(at: clock.elapsed()) {
        case .permitted(let permit): return permit
        case .refused(let retryAfter): throw operation.error(.circuitOpen(retryAfter: retryAfter))
        }
    }

    /// Sends, and tells the ways of failing apart.
    private func response(
        to request: OTOBORequest, for operation: OTOBOOperation, within timeout: Duration
    ) async throws -> HTTPResponse {
        do {
            let size = configuration.maximumAnswerSize(for: DeskCaller.current.purpose)
            return try await send(request.http(timeout: timeout, maximumBodySize: size))
        } catch let error as CurlError {
            if Task.isCancelled { throw CancellationError() }
            throw operation.error(error.ticketSystemKind)
        }
    }

    private func finish(
        _ operation: OTOBOOperation, _ outcome: CircuitBreaker.Outcome, permit: CircuitBreaker.Permit,
        since start: Duration, failure: TicketSystemError?
    ) {
        let before = breaker.state
        breaker.record(outcome, of: permit, at: clock.elapsed())
        var metadata: Logger.Metadata = [
            "operation": "\(operation.rawValue)",
            "milliseconds": "\(Int((clock.elapsed() - start) / .milliseconds(1)))",
        ]
        if let failure {
            metadata["failure"] = "\(failure.kind)"
            logger.log(level: outcome == .failed ? .warning : .debug, "The desk call failed.", metadata: metadata)
        } else {
            logger.debug("The desk call ended.", metadata: metadata)
        }
        switch (before, breaker.state) {
        case (.closed, .open):
            logger.error("The desk fails and is left alone for a while.", metadata: metadata)
        case (.halfOpen, .closed):
            logger.notice("The desk answers again.", metadata: metadata)
        default:
            break
        }
    }
}

extension TicketSystemError {
    /// Whether the desk itself was out of reach. What it answers, even nonsense, shows that it is there.
    var isTransportTrouble: Bool {
        switch kind {
        case .unreachable, .untrusted, .plainPort, .timedOut, .gateway: true
        default: false
        }
    }
}
