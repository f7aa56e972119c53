import HTTPTypes
import Hummingbird
import LinkStore
import OneTimeLinks
import OutgoingMail

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
    /// Serves an operation to programs that have a key of its scope. Refused keys are told of, and of an event of the desk whatever
    /// else it was refused for.
    func serve(
        _ operation: APIOperation, _ gate: APIGate,
        use handler: @escaping @Sendable (StoredAPIKey, Request, LinkServiceContext) async throws -> Response
    ) {
        on(RouterPath(operation.path), method: operation.method) { request, context in
            let key: StoredAPIKey
            do {
                key = try await gate.authorise(request, for: operation.scope, context)
            } catch let problem as Problem {
                await gate.refused.note(
                    operation, problem.status, code: problem.code, facts: context.facts(request), logger: context.logger
                )
                throw problem
            }
            do {
                return try await handler(key, request, context)
            } catch  where operation.id == APIOperation.reportEvent.id {
                let problem = error as? Problem
                if let status = problem?.status ?? (error as? HTTPError)?.status, status.kind == .clientError {
                    await gate.refused.note(
                        operation, status, code: problem?.code, facts: context.facts(request), logger: context.logger)
                }
                throw error
            }
        }
    }
}
