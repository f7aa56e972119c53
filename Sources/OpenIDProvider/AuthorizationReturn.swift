import Foundation

/// Where an answer to an authorization request goes, and what must go back with it.
public struct AuthorizationReturn: Sendable, Hashable {
    public let redirectURI: String
    public let state: String?
    public let mode: AuthorizationRequest.ResponseMode

    public init(redirectURI: String, state: String?, mode: AuthorizationRequest.ResponseMode) {
        self.redirectURI = redirectURI
        self.state = state
        self.mode = mode
    }

    /// The URL of an answer in the query; a redirect URI that has a query already keeps it (RFC 6749, 3.1.2).
    ///
    /// - Parameters:
    ///   - answer: names and values, such as `code` or `error`.
    ///   - issuer: goes along as `iss` (RFC 9207).
    public func url(answer: [(name: String, value: String)], issuer: String) -> String {
        var all = answer
        if let state { all.append(("state", state)) }
        all.append(("iss", issuer))
        let query = all.map { "\($0.name)=\(FormParameters.encode($0.value))" }.joined(separator: "&")
        return redirectURI + (redirectURI.contains("?") ? "&" : "?") + query
    }
}
