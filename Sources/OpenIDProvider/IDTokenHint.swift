import Foundation

/// An ID token of ours that a client hands back at logout (OpenID Connect RP-Initiated Logout 1.0, 2).
public struct IDTokenHint: Sendable, Hashable {
    public let subject: String
    /// The session that the token was made for.
    public let sessionID: String?
    /// The client that the token was made for; the caller finds out whether it is still registered.
    public let clientID: String

    /// Reads a hint.
    ///
    /// An expired one is good: a provider should accept the token of a current or recent session even after `exp`
    /// (RP-Initiated Logout 1.0, 2), and a customer signs out after an hour, not after a minute. It only names a
    /// session to end; it never signs anybody in.
    ///
    /// - Parameters:
    ///   - keys: the published keys. A caller that still knows older ones may add them.
    ///   - clientID: the request's `client_id`, if it has one: the token must be for that client (same section).
    public init(
        _ token: String, issuer: String, keys: [JSONWebKey], clientID: String?
    ) throws(JSONWebToken.Refusal) {
        let bytes = try JSONWebToken.verify(token, keys: keys)
        // `aud` is one string in every ID token of ours; an array was not made here.
        guard let claims = try? JSONDecoder().decode(Claims.self, from: bytes), !claims.sub.isEmpty else {
            throw .malformed
        }
        guard claims.iss.hasSameBytes(as: issuer) else { throw .issuer }
        guard claims.aud.hasSameBytes(as: clientID ?? claims.aud) else { throw .audience }
        subject = claims.sub
        sessionID = claims.sid
        self.clientID = claims.aud
    }

    private struct Claims: Decodable {
        let iss: String
        let sub: String
        let aud: String
        /// Not compared with anything, but every ID token has them (OpenID Connect Core, 2).
        let exp: Int
        let iat: Int
        let sid: String?
    }
}
