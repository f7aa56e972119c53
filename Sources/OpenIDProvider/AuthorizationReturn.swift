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
        let query = fields(answer: answer, issuer: issuer).map { "\($0.name)=\(FormParameters.encode($0.value))" }
            .joined(separator: "&")
        return redirectURI + (redirectURI.contains("?") ? "&" : "?") + query
    }

    /// The fields of the form that is posted to the redirect URI (OAuth 2.0 Form Post Response Mode, 2), in order.
    ///
    /// They are as they came: whoever writes the page escapes them.
    public func fields(answer: [(name: String, value: String)], issuer: String) -> [FormParameters.Pair] {
        var all = answer.map { FormParameters.Pair(name: $0.name, value: $0.value) }
        if let state { all.append(FormParameters.Pair(name: "state", value: state)) }
        all.append(FormParameters.Pair(name: "iss", value: issuer))
        return all
    }
}
