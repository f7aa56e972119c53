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

    func addRoutes(to router: RouterGroup<LinkServiceContext>) {
        router.add(middleware: Problems())
        router.post("/links", use: issue)
        router.post("/links/{id}/revoke", use: revoke)
        router.post("/desk/events", use: takeEvent)
    }

    /// Makes a link that the caller has in hand.
    @Sendable func issue(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let key = try await service.authorise(request, for: .issueLinks)
        let wish = try await decode(IssueRequest.self, request, context)
        guard let number = TicketNumber(wish.ticketNumber) else {
            throw Problem(.badRequest, "ticketNumber is not a ticket number.")
        }
        let answer = try await service.issue(
            ticketNumber: number, customerLogin: wish.customerLogin, settings: service.settings(),
            actor: "api-key \(key.name)", context: context.facts(request))
        switch answer {
        case .issued(let id, let token, let ticket):
            let body = IssueResponse(
                id: id.text, url: service.baseURL.link(token: token),
                ticketNumber: ticket.number.text,
                signsIn: true)
            return try Response.json(body, status: .created)
        case .plainURL(let ticket):
            let body = IssueResponse(
                id: nil, url: service.deskTicketURL + ticket.number.text, ticketNumber: ticket.number.text,
                signsIn: false)
            return try Response.json(body, status: .ok)
        case .refused(let refusal):
            throw Problem(.unprocessableContent, "No link was made.", code: refusal.code)
        }
    }

    /// Takes back a link, and the session that it opened.
    @Sendable func revoke(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let key = try await service.authorise(request, for: .revokeLinks)
        guard let id = context.parameters.get("id").flatMap(UUID.init(uuidString:)) else {
            throw Problem(.badRequest, "The id is not the id of a link.")
        }
        let isRevoked = try await service.store.links.revoke(
            id: id, reason: "revoked by a program", actor: "api-key \(key.name)", context: context.facts(request))
        guard isRevoked else { throw Problem(.notFound, "There is no such link, or it was revoked before.") }
        return Response(status: .noContent)
    }

    /// Takes note of what the desk's invoker posts; of the body only the event's name and the ids count.
    @Sendable func takeEvent(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        _ = try await service.authorise(request, for: .deskEvents)
        let event = try await decode(DeskEvent.self, request, context)
        let outcome = try await service.takeDeskEvent(
            event.hint, settings: service.settings(), context: context.facts(request))
        if outcome == .invisible {
            context.logger.warning(
                "The desk reported a ticket that it does not show us", metadata: ["ticketID": "\(event.hint.ticketID)"])
        }
        // The family's requester wants a JSON object.
        return try Response.json(["Success": 1], status: .ok)
    }

    // MARK: -

    private func decode<Body: Decodable>(
        _ type: Body.Type, _ request: Request, _ context: LinkServiceContext
    ) async throws -> Body {
        let buffer = try await request.body.collect(upTo: 256 * 1024)
        do {
            return try JSONDecoder().decode(type, from: Data(buffer.readableBytesView))
        } catch {
            throw Problem(.badRequest, "The body is not the JSON object that is wanted here.")
        }
    }
}

/// A wish for a link.
struct IssueRequest: Decodable {
    let ticketNumber: String
    let customerLogin: String
}

/// A link, in hand.
struct IssueResponse: Encodable {
    /// Nil when the person has a password and gets the desk's own address.
    let id: String?
    let url: String
    let ticketNumber: String
    let signsIn: Bool
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
