import Foundation
import HTTPTypes
import Hummingbird
import LinkActs
import LinkStore
import MailFlow
import MailMessage
import OneTimeLinks

/// The mail filters for programs: a raw message in, the message to hand on out.
struct MailController: Sendable {
    let service: LinkServiceDependencies
    let gate: APIGate

    func addRoutes(to router: RouterGroup<LinkServiceContext>) {
        router.add(middleware: Problems())
        router.serve(.filterInbound, gate, use: filterInbound)
        router.serve(.filterOutbound, gate, use: filterOutbound)
        router.serve(.acceptOutbound, gate, use: takeAcceptance)
    }

    /// The filter for incoming mail, its body byte for byte the same. `X-Otalink-Outcome` says what was decided,
    /// `X-Otalink-Removed-Fields` how many forged fields were taken out.
    @Sendable func filterInbound(
        _ key: StoredAPIKey, _ request: Request, _ context: LinkServiceContext
    ) async throws -> Response {
        let bytes = try await message(request)
        let length = HeaderBlock.length(in: bytes) ?? bytes.count
        let envelopeSender = request.uri.queryParameters["envelopeSender"].map(String.init)
        let settings = service.settings()
        let filter = InboundFilter(
            store: service.store, directory: try service.customers(settings), desk: service.desk, settings: settings)
        let filtered = try await filter(
            HeaderBlock(parsing: bytes[..<length]), envelopeSender: envelopeSender, context: context.facts(request))
        var headers: HTTPFields = [.contentType: "message/rfc822"]
        headers[.outcome] = filtered.outcome.word
        headers[.removedFields] = "\(filtered.removedFields)"
        var answer = ByteBuffer(bytes: filtered.header.serialised)
        answer.writeBytes(bytes[length...])
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: answer))
    }

    /// The filter for outgoing mail: the raw message in, JSON with the mails to hand on out, in their order. The query's
    /// `recipient`, as often as there are any, says who gets it; without one the header does.
    @Sendable func filterOutbound(
        _ key: StoredAPIKey, _ request: Request, _ context: LinkServiceContext
    ) async throws -> Response {
        let bytes = try await message(request)
        let recipients = request.uri.queryParameters.getAll("recipient", as: String.self)
        let (baseURL, ticketURL) = (service.baseURL, service.deskTicketURL)
        let filter = OutboundFilter(
            offer: service.offer, linkURL: { baseURL.link(token: $0) }, ticketURL: { ticketURL + $0.text })
        let filtered = try await filter(
            bytes, recipients: recipients.isEmpty ? nil : recipients, settings: service.settings(),
            actor: "api-key \(key.name)", context: context.facts(request))
        context.logger.info("An outgoing mail was filtered", metadata: ["outcome": "\(filtered.outcome.word)"])
        return try Response.json(OutboundAnswer(filtered), status: .ok)
    }

    /// The mail server has taken the mail that carries this link.
    @Sendable func takeAcceptance(
        _ key: StoredAPIKey, _ request: Request, _ context: LinkServiceContext
    ) async throws -> Response {
        guard let link = context.parameters.get("link").flatMap(UUID.init(uuidString:)) else {
            throw Problem(.badRequest, "The id is not the id of a link.")
        }
        let isKnown = try await service.store.outboundLinks.markAccepted(
            link: link, actor: "api-key \(key.name)", context: context.facts(request))
        guard isKnown else { throw Problem(.notFound, "No mail of the desk carries such a link.") }
        return Response(status: .noContent)
    }

    private func message(_ request: Request) async throws -> [UInt8] {
        do {
            let message = Array(try await request.body(upTo: Self.largestMail).readableBytesView)
            guard !message.isEmpty else { throw Problem(.badRequest, "There is no message in the body.") }
            return message
        } catch let error as HTTPError where error.status == .contentTooLarge {
            throw Problem(.contentTooLarge, "The message is larger than \(Self.largestMail >> 20) MiB.")
        }
    }

    /// In memory at once, unlike with the command.
    private static let largestMail = 64 << 20
}

extension HTTPField.Name {
    fileprivate static let outcome = Self("X-Otalink-Outcome") ?? .date
    fileprivate static let removedFields = Self("X-Otalink-Removed-Fields") ?? .date
}
