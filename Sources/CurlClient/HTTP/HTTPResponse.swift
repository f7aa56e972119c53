/// A complete answer of an HTTP server, whatever its status.
public struct HTTPResponse: Sendable {
    /// The status code, 200 to 599; interim answers (1xx) are skipped.
    public var status: Int

    /// The header fields in the order in which they came.
    public var headers: [(name: String, value: String)]

    /// The body, as it was transferred: a content encoding is neither asked for nor undone.
    public var body: [UInt8]

    /// An answer with the given parts.
    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The value of the first field of that name, upper and lower case being the same; nil if there is none.
    public func header(_ name: String) -> String? {
        headers.first { isSameField($0.name, name) }?.value
    }

    /// The values of all fields of that name, upper and lower case being the same, in their order.
    public func headers(_ name: String) -> [String] {
        headers.filter { isSameField($0.name, name) }.map(\.value)
    }

    /// The body as UTF-8; bytes that are none become U+FFFD.
    public var text: String {
        String(decoding: body, as: UTF8.self)
    }

    private func isSameField(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count && one.lowercased() == other.lowercased()
    }
}
