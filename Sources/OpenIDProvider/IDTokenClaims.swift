import Crypto
import Foundation

/// The claims of an ID token (OpenID Connect Core, 2 and 3.1.3.6).
///
/// There is no `acr` and no `amr`: no registered value says "followed a link in a mail".
public struct IDTokenClaims: Sendable, Hashable, Encodable {
    public let issuer: String
    /// One string, never an array: a desk would want an `azp` then.
    public let audience: String
    public let issuedAt: Date
    public let expiresAt: Date
    public let signIn: SignIn
    public let nonce: String?
    /// The access token that goes out beside the ID token; its hash is `at_hash`.
    public let accessToken: String?
    public let customer: CustomerClaims

    /// When and in which session the customer signed in.
    public struct SignIn: Sendable, Hashable {
        public let at: Date
        /// An opaque name of the session, not its secret.
        public let sessionID: String

        public init(at: Date, sessionID: String) {
            self.at = at
            self.sessionID = sessionID
        }
    }

    /// Seconds by which `iat` is before the moment of issue: a client whose clock is behind ours by less takes it.
    public static let clockTolerance: TimeInterval = 5

    /// - Parameter lifetime: seconds, from now on.
    public init(
        issuer: String, audience: String, customer: CustomerClaims, signIn: SignIn, nonce: String?,
        accessToken: String?, now: Date, lifetime: Int
    ) {
        self.issuer = issuer
        self.audience = audience
        self.customer = customer
        self.signIn = signIn
        self.nonce = nonce
        self.accessToken = accessToken
        issuedAt = now.addingTimeInterval(-Self.clockTolerance)
        expiresAt = now.addingTimeInterval(TimeInterval(lifetime))
    }

    /// The left half of the access token's SHA-256 (OpenID Connect Core, 3.1.3.6).
    static func hash(of accessToken: String) -> String {
        Base64URL.encode(SHA256.hash(data: Data(accessToken.utf8)).prefix(16))
    }

    public func encode(to encoder: any Encoder) throws {
        try customer.encode(to: encoder)
        var claims = encoder.container(keyedBy: CodingKeys.self)
        try claims.encode(issuer, forKey: .iss)
        try claims.encode(audience, forKey: .aud)
        try claims.encode(Self.seconds(issuedAt), forKey: .iat)
        try claims.encode(Self.seconds(expiresAt), forKey: .exp)
        try claims.encode(Self.seconds(signIn.at), forKey: .authTime)
        try claims.encode(signIn.sessionID, forKey: .sid)
        try claims.encodeIfPresent(nonce, forKey: .nonce)
        try claims.encodeIfPresent(accessToken.map(Self.hash), forKey: .atHash)
    }

    /// Whole seconds, rounded down: a time in the future is refused by clients.
    private static func seconds(_ date: Date) -> Int { Int(date.timeIntervalSince1970.rounded(.down)) }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case iss, aud, iat, exp, sid, nonce
        case authTime = "auth_time"
        case atHash = "at_hash"
    }
}
