import Foundation
import LinkStore
import Logging
import OneTimeLinks
import OpenIDProvider
import OpenIDStore
import PostgresClient

/// The act of exchanging a code for tokens, once.
public struct ExchangeCode: Sendable {
    /// Seconds that a code can be exchanged.
    public static let codeLifetime = 60
    /// Seconds that an access token holds, if its session does.
    public static let accessTokenLifetime = 3_600

    private let store: LinkStore
    private let ring: KeyRing
    private let checkSession: CheckSession
    private let identify: IdentifyCustomer
    private let logger: Logger

    init(
        store: LinkStore, ring: KeyRing, checkSession: CheckSession, identify: IdentifyCustomer, logger: Logger
    ) {
        self.store = store
        self.ring = ring
        self.checkSession = checkSession
        self.identify = identify
        self.logger = logger
    }

    /// Exchanges the code of a request.
    ///
    /// - Parameter client: the one that authenticated; a public client, the one that was named.
    /// - Throws: `TokenError`, or an error of the database; then the code may be spent, and the customer signs in once more.
    public func callAsFunction(
        _ request: TokenRequest, client: RegisteredClient, settings: Settings, context: RequestContextFacts
    ) async throws -> GrantedTokens {
        // A forged or damaged code costs no query.
        guard let id = ring.verify(request.code, as: .code), let known = try await store.authorizationCodes.find(id: id)
        else { throw TokenError.invalidGrant }
        let outcome = request.judged(
            against: known.stored, client: client.party, now: known.now, lifetime: Self.codeLifetime)
        switch outcome {
        case .refused(let error): throw error
        case .replay:
            try await revokeReplayed(known, context: context)
            throw TokenError.invalidGrant
        case .exchange:
            guard let signedIn = try await checkSession(session: known.sessionID, settings: settings),
                signedIn.scope == .account
            else { throw TokenError.invalidGrant }
            guard try await spend(known) else {
                // Somebody else was faster: two hold the code. Or its time ran out just now.
                if try await store.authorizationCodes.find(id: id)?.usedAt != nil {
                    try await revokeReplayed(known, context: context)
                }
                throw TokenError.invalidGrant
            }
            return try await tokens(known, signedIn, client: client, settings: settings)
        }
    }

    /// False when the code was not ours to spend any more.
    private func spend(_ known: KnownCode) async throws -> Bool {
        let exchange = UUID.version7()
        do {
            return try await store.authorizationCodes.spend(
                id: known.id, exchange: exchange, lifetime: Self.codeLifetime) != nil
        } catch let error as PostgresError where error.isOutcomeUnknown {
            // The connection was lost after the statement was sent: whether it took effect stands in the database.
            let found = try await store.authorizationCodes.find(id: known.id)
            if found?.exchangeID == exchange { return true }
            // It did not, and nobody else has the code: the client may try again.
            guard found?.usedAt != nil else { throw error }
            return false
        }
    }

    private func tokens(
        _ known: KnownCode, _ signedIn: SignedIn, client: RegisteredClient, settings: Settings
    ) async throws -> GrantedTokens {
        guard let accessToken = ring.sign(known.id, as: .accessToken) else { throw SigningKeyMissing() }
        let idToken = try await identify.idToken(
            of: signedIn, for: client.party.id, scopes: known.scopes, nonce: known.nonce, accessToken: accessToken,
            settings: settings)
        return GrantedTokens(
            accessToken: accessToken, idToken: idToken, expiresIn: Self.accessTokenLifetime, scopes: known.scopes)
    }

    private func revokeReplayed(_ known: KnownCode, context: RequestContextFacts) async throws {
        logger.warning(
            "A code was shown a second time; what it gave is revoked",
            metadata: ["client": "\(known.stored.clientID)", "session": "\(known.sessionID.text)"])
        try await store.authorizationCodes.revoke(id: known.id, reason: "code shown twice", context: context)
    }
}

/// What an exchange gives. Both tokens are secrets: they go to the client and into no log.
public struct GrantedTokens: Sendable, Hashable {
    public let accessToken: String
    public let idToken: String
    /// Seconds.
    public let expiresIn: Int
    /// Those that were asked for and mean something here.
    public let scopes: Set<String>
}
