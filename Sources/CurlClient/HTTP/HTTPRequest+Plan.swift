import CLibCurl

extension HTTPRequest {
    /// The request as options of libcurl's; throws ``CurlError`` for what cannot be sent.
    ///
    /// - Parameter isNew: no kept-alive connection is used.
    func plan(
        _ configuration: CurlConfiguration, now: ContinuousClock.Instant, overNewConnection isNew: Bool = false
    ) throws(CurlError) -> TransferPlan {
        guard let parsed = ParsedURL(url, schemes: ["http", "https"]), parsed.user == nil, parsed.password == nil else {
            throw CurlError(.invalidURL, wasSent: false)
        }
        guard isSendable else { throw CurlError(.refusedHeader, wasSent: false) }
        let body = bodyToSend
        return TransferPlan(
            origin: unixSocket.map { "\(parsed.origin) at \($0)" } ?? parsed.origin,
            deadline: now + timeout,
            upload: body,
            isRepeatable: isIdempotent,
            maximumBodySize: maximumBodySize
        ) { handle in
            setConnection(handle, configuration)
            setMessage(handle, body: body, configuration)
            if isNew { handle.set(CURLOPT_FRESH_CONNECT, 1) }
        }
    }

    private func setConnection(_ handle: EasyHandle, _ configuration: CurlConfiguration) {
        handle.set(CURLOPT_URL, url)
        handle.set(CURLOPT_PROTOCOLS_STR, "http,https")
        handle.set(CURLOPT_PROXY, "")
        // One request at a time on a connection: what was sent and what was answered can be told apart.
        handle.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        handle.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds: connectTimeout)
        handle.setCertificateAuthority(configuration.certificateAuthorityFile)
        if let unixSocket { handle.set(CURLOPT_UNIX_SOCKET_PATH, unixSocket) }
        // libcurl repeats a request of its own accord if a kept-alive connection was closed without an answer. With a
        // body it needs the seek function for that; without, a new connection is the way to keep it from doing so.
        if !isIdempotent, bodyToSend?.length ?? 0 == 0 { handle.set(CURLOPT_FRESH_CONNECT, 1) }
    }

    private func setMessage(_ handle: EasyHandle, body: HTTPUpload?, _ configuration: CurlConfiguration) {
        if method == .head {
            handle.set(CURLOPT_NOBODY, 1)
        } else {
            // For a header with a declared length this comes before the first byte; a limit of 0 would be none.
            handle.set(CURLOPT_MAXFILESIZE_LARGE, size: max(1, maximumBodySize))
        }
        if let body {
            handle.set(CURLOPT_UPLOAD, 1)
            handle.set(CURLOPT_INFILESIZE_LARGE, size: body.length)
        }
        handle.set(CURLOPT_CUSTOMREQUEST, method.rawValue)
        // libcurl reads "Name:" as "leave this field out", and "Name;" as "send it without a value".
        let lines = headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        handle.set(CURLOPT_HTTPHEADER, list: lines + ["Expect:"])
        if !headers.contains(where: { $0.name.lowercased() == "user-agent" }) {
            handle.set(CURLOPT_USERAGENT, configuration.userAgent)
        }
        if let credentials {
            handle.set(CURLOPT_HTTPAUTH, 1)  // CURLAUTH_BASIC
            handle.set(CURLOPT_USERNAME, credentials.user)
            handle.set(CURLOPT_PASSWORD, credentials.password)
        }
    }

    private var bodyToSend: HTTPUpload? {
        let body = upload ?? body.map { HTTPUpload($0) }
        switch method {
        case .head: return nil
        case .post, .put, .patch: return body ?? HTTPUpload([])
        default: return body
        }
    }

    /// RFC 9110, section 9.2.2; a method that is not known here is not.
    private var isIdempotent: Bool {
        [.get, .head, .put, .delete, .options].contains(method)
    }

    private var isSendable: Bool {
        guard method.rawValue.isToken else { return false }
        if let credentials {
            let text = credentials.user + credentials.password
            guard !credentials.user.contains(":"), !text.utf8.contains(0) else { return false }
        }
        return headers.allSatisfy { name, value in
            name.isToken && value.isFieldValue
                && !["content-length", "transfer-encoding", "expect"].contains(name.lowercased())
        }
    }
}

extension EasyHandle {
    /// Nil leaves the system's authorities; a file takes their place.
    func setCertificateAuthority(_ file: String?) {
        guard let file else { return }
        set(CURLOPT_CAINFO, file)
        set(CURLOPT_CAPATH, nil)
    }
}

extension String {
    /// RFC 9110, section 5.6.2
    fileprivate var isToken: Bool {
        !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"):
                    true
                default:
                    "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// RFC 9110, section 5.5, and nothing that ends a line.
    fileprivate var isFieldValue: Bool {
        utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
    }
}
