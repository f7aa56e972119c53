import Foundation

/// A request to the authorization endpoint that was judged and found good (OpenID Connect Core, 3.1.2.1).
public struct AuthorizationRequest: Sendable, Hashable {
    public enum ResponseType: String, Sendable { case code, idToken = "id_token" }
    public enum ResponseMode: String, Sendable { case query, formPost = "form_post" }
    public enum Prompt: String, Sendable { case none, login, consent, selectAccount = "select_account" }

    public let clientID: String
    public let redirectURI: String
    public let responseType: ResponseType
    public let responseMode: ResponseMode
    public let scopes: Set<String>
    /// Goes back as it came.
    public let state: String?
    public let nonce: String?
    public let prompts: Set<Prompt>
    /// Seconds since the customer signed in, at most.
    public let maxAge: Int?
    /// The S256 challenge (RFC 7636, 4.2).
    public let codeChallenge: String?
    /// An ID token of ours: only the customer whom it names is wanted.
    public let idTokenHint: String?
    /// What the customer may have signed in as before: an address to be proposed, and nothing more.
    public let loginHint: String?
}

/// Why a request to the authorization endpoint is refused.
public enum AuthorizationRefusal: Error, Sendable, Hashable {
    /// Client or redirect URI cannot be trusted: a page of ours, never a redirect (RFC 6749, 4.1.2.1).
    case page(PageReason)
    /// Goes to the redirect URI as an OAuth error.
    case redirect(OAuthError, AuthorizationReturn)

    public enum PageReason: Sendable, Hashable { case tooLong, unreadable, repeated, unknownClient, wrongRedirectURI }
}

/// An error code of RFC 6749, 4.1.2.1 and OpenID Connect Core, 3.1.2.6.
public enum OAuthError: String, Sendable {
    case invalidRequest = "invalid_request"
    case unsupportedResponseType = "unsupported_response_type"
    case unauthorizedClient = "unauthorized_client"
    case invalidScope = "invalid_scope"
    case loginRequired = "login_required"
    case requestNotSupported = "request_not_supported"
    case requestURINotSupported = "request_uri_not_supported"
    case registrationNotSupported = "registration_not_supported"
}

/// A request to the authorization endpoint of which no more is known than whose it says it is.
///
/// Two steps, so that the caller can read the client's row in between: the client's id first, then the rest.
public struct ReceivedAuthorizationRequest: Sendable, Hashable {
    /// The longest request that is read, in bytes.
    public static let maximumLength = 16_384

    /// Names the row to read.
    public let clientID: String
    private let parameters: FormParameters

    /// The request again, in one spelling, to be kept or to be sent anew.
    public var encoded: String { parameters.encoded }

    /// Reads a request.
    ///
    /// - Parameter encoded: the query of a GET or the body of a POST.
    /// - Throws: `AuthorizationRefusal.page`; nothing here can be trusted with a redirect.
    public init(encoded: String) throws(AuthorizationRefusal) {
        guard encoded.utf8.count <= Self.maximumLength else { throw .page(.tooLong) }
        guard let parameters = FormParameters(encoded: encoded) else { throw .page(.unreadable) }
        // A request that names two clients or two URIs has none that can be trusted.
        for name in ["client_id", "redirect_uri"] where parameters.pairs.count(where: { $0.name == name }) > 1 {
            throw .page(.repeated)
        }
        guard let clientID = parameters["client_id"] else { throw .page(.unknownClient) }
        self.clientID = clientID
        self.parameters = parameters
    }

    /// Judges the request.
    ///
    /// - Parameter client: the one registered under `clientID`; nil when there is none.
    public func judged(for client: RelyingParty?) throws(AuthorizationRefusal) -> AuthorizationRequest {
        guard let client, client.id.hasSameBytes(as: clientID) else { throw .page(.unknownClient) }
        guard let redirectURI = parameters["redirect_uri"], client.isRegistered(redirectURI) else {
            throw .page(.wrongRedirectURI)
        }
        return try AuthorizationRequest.judge(parameters, of: client, redirectURI: redirectURI)
    }
}

extension AuthorizationRequest {
    /// The longest nonce, in bytes: it goes into every ID token.
    static let longestNonce = 1_000

    fileprivate static func judge(
        _ parameters: FormParameters, of client: RelyingParty, redirectURI: String
    ) throws(AuthorizationRefusal) -> AuthorizationRequest {
        let mode = parameters["response_mode"].map { ResponseMode(rawValue: $0) }
        let back = AuthorizationReturn(
            redirectURI: redirectURI, state: parameters["state"],
            mode: (mode ?? nil) == .formPost && client.mayUseIDToken ? .formPost : .query)
        // Browsers change line ends in a form, so such a state could not go back as it came. It may not hold any (RFC 6749, A.5).
        if back.mode == .formPost, back.state?.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) == true {
            throw .page(.unreadable)
        }
        func refuse(_ error: OAuthError) -> AuthorizationRefusal { .redirect(error, back) }

        if parameters.repeatedName != nil { throw refuse(.invalidRequest) }
        if parameters["request"] != nil { throw refuse(.requestNotSupported) }
        if parameters["request_uri"] != nil { throw refuse(.requestURINotSupported) }
        if parameters["registration"] != nil { throw refuse(.registrationNotSupported) }
        guard let typeName = parameters["response_type"] else { throw refuse(.invalidRequest) }
        guard let type = ResponseType(rawValue: typeName) else { throw refuse(.unsupportedResponseType) }
        let scopes = Set((parameters["scope"] ?? "").split(separator: " ").map(String.init))
        guard scopes.contains("openid") else { throw refuse(.invalidScope) }
        if mode == .some(nil) { throw refuse(.invalidRequest) }
        let responseMode = mode.flatMap { $0 } ?? .query
        if responseMode == .formPost || type == .idToken, !client.mayUseIDToken { throw refuse(.unauthorizedClient) }
        // An ID token must not stand in a URL, and without a nonce it could be replayed (Core, 3.2.2.1).
        if type == .idToken, responseMode != .formPost || parameters["nonce"] == nil { throw refuse(.invalidRequest) }
        guard isGoodNonce(parameters["nonce"]), let prompts = prompts(parameters["prompt"] ?? "") else {
            throw refuse(.invalidRequest)
        }
        let maxAge = parameters["max_age"].map { Int($0) }
        if let maxAge, (maxAge ?? -1) < 0 { throw refuse(.invalidRequest) }
        guard CodeChallenge.isGood(parameters, of: client, type: type) else { throw refuse(.invalidRequest) }
        return AuthorizationRequest(
            clientID: client.id, redirectURI: redirectURI, responseType: type, responseMode: responseMode,
            scopes: scopes, state: parameters["state"], nonce: parameters["nonce"], prompts: prompts,
            maxAge: maxAge ?? nil, codeChallenge: parameters["code_challenge"],
            idTokenHint: parameters["id_token_hint"], loginHint: parameters["login_hint"])
    }

    private static func isGoodNonce(_ nonce: String?) -> Bool {
        guard let nonce else { return true }
        return nonce.utf8.count <= longestNonce && !nonce.utf8.contains { $0 < 0x20 }
    }

    /// Nil for an unknown one, for one that stands twice, and for `none` beside another.
    private static func prompts(_ text: String) -> Set<Prompt>? {
        let words = text.split(separator: " ")
        let prompts = Set(words.compactMap { Prompt(rawValue: String($0)) })
        guard prompts.count == words.count, !prompts.contains(.none) || prompts.count == 1 else { return nil }
        return prompts
    }
}
