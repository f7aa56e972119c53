import Foundation

/// The address under which customers reach the service; every link is made from it, never from a request.
public struct BaseURL: Sendable, Hashable {
    /// The host alone.
    public let host: String
    /// Scheme, host and port: `https://tickets.example.org`.
    public let origin: String
    /// Empty, or a path without a slash at its end: `/otalink`.
    public let pathPrefix: String
    /// False for plain http, which is allowed for loopback only.
    public let isSecure: Bool

    /// - Throws: `BaseURLError`, with what to do about it.
    public init(_ text: String) throws(BaseURLError) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(), let host = parts.host,
            !host.isEmpty, ["http", "https"].contains(scheme)
        else { throw .notAnAddress }
        guard parts.query == nil, parts.fragment == nil, parts.user == nil else { throw .hasMoreThanPath }
        guard scheme == "https" || Self.isLoopback(host) else { throw .notSecure }
        self.host = host
        isSecure = scheme == "https"
        origin = "\(scheme)://\(host)" + (parts.port.map { ":\($0)" } ?? "")
        var path = parts.percentEncodedPath
        while path.hasSuffix("/") { path.removeLast() }
        pathPrefix = path
    }

    /// True for a host that is this machine, so that nothing sent there crosses a network.
    public static func isLoopback(_ host: String) -> Bool {
        let bare = host.trimmingCharacters(in: ["[", "]"])
        return bare.lowercased() == "localhost" || bare == "::1" || AddressRange("127.0.0.0/8")?.contains(bare) == true
    }

    /// The address of a path of the service, such as `/l/...`.
    public func url(_ path: String) -> String { origin + pathPrefix + path }

    /// The link that carries a token.
    public func link(token: String) -> String { url("/l/\(token)") }
}

/// Why a base URL is refused.
public enum BaseURLError: Error, CustomStringConvertible {
    case notAnAddress, hasMoreThanPath, notSecure

    public var description: String {
        switch self {
        case .notAnAddress:
            "OTALINK_BASE_URL is not an address. Set it to what customers type, such as https://tickets.example.org"
        case .hasMoreThanPath: "OTALINK_BASE_URL must not have a query, a fragment or a user name. Leave them out."
        case .notSecure:
            "OTALINK_BASE_URL is not https. Links sign people in, so plain http is allowed for loopback only."
        }
    }
}
