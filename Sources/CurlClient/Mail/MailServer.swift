/// Where mails are submitted, and how.
public struct MailServer: Sendable, Equatable, CustomStringConvertible {
    /// When the connection is encrypted with `STARTTLS` (RFC 3207).
    public enum StartTLS: String, Sendable, CaseIterable {
        /// Always, and the certificate must be valid for the host: else nothing is sent.
        case required
        /// If the server offers it, and then without a look at the certificate: against listeners, not against
        /// somebody in the middle.
        case opportunistic
        /// Not at all.
        case never
    }

    /// Why a URL names no mail server.
    public enum URLError: Error, Sendable, Equatable, CustomStringConvertible {
        /// It is not `smtp://host[:port]` or `smtps://host[:port]`, or has a path, a password or an unknown option.
        case malformed
        /// `starttls` is neither `required`, `opportunistic` nor `never`, or the scheme is `smtps`.
        case invalidStartTLS
        /// It has a user name, and would send the password to another host without TLS being required.
        case passwordInTheClear

        /// One sentence, without the URL.
        public var description: String {
            switch self {
            case .malformed:
                "a mail server is written as smtp://[user@]host[:port][?starttls=...] or smtps://[user@]host[:port]"
            case .invalidStartTLS:
                "starttls is one of required, opportunistic and never, and for smtp:// only"
            case .passwordInTheClear:
                "with a user name, starttls must be required unless the mail server is on this host"
            }
        }
    }

    /// The host's name or address; an IPv6 address in brackets.
    public let host: String

    /// The port: by default 25 for `smtp`, 465 for `smtps`.
    public let port: Int

    /// Whether TLS starts with the connection (`smtps`).
    public let isImplicitTLS: Bool

    /// Without meaning where TLS is implicit.
    public let startTLS: StartTLS

    /// The name to authenticate as; nil: without authentication.
    public let user: String?

    /// The password of ``user``.
    public var password: String?

    /// A PEM file with the only certificate authorities that the server may be certified by; nil: the system's.
    public var certificateAuthorityFile: String?

    /// The name that `EHLO` gives; nil: this host's. A name with other than letters, digits, `.`, `-`, `_`, `:` and
    /// brackets is not used.
    public var heloName: String?

    /// How long a conversation may take, from the name's resolution to the last reply. The wait for a free
    /// connection is not counted.
    public var timeout: Duration

    /// How long the name's resolution and the connection may take.
    public var connectTimeout: Duration

    /// Reads `smtp://[user@]host[:port][?starttls=required|opportunistic|never]` or `smtps://[user@]host[:port]`.
    /// `starttls` is `required` by default, but `opportunistic` for a loopback host, whose mail server rarely has a
    /// certificate for that name. Throws ``URLError``.
    public init(
        url: String,
        password: String? = nil,
        certificateAuthorityFile: String? = nil,
        heloName: String? = nil,
        timeout: Duration = .seconds(30),
        connectTimeout: Duration = .seconds(10)
    ) throws(URLError) {
        guard let parsed = ParsedURL(url, schemes: ["smtp", "smtps"]),
            parsed.password == nil, parsed.path == "/" || parsed.path.isEmpty, !parsed.hasFragment
        else { throw .malformed }
        let isLoopback = parsed.isLoopback
        let isImplicitTLS = parsed.scheme == "smtps"
        let startTLS = try Self.startTLS(
            query: parsed.query, isImplicitTLS: isImplicitTLS, default: isLoopback ? .opportunistic : .required)
        if parsed.user != nil, !isLoopback, !isImplicitTLS, startTLS != .required {
            throw .passwordInTheClear
        }
        self.host = parsed.host
        self.port = parsed.port
        self.isImplicitTLS = isImplicitTLS
        self.startTLS = startTLS
        self.user = parsed.user
        self.password = password
        self.certificateAuthorityFile = certificateAuthorityFile
        self.heloName = heloName
        self.timeout = timeout
        self.connectTimeout = connectTimeout
    }

    /// Scheme, host and port, without user and password.
    public var description: String { "\(isImplicitTLS ? "smtps" : "smtp")://\(host):\(port)" }

    private static func startTLS(
        query: String?, isImplicitTLS: Bool, default: StartTLS
    ) throws(URLError) -> StartTLS {
        guard let query, !query.isEmpty else { return `default` }
        let parts = query.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "starttls" else { throw .malformed }
        guard !isImplicitTLS, let startTLS = StartTLS(rawValue: String(parts[1])) else { throw .invalidStartTLS }
        return startTLS
    }
}
