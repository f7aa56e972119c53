import Foundation

/// The document at `/.well-known/openid-configuration` (OpenID Connect Discovery 1.0, 3; RFC 8414, 2).
public struct DiscoveryDocument: Sendable, Hashable, Encodable {
    let issuer: String
    let authorizationEndpoint: String
    let tokenEndpoint: String
    let userinfoEndpoint: String
    let jwksUri: String
    let endSessionEndpoint: String
    let scopesSupported = Scope.allCases.map(\.rawValue)
    let responseTypesSupported = ["code", "id_token"]
    let responseModesSupported = ["query", "form_post"]
    /// `implicit` belongs to the response type `id_token` (Dynamic Client Registration 1.0, 2); no access token
    /// ever passes through the browser.
    let grantTypesSupported = ["authorization_code", "implicit"]
    let subjectTypesSupported = ["public"]
    let idTokenSigningAlgValuesSupported = [JSONWebToken.algorithm]
    let tokenEndpointAuthMethodsSupported = ["client_secret_basic", "client_secret_post", "none"]
    let codeChallengeMethodsSupported = ["S256"]
    let promptValuesSupported = ["none", "login", "consent", "select_account"]
    let claimsSupported: [String]
    let authorizationResponseIssParameterSupported = true
    // Said in so many words: left out, `request_uri` would count as supported.
    let requestParameterSupported = false
    let requestUriParameterSupported = false
    let claimsParameterSupported = false

    /// Where the endpoints are, each below the issuer, such as `/oidc/token`.
    public struct Paths: Sendable, Hashable {
        let authorization, token, userInfo, keys, endSession: String

        public init(authorization: String, token: String, userInfo: String, keys: String, endSession: String) {
            self.authorization = authorization
            self.token = token
            self.userInfo = userInfo
            self.keys = keys
            self.endSession = endSession
        }
    }

    /// - Parameter issuer: without a slash at the end; byte for byte the `iss` of every ID token.
    public init(issuer: String, paths: Paths) {
        self.issuer = issuer
        authorizationEndpoint = issuer + paths.authorization
        tokenEndpoint = issuer + paths.token
        userinfoEndpoint = issuer + paths.userInfo
        jwksUri = issuer + paths.keys
        endSessionEndpoint = issuer + paths.endSession
        claimsSupported =
            (IDTokenClaims.CodingKeys.allCases.map(\.rawValue) + CustomerClaims.CodingKeys.allCases.map(\.rawValue))
            .sorted()
    }

    enum CodingKeys: String, CodingKey {
        case issuer
        case authorizationEndpoint = "authorization_endpoint"
        case tokenEndpoint = "token_endpoint"
        case userinfoEndpoint = "userinfo_endpoint"
        case jwksUri = "jwks_uri"
        case endSessionEndpoint = "end_session_endpoint"
        case scopesSupported = "scopes_supported"
        case responseTypesSupported = "response_types_supported"
        case responseModesSupported = "response_modes_supported"
        case grantTypesSupported = "grant_types_supported"
        case subjectTypesSupported = "subject_types_supported"
        case idTokenSigningAlgValuesSupported = "id_token_signing_alg_values_supported"
        case tokenEndpointAuthMethodsSupported = "token_endpoint_auth_methods_supported"
        case codeChallengeMethodsSupported = "code_challenge_methods_supported"
        case promptValuesSupported = "prompt_values_supported"
        case claimsSupported = "claims_supported"
        case authorizationResponseIssParameterSupported = "authorization_response_iss_parameter_supported"
        case requestParameterSupported = "request_parameter_supported"
        case requestUriParameterSupported = "request_uri_parameter_supported"
        case claimsParameterSupported = "claims_parameter_supported"
    }
}
