extension OTOBOConnector {
    public func articles(ofTicket id: Int64) async throws -> [TicketArticle] {
        guard id > 0 else { throw OTOBOOperation.ticketGet.error(.invisible) }
        // Of the files no more than their names, so that the answer stays small.
        let parameters = [
            ("AllArticles", "1"), ("Attachments", "1"), ("GetAttachmentContents", "0"), ("HTMLBodyAsAttachment", "1"),
        ]
        guard let sent = try await wireTicket(id, parameters: parameters).articles else { return [] }
        guard let list = sent.value else { throw OTOBOOperation.ticketGet.error(.badAnswer(.unexpectedShape)) }
        if list.unreadable > 0 {
            logger.warning(
                "Articles of a ticket cannot be read and are not shown.",
                metadata: ["ticketID": "\(id)", "articles": "\(list.unreadable)"])
        }
        // Bodies in HTML become text, where no request waits for it.
        let elements = list.elements
        let size = elements.reduce(0) { $0 + ($1.body?.value?.text.utf8.count ?? 0) }
        return try await longWork.run(size: size) { [times] in elements.compactMap { $0.article(times: times) } }
    }

    /// Reads one ticket as the desk sends it.
    func wireTicket(_ id: Int64, parameters: [(name: String, value: String)]) async throws -> OTOBOTicket {
        let operation = OTOBOOperation.ticketGet
        do {
            let answer = try await call(
                operation, path: "/Ticket/\(id)", parameters: parameters, as: OTOBOTicketList.self)
            guard let ticket = answer.tickets.first, answer.tickets.count == 1, ticket.ticketID.value == id else {
                throw operation.error(.badAnswer(.otherTicket))
            }
            return ticket
        } catch let error as TicketSystemError where error.kind == .refused(errorCode: operation.accessDenied) {
            throw operation.error(.invisible)
        }
    }
}
