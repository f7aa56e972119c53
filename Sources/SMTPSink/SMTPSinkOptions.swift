/// What the sink offers when all is well.
public struct SMTPSinkOptions: Sendable {
    /// A user and a password that a client must authenticate with.
    public struct Credentials: Sendable {
        /// The user's name.
        public var user: String
        /// The password.
        public var password: String

        /// Credentials for `AUTH PLAIN` and `AUTH LOGIN`.
        public init(user: String, password: String) {
            self.user = user
            self.password = password
        }
    }

    /// The name in the greeting and in the reply to `EHLO`.
    public var hostName: String

    /// If set, `AUTH` is offered, and `MAIL` is refused before it.
    public var credentials: Credentials?

    /// The largest message, in bytes; announced by `SIZE`.
    public var maximumMessageSize: Int

    /// Whether addresses may have other than ASCII characters (RFC 6531).
    public var supportsSMTPUTF8: Bool

    /// How many mails are kept in memory; older ones are forgotten.
    public var maximumMails: Int

    /// The defaults: no authentication, 32 MiB, SMTPUTF8, the last 10,000 mails.
    public init(
        hostName: String = "sink.test",
        credentials: Credentials? = nil,
        maximumMessageSize: Int = 32 << 20,
        supportsSMTPUTF8: Bool = true,
        maximumMails: Int = 10_000
    ) {
        self.hostName = hostName
        self.credentials = credentials
        self.maximumMessageSize = maximumMessageSize
        self.supportsSMTPUTF8 = supportsSMTPUTF8
        self.maximumMails = max(1, maximumMails)
    }
}
