import HTTPTypes
import Hummingbird
import LinkStore
import MailFlow
import OneTimeLinks

/// One operation of the JSON interface: where it is, which scope it needs, and what its description says. The routes are made from
/// it, and so is the description, so that neither can have what the other lacks.
struct APIOperation: Sendable {
    /// What a call carries or an answer brings.
    struct Content: Sendable {
        let mediaType: String
        /// The name of a schema of the description; nil: any bytes.
        let schema: String?

        static func json(_ schema: String) -> Content { Content(mediaType: "application/json", schema: schema) }
        static let edits = Content(mediaType: OutboundEdits.mediaType, schema: "OutboundEdits")
        static let mail = Content(mediaType: "message/rfc822", schema: nil)
    }

    struct Parameter: Sendable {
        enum Place: String, Sendable { case path, query, header }

        let name: String
        let place: Place
        var isRequired = false
        let schema: JSONValue
        let description: String
    }

    struct Answer: Sendable {
        let status: Int
        let description: String
        var content: Content?
        /// Another form of it, for those who ask for it by `Accept`.
        var otherContent: Content?
        /// Header fields that come with it.
        var headers: [String: String] = [:]
    }

    /// The name by which generated clients call it.
    let id: String
    let method: HTTPRequest.Method
    /// Below `/api/v1`.
    let path: String
    let scope: APIScope
    let summary: String
    let description: String
    var parameters: [Parameter] = []
    var body: Content?
    /// Without those that every operation has.
    let answers: [Answer]
}

extension RouterGroup<LinkServiceContext> {
    /// Serves an operation to whoever has a key of its scope.
    func serve(
        _ operation: APIOperation, _ gate: APIGate,
        use handler: @escaping @Sendable (StoredAPIKey, Request, LinkServiceContext) async throws -> Response
    ) {
        on(RouterPath(operation.path), method: operation.method) { request, context in
            let key = try await gate.authorise(request, for: operation.scope, context)
            return try await handler(key, request, context)
        }
    }
}
