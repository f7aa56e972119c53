import CurlClient
import Logging
import LongWork
import OneTimeLinks

/// The connector to a desk of the OTOBO family (OTOBO 10 and 11, Znuny, OTRS 6), over its REST web service.
///
/// Logs in once and keeps the session; when the desk has ended it, a call logs in again exactly once. Many calls may
/// run at a time; the configuration bounds how many of them are at the desk.
public struct OTOBOConnector: TicketSystem {
    let configuration: OTOBOConfiguration
    let times: DeskTimeFormat
    let clock: ConnectorClock
    let logger: Logger
    let longWork: LongWork
    private let transport: OTOBOTransport
    private let session: OTOBOSession

    /// A connector that sends through the client.
    ///
    /// - Parameters:
    ///   - longWork: where large answers are read.
    ///   - onCall: told of each call of the web service when it has ended; must not block.
    public init(
        configuration: OTOBOConfiguration, client: CurlClient, clock: ConnectorClock = .system, logger: Logger,
        longWork: LongWork = LongWork(),
        onCall: @escaping @Sendable (DeskCall) -> Void = { _ in }
    ) {
        self.init(configuration: configuration, clock: clock, logger: logger, longWork: longWork, onCall: onCall) {
            try await client.send($0)
        }
    }

    /// A connector that sends through the closure, which throws `CurlError` as the client does.
    public init(
        configuration: OTOBOConfiguration, clock: ConnectorClock, logger: Logger, longWork: LongWork = LongWork(),
        onCall: @escaping @Sendable (DeskCall) -> Void = { _ in },
        send: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) {
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.longWork = longWork
        times = DeskTimeFormat(timeZone: configuration.timeZone)
        let transport = OTOBOTransport(
            configuration: configuration, send: send, clock: clock, logger: logger, longWork: longWork,
            onCall: onCall)
        self.transport = transport
        session = OTOBOSession(configuration: configuration, clock: clock, logger: logger) {
            // All calls wait for it, whoever began it.
            try await DeskCaller.$current.withValue(DeskCaller(.signIn)) {
                try await transport.exchange(
                    .login(configuration), for: .sessionCreate, as: OTOBOSessionAnswer.self
                ).sessionID.text
            }
        }
    }

    /// Calls a reading operation, logged in.
    func call<Result: Decodable & Sendable>(
        _ operation: OTOBOOperation, path: String, parameters: [(name: String, value: String)] = [],
        as type: Result.Type
    ) async throws -> Result {
        try await call(operation, as: type) { key in
            .get(configuration, path: path, session: key, parameters: parameters)
        }
    }

    /// Calls an operation, logged in.
    ///
    /// A session that the desk has ended is replaced and the call repeated, once: an operation may have other reasons
    /// to refuse its caller.
    func call<Result: Decodable & Sendable>(
        _ operation: OTOBOOperation, as type: Result.Type, request: (_ session: String) throws -> OTOBORequest
    ) async throws -> Result {
        func attempt(_ key: String) async throws -> Result {
            try await transport.exchange(request(key), for: operation, as: type)
        }
        let key = try await session.currentKey()
        do {
            return try await attempt(key)
        } catch let error as TicketSystemError
            where error.kind == .refused(errorCode: operation.authenticationFailure)
        {
            await session.forget(key)
            return try await attempt(session.currentKey())
        }
    }

    /// How the desk stands, as seen from here.
    public func standing() async -> DeskStanding { await transport.standing() }

    /// Logs in, unless a session is at hand.
    func ensureLogin() async throws {
        _ = try await session.currentKey()
    }
}
