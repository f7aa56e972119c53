import Foundation
import LinkStore
import OneTimeLinks
import OpenIDProvider
import OpenIDStore

/// The act of telling the holder of an access token who is signed in.
public struct TellClaims: Sendable {
    private let store: LinkStore
    private let ring: KeyRing
    private let checkSession: CheckSession
    private let identify: IdentifyCustomer

    init(store: LinkStore, ring: KeyRing, checkSession: CheckSession, identify: IdentifyCustomer) {
        self.store = store
        self.ring = ring
        self.checkSession = checkSession
        self.identify = identify
    }

    /// The claims that the token opens; nil when it is none, or no more: it ends with the session, an hour after it was made, and
    /// when its code was shown a second time.
    ///
    /// - Throws: an error of the database.
    public func callAsFunction(accessToken: String, settings: Settings) async throws -> CustomerClaims? {
        // A forged or damaged token costs no query.
        guard let id = ring.verify(accessToken, as: .accessToken),
            let known = try await store.authorizationCodes.find(id: id), let usedAt = known.usedAt, !known.isRevoked,
            known.now < usedAt.addingTimeInterval(TimeInterval(ExchangeCode.accessTokenLifetime)),
            let signedIn = try await checkSession(session: known.sessionID, settings: settings),
            signedIn.scope == .account
        else { return nil }
        return try await identify.claims(of: signedIn, scopes: known.scopes)
    }
}
