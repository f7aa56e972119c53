import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import LinkActs
import LinkStore
import MailFlow
import MailMessage
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
        router.post("/mail/inbound", use: filterMail)
    }

    /// Makes a link that the caller has in hand.
    @Sendable func issue(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let key = try await authorise(request, for: .issueLinks)
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
            return try json(body, status: .created)
        case .plainURL(let ticket):
            let body = IssueResponse(
                id: nil, url: service.deskTicketURL + ticket.number.text, ticketNumber: ticket.number.text,
                signsIn: false)
            return try json(body, status: .ok)
        case .refused(let refusal):
            throw Problem(.unprocessableContent, "No link was made.", code: refusal.code)
        }
    }

    /// Takes back a link, and the session that it opened.
    @Sendable func revoke(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        let key = try await authorise(request, for: .revokeLinks)
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
        _ = try await authorise(request, for: .deskEvents)
        let event = try await decode(DeskEvent.self, request, context)
        let outcome = try await service.takeDeskEvent(
            event.hint, settings: service.settings(), context: context.facts(request))
        if outcome == .invisible {
            context.logger.warning(
                "The desk reported a ticket that it does not show us", metadata: ["ticketID": "\(event.hint.ticketID)"])
        }
        // The family's requester wants a JSON object.
        return try json(["Success": 1], status: .ok)
    }

    /// The filter for incoming mail: the raw message in, the message for the desk's reader out, its body byte for byte the
    /// same. `X-Otalink-Outcome` says what was decided, `X-Otalink-Removed-Fields` how many forged fields were taken out.
    @Sendable func filterMail(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        _ = try await authorise(request, for: .inboundMail)
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: Self.largestMail)
        } catch {
            throw Problem(.contentTooLarge, "The message is larger than \(Self.largestMail >> 20) MiB.")
        }
        let bytes = Array(buffer.readableBytesView)
        let length = HeaderBlock.length(in: bytes) ?? bytes.count
        let envelopeSender = request.uri.queryParameters["envelopeSender"].map(String.init)
        let store = service.store
        let filter = InboundFilter(
            customerUsers: store.customerUsers, audit: store.audit,
            followUps: FollowUps(tickets: store.tickets, outbox: store.outbox, desk: service.desk),
            policy: InboundPolicy(settings: service.settings()))
        let filtered = try await filter(
            HeaderBlock(parsing: bytes[..<length]), envelopeSender: envelopeSender, context: context.facts(request))
        var headers: HTTPFields = [.contentType: "message/rfc822"]
        headers[.outcome] = filtered.outcome.word
        headers[.removedFields] = "\(filtered.removedFields)"
        var message = ByteBuffer(bytes: filtered.header.serialised)
        message.writeBytes(bytes[length...])
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: message))
    }

    /// In memory at once, unlike with the command.
    private static let largestMail = 64 << 20

    // MARK: -

    /// The key that the request carries, as a bearer token or as the password of HTTP Basic.
    private func authorise(_ request: Request, for scope: APIScope) async throws -> StoredAPIKey {
        guard let text = APIKeyText(request.headers[.authorization]),
            let key = try await service.store.apiKeys.find(hash: Array(SHA256.hash(data: Data(text.text.utf8))))
        else { throw Problem(.unauthorized, "An API key is needed: as a bearer token, or as the password of Basic.") }
        guard key.scopes.contains(scope) else {
            throw Problem(.forbidden, "This API key lacks the scope \(scope.rawValue).")
        }
        return key
    }

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

    private func json(_ body: some Encodable, status: HTTPResponse.Status) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(data: try encoder.encode(body))))
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

/// The text of an API key in an `Authorization` field.
struct APIKeyText {
    let text: String

    init?(_ field: String?) {
        guard let parts = field?.split(separator: " ", maxSplits: 1), parts.count == 2 else { return nil }
        switch parts[0].lowercased() {
        case "bearer": text = parts[1].trimmingCharacters(in: .whitespaces)
        case "basic":
            guard let data = Data(base64Encoded: String(parts[1])),
                let password = String(decoding: data, as: UTF8.self).split(
                    separator: ":", maxSplits: 1, omittingEmptySubsequences: false
                ).last
            else { return nil }
            text = String(password)
        default: return nil
        }
    }
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

extension HTTPField.Name {
    fileprivate static let outcome = Self("X-Otalink-Outcome") ?? .date
    fileprivate static let removedFields = Self("X-Otalink-Removed-Fields") ?? .date
}
