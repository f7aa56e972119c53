import HTTPTypes
import Hummingbird
import OneTimeLinks

/// Reads the address of a link as mail programs, chats and people hand it on, before a route is looked for: what is glued to its end may
/// have slashes in it (`/l/TOKEN</a>`), and the last slash may be escaped (`/l%2FTOKEN`).
struct ForgivenLinks<Next: HTTPResponder<LinkServiceContext>>: HTTPResponder {
    let pathPrefix: String
    let next: Next

    func respond(to request: Request, context: LinkServiceContext) async throws -> Response {
        guard let path = LinkPath.forgiven(request.head.path ?? "", prefix: pathPrefix) else {
            return try await next.respond(to: request, context: context)
        }
        var head = request.head
        head.path = path
        return try await next.respond(to: Request(head: head, body: request.body), context: context)
    }
}

/// The path of a link.
enum LinkPath {
    private static let name = Array("/l".utf8)
    private static let escapedSlashes = [Array("%2F".utf8), Array("%2f".utf8)]

    /// The path as the service writes it, with the query that came with it; nil: it is so already, or there is no token in it.
    ///
    /// - Parameters:
    ///   - path: of a request, with its query.
    ///   - prefix: the path of the service.
    static func forgiven(_ path: String, prefix: String) -> String? {
        let path = path.utf8
        guard path.starts(with: prefix.utf8), path.dropFirst(prefix.utf8.count).starts(with: name) else { return nil }
        let rest = path.dropFirst(prefix.utf8.count + name.count)
        let end = rest.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? rest.endIndex
        let token: Substring.UTF8View
        if rest.first == UInt8(ascii: "/") {
            token = rest[..<end].dropFirst()
            if isPlain(token) { return nil }
        } else {
            guard escapedSlashes.contains(where: { rest.starts(with: $0) }) else { return nil }
            token = rest[..<end].dropFirst(3)
        }
        guard let text = TokenText.read(TokenText.percentDecoded(token), length: KeyRing.textLength) else { return nil }
        return prefix + "/l/" + text + (String(rest[end...]) ?? "")
    }

    /// True for a token alone, or with a step of ours behind it.
    private static func isPlain(_ text: Substring.UTF8View) -> Bool {
        let end = text.firstIndex(of: UInt8(ascii: "/")) ?? text.endIndex
        return text.distance(from: text.startIndex, to: end) == KeyRing.textLength
            && text[..<end].allSatisfy(\.isLetterOrDigit)
    }
}
