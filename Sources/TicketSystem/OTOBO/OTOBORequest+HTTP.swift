import CurlClient

extension OTOBORequest {
    /// The request for the HTTP client.
    func http(timeout: Duration, maximumBodySize: Int) -> HTTPRequest {
        var headers = [(name: "Accept", value: "application/json")]
        // Without this exact type the desk takes the body for an empty one.
        if !body.isEmpty { headers.append((name: "Content-Type", value: "application/json; charset=utf-8")) }
        return HTTPRequest(
            method: method, url: url, headers: headers, body: body.isEmpty ? nil : body, timeout: timeout,
            maximumBodySize: maximumBodySize)
    }
}
