/// What holds for every transfer of a ``CurlClient``.
public struct CurlConfiguration: Sendable {
    /// How many HTTP connections may be open at one time, idle ones included. Requests beyond that wait,
    /// and their time-out runs while they do.
    public var maximumConnections: Int

    /// How many HTTP requests may be under way at one time to one scheme, host and port.
    public var maximumConnectionsPerHost: Int

    /// How many mails may be under way at one time, each on a connection and a thread of its own.
    public var maximumMailConnections: Int

    /// A PEM file with the only certificate authorities that HTTPS peers may be certified by; nil: the system's.
    /// Mail servers have their own in ``MailServer/certificateAuthorityFile``.
    public var certificateAuthorityFile: String?

    /// The `User-Agent` of requests that do not carry one.
    public var userAgent: String

    /// Limits below one count as one.
    public init(
        maximumConnections: Int = 32,
        maximumConnectionsPerHost: Int = 16,
        maximumMailConnections: Int = 4,
        certificateAuthorityFile: String? = nil,
        userAgent: String = "otalink"
    ) {
        self.maximumConnections = max(1, maximumConnections)
        self.maximumConnectionsPerHost = max(1, maximumConnectionsPerHost)
        self.maximumMailConnections = max(1, maximumMailConnections)
        self.certificateAuthorityFile = certificateAuthorityFile
        self.userAgent = userAgent
    }
}
