import Foundation
import HTTPTypes
import Hummingbird
import LinkActs
import LinkStore
import OneTimeLinks
import TicketSystem

/// The JSON interface for programs and for the desk.
struct APIController: Sendable {
    let service: LinkServiceDependencies
    let gate: APIGate

    func addRoutes(to router: RouterGroup<LinkServiceContext>) {
        router.add(middleware: Problems())
        router.serve(.issueLink, gate, use: issue)
        router.serve(.listLinks, gate, use: list)
        router.serve(.readLink, gate, use: read)
        router.serve(.revokeLink, gate, use: revoke)
        router.serve(.reportEvent, gate, use: takeEvent)
    }

    /// The links of a ticket, without their tokens.
    @Sendable func list(
        _ key: StoredAPIKey, _ request: Request, _ context: LinkServiceContext
    ) async throws -> Response {
        guard let number = request.uri.queryParameters["ticket"].flatMap({ TicketNumber($0) }) else {
            throw Problem(.badRequest, "The parameter ticket is missing or not a ticket number.")
        }
        let limit = request.uri.queryParameters["limit"].map { Int($0) } ?? 100
        guard let limit, (1...1000).contains(limit) else {
            throw Problem(.badRequest, "The parameter limit is not a number from 1 to 1000.")
        }
        let links = try await service.store.links.list(ticketNumber: number, customerLogin: nil, limit: limit + 1)
        return try Response.json(
            LinksResponse(links: links.prefix(limit).map(LinkResponse.init), hasMore: links.count > limit), status: .ok)
    }

    /// A link, without its token.
    @Sendable func read(
        _ key: StoredAPIKey, _ request: Request, _ context: LinkServiceContext
    ) async throws -> Response {
        guard let link = try await service.store.links.find(id: linkID(context)) else {
            throw Problem(.notFound, "There is no such link.")
        }
        return try Response.json(LinkResponse(link), status: .ok)
    }

    /// Takes back a link, and the session that it opened.
    @Sendable func revoke(
        _ key: StoredAPIKey, _ request: Request, _ context: LinkServiceContext
    ) async throws -> Response {
        let id = try linkID(context)
        let isRevoked = try await service.store.links.revoke(
            id: id, reason: "revoked by a program", actor: "api-key \(key.name)", context: context.facts(request))
        guard isRevoked else { throw Problem(.notFound, "There is no such link, or it was revoked before.") }
        return Response(status: .noContent)
    }

    /// Writes down what the desk's invoker posts; of the body only the event's name and the ids count. The desk is asked afterwards
    /// (`DeskEventWorker`).
    @Sendable func takeEvent(
        _ key: StoredAPIKey, _ request: Request, _ context: LinkServiceContext
    ) async throws -> Response {
        let event = try decode(DeskEvent.self, try await bytes(request))
        try await service.store.deskEvents.note(event.hint, context: context.facts(request))
        // The family's requester wants a JSON object.
        return try Response.json(["Success": 1], status: .ok)
    }

    // MARK: -

    private func linkID(_ context: LinkServiceContext) throws -> UUID {
        guard let id = context.parameters.get("id").flatMap(UUID.init(uuidString:)) else {
            throw Problem(.badRequest, "The id is not the id of a link.")
        }
        return id
    }

    /// The body of a call.
    func bytes(_ request: Request) async throws -> Data {
        Data(try await request.body(upTo: Self.largestBody).readableBytesView)
    }

    private static let largestBody = 256 * 1024

    func decode<Body: Decodable>(_ type: Body.Type, _ body: Data) throws -> Body {
        do {
            return try JSONDecoder().decode(type, from: body)
        } catch {
            throw Problem(.badRequest, "The body is not the JSON object that is wanted here.")
        }
    }
}

/// A link, as programs see it.
struct LinkResponse: Encodable {
    let id: String
    let ticketNumber: String
    let customerLogin: String
    let recipient: String
    let state: String
    let origin: String
    let createdAt: Date
    let usedAt: Date?

    init(_ link: LinkSummary) {
        id = link.id.text
        ticketNumber = link.ticketNumber
        customerLogin = link.customerLogin
        recipient = link.recipient
        state = link.state
        origin = link.origin
        createdAt = link.createdAt
        usedAt = link.usedAt
    }
}

/// The links of a ticket.
struct LinksResponse: Encodable {
    let links: [LinkResponse]
    let hasMore: Bool
}

extension IssueRefusal {
    /// A word for programs.
    var code: String {
        switch self {
        case .customerUnknown: "customer-unknown"
        case .customerInvalid: "customer-invalid"
        case .ticket(let refusal): "ticket-\(refusal.rawValue)"
        }
    }
}
