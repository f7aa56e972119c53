/// One HTTP/1.1 request. Redirects are not followed, cookies are not kept, and the proxies of the environment are
/// not used: what the peer answers is what the caller gets.
public struct HTTPRequest: Sendable {
    /// A method's name, as it stands in the request line.
    public struct Method: Sendable, Hashable, RawRepresentable {
        /// The name, upper case by convention.
        public let rawValue: String

        /// A method that has no constant here. A name that is not a token (RFC 9110, section 5.6.2) is refused when the
        /// request is sent.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// `GET`
        public static let get = Method(rawValue: "GET")
        /// `HEAD`
        public static let head = Method(rawValue: "HEAD")
        /// `POST`
        public static let post = Method(rawValue: "POST")
        /// `PUT`
        public static let put = Method(rawValue: "PUT")
        /// `PATCH`
        public static let patch = Method(rawValue: "PATCH")
        /// `DELETE`
        public static let delete = Method(rawValue: "DELETE")
        /// `OPTIONS`
        public static let options = Method(rawValue: "OPTIONS")
    }

    /// A user's name and password, sent by HTTP Basic.
    public struct Credentials: Sendable, CustomStringConvertible {
        /// The name; a colon in it is refused (RFC 7617, section 2).
        public var user: String
        /// The password.
        public var password: String

        /// Credentials for HTTP Basic.
        public init(user: String, password: String) {
            self.user = user
            self.password = password
        }

        /// The name alone.
        public var description: String { user }
    }

    /// The request's method.
    public var method: Method

    /// An absolute `http` or `https` URL, without a user name.
    public var url: String

    /// Header fields in the order in which they are sent. A field with a CR, LF or NUL, and the fields that frame the
    /// body (`Content-Length`, `Transfer-Encoding`), are refused.
    public var headers: [(name: String, value: String)]

    /// The body. Nil sends none; `POST`, `PUT` and `PATCH` then carry `Content-Length: 0`.
    public var body: [UInt8]?

    /// A body that is read while it is sent, in place of ``body``.
    public var upload: HTTPUpload?

    /// How long the whole request may take, the wait for a free connection included.
    public var timeout: Duration

    /// How long the name's resolution, the connection and its TLS handshake may take together.
    public var connectTimeout: Duration

    /// The largest body that is accepted, in bytes. The transfer ends as soon as one more is declared or arrives.
    public var maximumBodySize: Int

    /// Sent without being asked for.
    public var credentials: Credentials?

    /// The path of a Unix-domain socket to connect to in place of the URL's host and port.
    public var unixSocket: String?

    /// A request with the defaults of a program that talks to a server nearby: 10 s in all, 3 s to connect, 16 MiB.
    public init(
        method: Method = .get,
        url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil,
        timeout: Duration = .seconds(10),
        connectTimeout: Duration = .seconds(3),
        maximumBodySize: Int = 16 << 20,
        credentials: Credentials? = nil,
        unixSocket: String? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.maximumBodySize = maximumBodySize
        self.credentials = credentials
        self.unixSocket = unixSocket
    }
}
