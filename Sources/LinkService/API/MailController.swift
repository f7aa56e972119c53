import Foundation
import HTTPTypes
import Hummingbird
import IncomingMail
import LinkActs
import LinkStore
import MailMessage
import OneTimeLinks
import OutgoingMail

/// The mail filters for programs: a raw message in, the message to hand on, or its edits, out.
struct MailController: Sendable {
    let service: LinkServiceDependencies
    let gate: APIGate
    /// Where mails are read and decided about.
    private let work = MailWork()

    init(service: LinkServiceDependencies, gate: APIGate) {
        self.service = service
        self.gate = gate
    }

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
        let message = try await message(request)
        let (header, length) = try await work { try Self.header(of: message) }
        let envelopeSender = request.uri.queryParameters["envelopeSender"].map(String.init)
        let settings = service.settings()
        let filter = try await InboundFilter(
            store: service.store, directory: try service.customers(settings), desk: service.desk, settings: settings)
        let filtered = try await filter(
            header, envelopeSender: envelopeSender, context: context.facts(request))
        var headers: HTTPFields = [.contentType: "message/rfc822"]
        headers[.outcome] = filtered.outcome.word
        headers[.removedFields] = "\(filtered.removedFields)"
        let edit = MessageEdit(range: 0..<length, replacement: filtered.header.serialised)
        let edited = try EditedMessage(message, edits: [edit])
        let body = ResponseBody(contentLength: edited.length) { writer in
            for piece in MailPieces(of: edited) { try await writer.write(try await read(piece)) }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// The filter for outgoing mail: the raw message in, JSON with the mails to hand on out, in their order: as edits of the message if
    /// the request accepts those, else whole. The query's `recipient`, as often as there are any, says who gets it; without one the
    /// header does. With `tooLarge` the message stands for a larger one, and gets no token.
    @Sendable func filterOutbound(
        _ key: StoredAPIKey, _ request: Request, _ context: LinkServiceContext
    ) async throws -> Response {
        let message = try await message(request)
        let recipients = request.uri.queryParameters.getAll("recipient", as: String.self)
        let (baseURL, ticketURL) = (service.baseURL, service.deskTicketURL)
        let settings = service.settings()
        let (offer, allowance, facts) = (service.offer, service.allowance(of: key), context.facts(request))
        let filter = OutboundFilter(
            offer: {
                try await offer(
                    $0, allowance: allowance, settings: settings, actor: "api-key \(key.name)", context: facts)
            },
            linkURL: { baseURL.link(token: $0) }, ticketURL: { ticketURL + $0.text }, work: work)
        let filtered = try await filter(
            message, recipients: recipients.isEmpty ? nil : recipients,
            isTooLarge: request.uri.queryParameters["tooLarge"] == "1", settings: settings)
        context.logger.log(
            level: filtered.outcome == .limited ? .warning : .info, "An outgoing mail was filtered",
            metadata: ["outcome": "\(filtered.outcome.word)"])
        for warning in filtered.warnings {
            context.logger.warning(
                "\(warning.sentence)", metadata: ["reason": "\(warning.rawValue)", "bytes": "\(message.length)"])
        }
        if OutboundEdits.isAccepted(by: request.headers[.accept]) {
            var response = try Response.json(OutboundEdits(filtered), status: .ok)
            response.headers[.contentType] = "\(OutboundEdits.mediaType);version=\(OutboundEdits.version)"
            return response
        }
        return try wholeMails(filtered)
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

    // MARK: Mails in and out

    /// The message that the request carries, in a file if there is a directory for it.
    private func message(_ request: Request) async throws -> SpooledMessage {
        let limit = service.largestMail
        let tooLarge = Problem(
            .contentTooLarge, "The message is larger than \(limit >> 20) MiB.", code: "mail-too-large")
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge }
        let spool = try MessageSpool(directory: service.spoolDirectory, limit: limit)
        do {
            // Chunks as the network brings them are small; a file is written in larger ones.
            var collected: [UInt8] = []
            for try await chunk in request.body {
                collected += chunk.readableBytesView
                guard collected.count >= MailPieces.length else { continue }
                let piece = collected
                collected = []
                try await work { try spool.append(piece[...]) }
            }
            let rest = collected
            try await work { try spool.append(rest[...]) }
        } catch MessageStreamError.bodyTooLong {
            throw tooLarge
        }
        let message = spool.finish()
        guard message.length > 0 else { throw Problem(.badRequest, "There is no message in the body.") }
        return message
    }

    /// The header section of a message, and its length in bytes; all of a message that is nothing else.
    private static func header(of message: SpooledMessage) throws -> (HeaderBlock, length: Int) {
        for limit in [1 << 16, HeaderBlock.longest] {
            let start = try message.bytes(in: 0..<min(limit, message.length))
            guard let length = HeaderBlock.length(in: start) ?? (start.count == message.length ? start.count : nil)
            else { continue }
            let header = HeaderBlock(parsing: start[..<length])
            guard header.fields.count <= HeaderBlock.mostFields else { break }
            return (header, length)
        }
        throw Problem(
            .contentTooLarge,
            "The header section is longer than \(HeaderBlock.longest >> 20) MiB or has more than \(HeaderBlock.mostFields) "
                + "fields. Refuse the mail for good; no later try will find it shorter.")
    }

    private func read(_ piece: MailPieces.Piece) async throws -> ByteBuffer {
        ByteBuffer(bytes: try await work { try piece.bytes() })
    }

    /// The answer for programs that know no edits: JSON with the messages in base64, written piece by piece.
    private func wholeMails(_ filtered: FilteredOutboundMail) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        func json(_ value: some Encodable) throws -> String {
            String(decoding: try encoder.encode(value), as: UTF8.self)
        }
        let outcome = try json(filtered.outcome.word)
        let mails = try filtered.mails.enumerated().map { number, mail in
            let link = mail.link.map { "\"link\":\"\($0.text)\"," } ?? ""
            return (
                head: (number == 0 ? "" : ",") + "{\(link)\"message\":\"",
                pieces: MailPieces(of: try EditedMessage(filtered.message, edits: mail.edits)),
                tail: "\",\"recipients\":\(try json(mail.recipients))}"
            )
        }
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(string: "{\"mails\":["))
            for mail in mails {
                try await writer.write(ByteBuffer(string: mail.head))
                var base64 = Base64Pieces()
                for piece in mail.pieces { try await writer.write(base64.encode(try await read(piece))) }
                try await writer.write(base64.end())
                try await writer.write(ByteBuffer(string: mail.tail))
            }
            try await writer.write(ByteBuffer(string: "],\"outcome\":\(outcome)}"))
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "application/json"], body: body)
    }
}

/// A message with edits in pieces that are read one after the other.
struct MailPieces: Sequence, Sendable {
    static let length = 1 << 18

    struct Piece: Sendable {
        fileprivate enum Content {
            case range(SpooledMessage, Range<Int>)
            case bytes([UInt8])
        }

        fileprivate let content: Content

        func bytes() throws -> [UInt8] {
            switch content {
            case .range(let message, let range): try message.bytes(in: range)
            case .bytes(let bytes): bytes
            }
        }
    }

    private let pieces: [Piece]

    init(of message: EditedMessage) {
        var pieces: [Piece] = []
        var position = 0
        func add(to end: Int) {
            while position < end {
                let next = Swift.min(position + Self.length, end)
                pieces.append(Piece(content: .range(message.source, position..<next)))
                position = next
            }
        }
        for edit in message.edits {
            add(to: edit.range.lowerBound)
            if !edit.replacement.isEmpty { pieces.append(Piece(content: .bytes(edit.replacement))) }
            position = edit.range.upperBound
        }
        add(to: message.source.length)
        self.pieces = pieces
    }

    func makeIterator() -> IndexingIterator<[Piece]> { pieces.makeIterator() }
}

/// Base64 of bytes that come in pieces of any length.
struct Base64Pieces {
    private var rest: [UInt8] = []

    mutating func encode(_ bytes: ByteBuffer) -> ByteBuffer {
        let all = rest + bytes.readableBytesView
        let whole = all.count / 3 * 3
        rest = Array(all[whole...])
        return ByteBuffer(string: Data(all[..<whole]).base64EncodedString())
    }

    mutating func end() -> ByteBuffer {
        defer { rest = [] }
        return ByteBuffer(string: Data(rest).base64EncodedString())
    }
}

extension HTTPField.Name {
    fileprivate static let outcome = Self("X-Otalink-Outcome") ?? .date
    fileprivate static let removedFields = Self("X-Otalink-Removed-Fields") ?? .date
}
