/// A request as the stand-in desk sees it, free of any HTTP library.
public struct DeskQuestion: Sendable {
    public var method: String
    /// Path and query, as in the request line.
    public var target: String
    /// Names in lower case.
    public var headers: [String: String]
    public var body: [UInt8]
    /// Sessions are bound to it.
    public var clientAddress: String

    public init(
        method: String, target: String, headers: [String: String] = [:], body: [UInt8] = [],
        clientAddress: String = "127.0.0.1"
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.clientAddress = clientAddress
    }

    /// The target up to the query, still escaped.
    var path: String { String(target.prefix { $0 != "?" }) }

    /// The decoded query. Like the desk, `;` separates as well as `&`.
    var query: [(name: String, value: String)] {
        Self.fields(target.drop { $0 != "?" }.dropFirst())
    }

    /// The fields of a form that was sent.
    var form: [(name: String, value: String)] {
        method == "POST" ? Self.fields(String(decoding: body, as: UTF8.self)[...]) : []
    }

    private static func fields(_ text: Substring) -> [(name: String, value: String)] {
        text.split { $0 == "&" || $0 == ";" }.map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (unescaped(parts[0]), parts.count > 1 ? unescaped(parts[1]) : "")
        }
    }

    /// Decodes `%xx` and `+`.
    static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), rest.count >= 2, let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What the stand-in desk answers.
public struct DeskAnswer: Sendable {
    public var status: Int
    public var contentType: String?
    public var headers: [(name: String, value: String)] = []
    public var body: [UInt8]

    public init(status: Int = 200, contentType: String?, body: String) {
        self.status = status
        self.contentType = contentType
        self.body = Array(body.utf8)
    }

    static func json(_ value: DeskJSON, status: Int = 200) -> DeskAnswer {
        DeskAnswer(status: status, contentType: "application/json; charset=UTF-8", body: value.serialized)
    }

    static func text(_ text: String, status: Int = 200) -> DeskAnswer {
        DeskAnswer(status: status, contentType: "text/plain; charset=UTF-8", body: text)
    }

    static func html(_ html: String, status: Int = 200) -> DeskAnswer {
        DeskAnswer(status: status, contentType: "text/html; charset=utf-8", body: html)
    }
}
