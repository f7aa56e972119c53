import Foundation
import LinkStore
import OneTimeLinks
import OpenIDProvider
import OpenIDStore

/// The act of signing somebody out at a client's request (OpenID Connect RP-Initiated Logout 1.0).
public struct EndSessionOfHint: Sendable {
    private let store: LinkStore
    private let keys: ProviderKeys
    private let issuer: String

    init(store: LinkStore, keys: ProviderKeys, issuer: String) {
        self.store = store
        self.keys = keys
        self.issuer = issuer
    }

    /// Reads a request. Nothing is changed yet.
    ///
    /// - Parameters:
    ///   - hint: an ID token of ours; whoever has it was told of the sign-in, and may end it.
    ///   - clientID: as the request names it, beside the hint or alone.
    ///   - redirectURI: where the client wants the browser afterwards; followed only if it is registered.
    /// - Throws: an error of the database.
    public func read(
        hint: String?, clientID: String?, redirectURI: String?, settings: Settings
    ) async throws -> SignOutRequest {
        var token: IDTokenHint?
        if let hint {
            let published = try await keys.published(settings)
            token = try? IDTokenHint(hint, issuer: issuer, keys: published, clientID: clientID)
        }
        var target: String?
        if let redirectURI, let id = token?.clientID ?? clientID, ClientName.isAcceptable(id),
            let client = try await store.relyingParties.find(id: id)
        {
            target = client.postLogoutRedirectURIs.first { $0.utf8.elementsEqual(redirectURI.utf8) }
        }
        return SignOutRequest(
            clientID: token?.clientID, subject: token?.subject,
            session: token?.sessionID.flatMap(UUID.init(uuidString:)),
            redirectURI: target, isRefused: redirectURI != nil && target == nil)
    }

    /// True when the request speaks of the person who is signed in; without a hint it speaks of no person.
    public func concerns(_ signedIn: SignedIn, _ asked: SignOutRequest) async throws -> Bool {
        guard let subject = asked.subject else { return false }
        return try await store.subjects.find(login: signedIn.customer.login) == subject
    }

    /// Ends a session, or the one in its place; tokens end with it.
    ///
    /// - Returns: what was ended.
    @discardableResult
    public func end(_ session: UUID, context: RequestContextFacts) async throws -> Set<UUID> {
        try await store.sessions.revoke(
            id: session, reason: "signed out at a client", actor: nil, context: context)
    }
}

/// What a client that signs somebody out has sent.
public struct SignOutRequest: Sendable, Hashable {
    /// The client that its ID token was made for.
    public let clientID: String?
    /// Of whom it speaks; nil without a hint that is ours.
    public let subject: String?
    /// The session that its ID token was made for.
    public let session: UUID?
    /// Where the browser goes afterwards: registered for this client.
    public let redirectURI: String?
    /// The client wanted the browser somewhere that is not registered.
    public let isRefused: Bool
}
