import HTTPTypes
import Hummingbird
import MailFlow
import MailMessage
import OneTimeLinks

/// The mail filters for programs: a raw message in, the message to hand on out.
struct MailController: Sendable {
    let service: LinkServiceDependencies

    func addRoutes(to router: RouterGroup<LinkServiceContext>) {
        router.add(middleware: Problems())
        router.post("/mail/inbound", use: filterInbound)
    }

    /// The filter for incoming mail, its body byte for byte the same. `X-Otalink-Outcome` says what was decided,
    /// `X-Otalink-Removed-Fields` how many forged fields were taken out.
    @Sendable func filterInbound(_ request: Request, _ context: LinkServiceContext) async throws -> Response {
        _ = try await service.authorise(request, for: .inboundMail)
        let bytes = try await message(request)
        let length = HeaderBlock.length(in: bytes) ?? bytes.count
        let envelopeSender = request.uri.queryParameters["envelopeSender"].map(String.init)
        let settings = service.settings()
        let store = service.store
        let filter = InboundFilter(
            store: store, directory: try service.customers(settings),
            followUps: FollowUps(tickets: store.tickets, outbox: store.outbox, desk: service.desk),
            policy: InboundPolicy(settings: settings))
        let filtered = try await filter(
            HeaderBlock(parsing: bytes[..<length]), envelopeSender: envelopeSender, context: context.facts(request))
        var headers: HTTPFields = [.contentType: "message/rfc822"]
        headers[.outcome] = filtered.outcome.word
        headers[.removedFields] = "\(filtered.removedFields)"
        var answer = ByteBuffer(bytes: filtered.header.serialised)
        answer.writeBytes(bytes[length...])
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: answer))
    }

    private func message(_ request: Request) async throws -> [UInt8] {
        do {
            return Array(try await request.body.collect(upTo: Self.largestMail).readableBytesView)
        } catch {
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
