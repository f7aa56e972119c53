extension OTOBOConnector {
    public func origin(ofTicket id: Int64) async throws -> TicketOrigin? {
        let operation = OTOBOOperation.ticketGet
        guard id > 0 else { throw operation.error(.invisible) }
        do {
            let parameters = [("AllArticles", "1"), ("ArticleOrder", "ASC"), ("ArticleLimit", "1")]
            let answer = try await call(
                operation, path: "/Ticket/\(id)", parameters: parameters, as: OTOBOBeginningList.self)
            guard let ticket = answer.tickets.first, answer.tickets.count == 1, ticket.ticketID.value == id else {
                throw operation.error(.badAnswer(.otherTicket))
            }
            return ticket.articles?.first?.origin
        } catch let error as TicketSystemError where error.kind == .refused(errorCode: operation.accessDenied) {
            throw operation.error(.invisible)
        }
    }
}

/// The answer of `TicketGet`, of which only the first article counts.
private struct OTOBOBeginningList: Decodable, Sendable {
    var tickets: [OTOBOBeginning]

    private enum CodingKeys: String, CodingKey {
        case tickets = "Ticket"
    }
}

private struct OTOBOBeginning: Decodable, Sendable {
    var ticketID: WireInteger
    var articles: [OTOBOFirstArticle]?

    private enum CodingKeys: String, CodingKey {
        case ticketID = "TicketID"
        case articles = "Article"
    }

    /// Articles that make no sense are none: then nothing is decided in favour of the ticket.
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        ticketID = try container.decode(WireInteger.self, forKey: .ticketID)
        articles = try? container.decode([OTOBOFirstArticle].self, forKey: .articles)
    }
}

private struct OTOBOFirstArticle: Decodable, Sendable {
    var senderType: WireText?
    var channel: WireText?
    var from: WireText?
    var to: WireText?
    var subject: WireText?
    var messageID: WireText?

    private enum CodingKeys: String, CodingKey {
        case senderType = "SenderType"
        case channel = "CommunicationChannelID"
        case from = "From"
        case to = "To"
        case subject = "Subject"
        case messageID = "MessageID"
    }

    /// The desk's number of the channel `Email`; calls have 2, notes and forms 3. Desks without channels name none.
    private static let mailChannel = "1"

    var origin: TicketOrigin {
        let channel = channel?.text ?? ""
        let messageID = messageID?.text ?? ""
        return TicketOrigin(
            sender: TicketArticle.Sender(senderType?.text ?? ""),
            isMail: channel.isEmpty || channel == Self.mailChannel || !messageID.isEmpty, from: from?.text ?? "",
            to: to?.text ?? "", subject: subject?.text ?? "", messageID: messageID)
    }
}
