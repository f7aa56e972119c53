import Logging

/// The connector's login at the desk: one session, made when first needed and shared by all calls.
///
/// The desk ends it two hours after it was made, however much it is used, and says so only by refusing the next call.
actor OTOBOSession {
    /// What makes a new session and answers its key.
    typealias Login = @Sendable () async throws -> String

    private let login: Login
    private let clock: ConnectorClock
    private let logger: Logger
    private let firstPause: Duration
    private let longestPause: Duration

    private var key: String?
    private var loginUnderWay: Task<String, any Error>?
    /// After a refused login: its pause, and when the next one may be tried. A wrong password must neither flood the
    /// desk nor lock the agent out by repetition.
    private var refusal: (pause: Duration, until: Duration)?

    init(configuration: OTOBOConfiguration, clock: ConnectorClock, logger: Logger, login: @escaping Login) {
        self.login = login
        self.clock = clock
        self.logger = logger
        firstPause = configuration.loginPause
        longestPause = configuration.longestLoginPause
    }

    /// The session's key; logs in if there is none. Callers that come meanwhile share one login and its failure.
    func currentKey() async throws -> String {
        if let key { return key }
        if let loginUnderWay { return try await loginUnderWay.value }
        if let refusal, clock.elapsed() < refusal.until {
            throw OTOBOOperation.sessionCreate.error(.loginRefused(retryAfter: refusal.until - clock.elapsed()))
        }
        // A task of its own: the others still need the login when the caller that began it is cancelled.
        let login = Task { try await logIn() }
        loginUnderWay = login
        return try await login.value
    }

    /// Forgets the session after the desk refused it, unless somebody has made a new one since.
    func forget(_ refused: String) {
        if key == refused { key = nil }
    }

    private func logIn() async throws -> String {
        defer { loginUnderWay = nil }
        do {
            let key = try await login()
            guard !key.isEmpty else { throw OTOBOOperation.sessionCreate.error(.badAnswer(.unexpectedShape)) }
            self.key = key
            refusal = nil
            logger.info("Logged in at the desk.")
            return key
        } catch let error as TicketSystemError {
            guard error.kind == .refused(errorCode: OTOBOOperation.sessionCreate.authenticationFailure) else {
                throw error
            }
            let pause = refusal.map { min($0.pause * 2, longestPause) } ?? firstPause
            refusal = (pause, clock.elapsed() + pause)
            logger.error("The desk refused the login.", metadata: ["retry_after": "\(pause)"])
            throw OTOBOOperation.sessionCreate.error(.loginRefused(retryAfter: pause))
        }
    }
}
