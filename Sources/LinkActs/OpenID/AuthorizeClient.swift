import Foundation
import LinkStore
import OneTimeLinks
import OpenIDProvider
import OpenIDStore

/// The act of answering a client that wants to know who a browser is.
public struct AuthorizeClient: Sendable {
    private let store: LinkStore
    private let ring: KeyRing
    private let keys: ProviderKeys
    private let identify: IdentifyCustomer

    init(store: LinkStore, ring: KeyRing, keys: ProviderKeys, identify: IdentifyCustomer) {
        self.store = store
        self.ring = ring
        self.keys = keys
        self.identify = identify
    }

    /// Decides by the session, and makes the code or the ID token that goes back.
    ///
    /// - Parameters:
    ///   - signedIn: the browser's session. One of scope `ticket` is nobody at a client.
    ///   - askedAt: when this same request first led to a sign-in; nil at its first coming.
    /// - Throws: an error of the database.
    public func callAsFunction(
        _ request: AuthorizationRequest, signedIn: SignedIn?, askedAt: Date?, settings: Settings,
        context: RequestContextFacts
    ) async throws -> AuthorizationAnswer {
        let now = try await store.tickets.now()
        var account = signedIn.flatMap { $0.scope == .account ? $0 : nil }
        if let hint = request.idTokenHint {
            guard let wanted = try await subject(ofHint: hint, clientID: request.clientID, settings) else {
                return .badHint
            }
            // Somebody else than the client wants is nobody to it.
            if let login = account?.customer.login, try await store.subjects.find(login: login) != wanted {
                account = nil
            }
        }
        let decision = SignInDecision.decide(
            request, signedInAt: account?.signedInAt, askedAt: askedAt, now: now)
        switch decision {
        case .answer:
            guard let account else { return .signIn(askedAt: askedAt ?? now, isAgain: false) }
            return try await answer(request, account, now: now, settings: settings, context: context)
        case .loginRequired: return .loginRequired
        case .signIn, .page: return .signIn(askedAt: askedAt ?? now, isAgain: account != nil)
        }
    }

    private func answer(
        _ request: AuthorizationRequest, _ account: SignedIn, now: Date, settings: Settings,
        context: RequestContextFacts
    ) async throws -> AuthorizationAnswer {
        switch request.responseType {
        case .code:
            let code = NewCode(id: .version7(), for: request, sessionID: account.session)
            guard let text = ring.sign(code.id, as: .code) else { throw SigningKeyMissing() }
            switch try await store.authorizationCodes.add(code, context: context) {
            case .added: return .code(text, session: account.session)
            case .tooOften: return .tooOften
            case .sessionEnded: return .signIn(askedAt: now, isAgain: false)
            }
        case .idToken:
            let token = try await identify.idToken(
                of: account, for: request.clientID, scopes: request.scopes, nonce: request.nonce, accessToken: nil,
                settings: settings)
            try await store.audit.record(
                AuditEvent(
                    "openid.signed_in", session: account.session, ticket: account.sessionTicket,
                    login: account.customer.login, reason: "client \(request.clientID)", context: context))
            return .idToken(token, session: account.session)
        }
    }

    private func subject(ofHint hint: String, clientID: String, _ settings: Settings) async throws -> String? {
        let published = try await keys.published(settings)
        return try? IDTokenHint(hint, issuer: identify.issuer, keys: published, clientID: clientID).subject
    }
}

/// What a client's request comes to.
public enum AuthorizationAnswer: Sendable, Hashable {
    /// A secret: it goes to the client's redirect URI and into no log.
    case code(String, session: UUID)
    /// As secret as a code, and only for the client that asked.
    case idToken(String, session: UUID)
    /// The customer has to open a link first.
    ///
    /// - `askedAt`: to be kept with the request, by the database's clock.
    /// - `isAgain`: there is a session, but not one that the client takes.
    case signIn(askedAt: Date, isAgain: Bool)
    /// The client allowed no page.
    case loginRequired
    /// The ID token that the client sent along is none of ours.
    case badHint
    /// The client comes back again and again: it does not take what it gets.
    case tooOften
}
