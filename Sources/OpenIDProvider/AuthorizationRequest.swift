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
}

/// Why a request to the authorization endpoint is refused.
public enum AuthorizationRefusal: Error, Sendable, Hashable {
    /// Client or redirect URI cannot be trusted: a page of ours, never a redirect (RFC 6749, 4.1.2.1).
    case page(PageReason)
    /// Goes to the redirect URI as an OAuth error.
    case redirect(OAuthError, AuthorizationReturn)

    public enum PageReason: Sendable, Hashable { case tooLong, repeated, unknownClient, wrongRedirectURI }
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

extension AuthorizationRequest {
    /// The longest request that is read, in bytes.
    public static let maximumLength = 16_384

    /// Judges a request.
    ///
    /// - Parameters:
    ///   - encoded: the query of a GET or the body of a POST.
    ///   - client: finds a registered client by its id.
    /// - Throws: `AuthorizationRefusal`.
    public static func judge(
        encoded: String, client find: (String) -> RelyingParty?
    ) throws(AuthorizationRefusal) -> AuthorizationRequest {
        guard encoded.utf8.count <= maximumLength else { throw .page(.tooLong) }
        guard let parameters = FormParameters(encoded: encoded) else { throw .page(.wrongRedirectURI) }
        // A request that names two clients or two URIs has none that can be trusted.
        if let name = parameters.repeatedName, ["client_id", "redirect_uri"].contains(name) { throw .page(.repeated) }
        guard let client = parameters["client_id"].flatMap(find) else { throw .page(.unknownClient) }
        guard let redirectURI = parameters["redirect_uri"], client.isRegistered(redirectURI) else {
            throw .page(.wrongRedirectURI)
        }
        return try judge(parameters, of: client, redirectURI: redirectURI)
    }

    private static func judge(
        _ parameters: FormParameters, of client: RelyingParty, redirectURI: String
    ) throws(AuthorizationRefusal) -> AuthorizationRequest {
        let mode = parameters["response_mode"].map { ResponseMode(rawValue: $0) }
        let back = AuthorizationReturn(
            redirectURI: redirectURI, state: parameters["state"],
            mode: (mode ?? nil) == .formPost && client.mayUseIDToken ? .formPost : .query)
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
        let words = (parameters["prompt"] ?? "").split(separator: " ")
        let prompts = Set(words.compactMap { Prompt(rawValue: String($0)) })
        guard prompts.count == words.count, !prompts.contains(.none) || prompts.count == 1 else {
            throw refuse(.invalidRequest)
        }
        let maxAge = parameters["max_age"].map { Int($0) }
        if let maxAge, (maxAge ?? -1) < 0 { throw refuse(.invalidRequest) }
        guard CodeChallenge.isGood(parameters, of: client, type: type) else { throw refuse(.invalidRequest) }
        return AuthorizationRequest(
            clientID: client.id, redirectURI: redirectURI, responseType: type, responseMode: responseMode,
            scopes: scopes, state: parameters["state"], nonce: parameters["nonce"], prompts: prompts,
            maxAge: maxAge ?? nil, codeChallenge: parameters["code_challenge"])
    }
}
