import Foundation

/// A request to the token endpoint (RFC 6749, 4.1.3; OpenID Connect Core, 3.1.3.1).
///
/// Two steps, so that the caller can read the code's row in between: the form first, then what it asks for.
public struct TokenRequest: Sendable, Hashable {
    /// Names the row to read.
    public let code: String
    let redirectURI: String
    let clientID: String?
    let codeVerifier: String?

    /// Reads the form. Unknown parameters are ignored (RFC 6749, 3.2).
    public init(form: FormParameters) throws(TokenError) {
        guard form.repeatedName == nil, let grantType = form["grant_type"] else { throw .invalidRequest }
        guard grantType.hasSameBytes(as: "authorization_code") else { throw .unsupportedGrantType }
        // Every authorization request names its redirect URI, so every token request must (RFC 6749, 4.1.3).
        guard let code = form["code"], let redirectURI = form["redirect_uri"] else { throw .invalidRequest }
        self.code = code
        self.redirectURI = redirectURI
        clientID = form["client_id"]
        codeVerifier = form["code_verifier"]
    }

    /// Judges the request against the stored code.
    ///
    /// - Parameters:
    ///   - client: the one that authenticated; a public client, the one that was named.
    ///   - stored: nil when no such code is known.
    ///   - lifetime: of a code, in seconds; at most ten minutes (RFC 6749, 4.1.2).
    /// - Returns: for `.exchange` the caller spends the code in one conditional statement; who finds it spent by
    ///   another in between has a replay.
    public func judged(
        against stored: StoredCode?, client: RelyingParty, now: Date, lifetime: Int
    ) -> TokenOutcome {
        if let clientID, !clientID.hasSameBytes(as: client.id) { return .refused(.invalidClient) }
        guard let stored else { return .refused(.invalidGrant) }
        // First of all: whoever shows it, and however late, a second showing means that two hold the code.
        if stored.isUsed { return .replay }
        guard stored.clientID.hasSameBytes(as: client.id), stored.redirectURI.hasSameBytes(as: redirectURI),
            now.timeIntervalSince(stored.issuedAt) < TimeInterval(lifetime),
            // A client that was let off PKCE when the code was made may have lost that since.
            stored.codeChallenge != nil || !client.needsPKCE,
            CodeChallenge.isMet(stored.codeChallenge, by: codeVerifier)
        else { return .refused(.invalidGrant) }
        return .exchange
    }
}

/// What is known of a code that was given out.
public struct StoredCode: Sendable, Hashable {
    public let clientID: String
    public let redirectURI: String
    public let codeChallenge: String?
    public let issuedAt: Date
    public let isUsed: Bool

    public init(clientID: String, redirectURI: String, codeChallenge: String?, issuedAt: Date, isUsed: Bool) {
        self.clientID = clientID
        self.redirectURI = redirectURI
        self.codeChallenge = codeChallenge
        self.issuedAt = issuedAt
        self.isUsed = isUsed
    }
}

/// What happens to a token request.
public enum TokenOutcome: Sendable, Hashable {
    /// Spend the code and give out tokens.
    case exchange
    /// Refuse; the code stays as it is, so that a stranger's attempt does not cost the client its sign-in.
    case refused(TokenError)
    /// Refuse with `invalid_grant`, and revoke what this code gave before (RFC 6749, 4.1.2 and 10.5).
    case replay

    /// The error that goes out; nil for an exchange.
    public var error: TokenError? {
        switch self {
        case .exchange: nil
        case .refused(let error): error
        case .replay: .invalidGrant
        }
    }
}

/// An error code of RFC 6749, 5.2.
public enum TokenError: String, Error, Sendable {
    case invalidRequest = "invalid_request"
    case invalidClient = "invalid_client"
    case invalidGrant = "invalid_grant"
    case unsupportedGrantType = "unsupported_grant_type"

    /// The HTTP status; a 401 also names the scheme `Basic` in `WWW-Authenticate` (RFC 6749, 5.2).
    public var status: Int { self == .invalidClient ? 401 : 400 }
}
