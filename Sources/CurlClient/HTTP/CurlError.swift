/// Why no complete answer came. An answer with an error status is an ``HTTPResponse``, not an error.
public struct CurlError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong.
    public enum Kind: Sendable, Equatable {
        /// The URL is malformed, or has a user name, or is neither `http` nor `https`.
        case invalidURL
        /// The request's method, a header field or the credentials cannot be sent as they are.
        case refusedHeader
        /// The host's name has no address, or the resolver did not say.
        case couldNotResolve
        /// Nobody listens there, or the network is not reachable.
        case couldNotConnect
        /// One of the request's two time-outs passed.
        case timedOut
        /// The handshake failed or the certificate was not accepted. The reason may name the host.
        case tls(reason: String)
        /// The body is longer than the request allows, or the header longer than 256 KiB.
        case bodyTooLarge
        /// The connection ended before the answer was complete.
        case cutShort
        /// Anything else, under libcurl's number for it (libcurl-errors(3)).
        case other(code: Int32)
    }

    /// What went wrong.
    public var kind: Kind

    /// Whether the peer may have received the request, in part at least. If not, it can be repeated without harm.
    public var wasSent: Bool

    /// An error as a ``CurlClient`` throws it.
    public init(_ kind: Kind, wasSent: Bool) {
        self.kind = kind
        self.wasSent = wasSent
    }

    /// Whether the connection had ended before a byte of the request was sent. A server that closes a kept-alive connection just then is
    /// no failure of it.
    var isOfClosedConnection: Bool { kind == .cutShort && !wasSent }

    /// Whether the peer answered a handshake with something that is no TLS.
    public var isPlainPort: Bool {
        guard case .tls(let reason) = kind else { return false }
        return TLSFailure.isPlainPort(reason)
    }

    /// One line without the URL, credentials, header fields or body.
    public var description: String {
        kind.sentence + (wasSent ? " (the request may have arrived)" : " (the request was not sent)")
    }
}

extension CurlError.Kind {
    fileprivate var sentence: String {
        switch self {
        case .invalidURL: "the URL cannot be used"
        case .refusedHeader: "a header field, the method or the credentials cannot be sent"
        case .couldNotResolve: "the host's name could not be resolved"
        case .couldNotConnect: "no connection could be made"
        case .timedOut: "the time allowed has passed"
        case .tls(let reason): "TLS failed: \(reason)"
        case .bodyTooLarge: "the answer is larger than allowed"
        case .cutShort: "the connection ended before the answer was complete"
        case .other(let code): "libcurl failed with code \(code)"
        }
    }
}
