import Foundation

/// What the authorization rules know of a registered client.
public struct RelyingParty: Sendable, Hashable {
    public let id: String
    /// Compared as they stand, byte for byte (RFC 9700, 2.1).
    public let redirectURIs: [String]
    /// A public client has no secret, and always needs PKCE.
    public let isPublic: Bool
    /// A confidential client may be let off PKCE, because some cannot do it.
    public let mayOmitPKCE: Bool
    /// May have its ID token posted through the browser.
    public let mayUseIDToken: Bool

    public init(
        id: String, redirectURIs: [String], isPublic: Bool = false, mayOmitPKCE: Bool = false,
        mayUseIDToken: Bool = false
    ) {
        self.id = id
        self.redirectURIs = redirectURIs
        self.isPublic = isPublic
        self.mayOmitPKCE = mayOmitPKCE
        self.mayUseIDToken = mayUseIDToken
    }

    /// True when this URI was registered.
    public func isRegistered(_ redirectURI: String) -> Bool {
        redirectURIs.contains { $0.hasSameBytes(as: redirectURI) }
    }

    /// True when a request of this client must carry a code challenge.
    public var needsPKCE: Bool { isPublic || !mayOmitPKCE }
}
