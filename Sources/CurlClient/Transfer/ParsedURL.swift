import CLibCurl

/// The parts of a URL, as libcurl itself reads it: two readers that disagree about the host would be a hole.
struct ParsedURL {
    let scheme: String
    /// Decoded; an IPv6 address in brackets.
    let host: String
    let port: Int
    let user: String?
    let password: String?
    let path: String
    let query: String?
    let hasFragment: Bool

    /// Nil if the URL is malformed or of another scheme.
    init?(_ text: String, schemes: Set<String>) {
        guard !text.utf8.contains(0), let handle = curl_url() else { return nil }
        defer { curl_url_cleanup(handle) }
        guard curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK else { return nil }

        func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
            var value: UnsafeMutablePointer<CChar>?
            guard curl_url_get(handle, part, &value, UInt32(flags)) == CURLUE_OK, let value else { return nil }
            defer { curl_free(value) }
            return String(cString: value)
        }

        guard let scheme = part(CURLUPART_SCHEME), schemes.contains(scheme),
            let host = part(CURLUPART_HOST), !host.isEmpty,
            let port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap({ Int($0) })
        else { return nil }
        self.scheme = scheme
        self.host = host
        self.port = port
        self.user = part(CURLUPART_USER, CURLU_URLDECODE)
        self.password = part(CURLUPART_PASSWORD, CURLU_URLDECODE)
        self.path = part(CURLUPART_PATH) ?? ""
        self.query = part(CURLUPART_QUERY)
        self.hasFragment = part(CURLUPART_FRAGMENT) != nil
    }

    var isLoopback: Bool {
        host == "localhost" || host == "[::1]" || host == "127.0.0.1"
            || (host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." })
    }

    /// Requests with the same origin can share a connection.
    var origin: String {
        "\(scheme)://\(host.lowercased()):\(port)"
    }
}
